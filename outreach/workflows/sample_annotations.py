"""What the sample's people added to its records: tags, notes, fields of their own, worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import Subject
from outreach.campaigns.many import value_many
from outreach.campaigns.queries import opportunities_of_prospect
from outreach.fields.services import add_field, set_value
from outreach.fields.words import FieldKind, FieldSubject
from outreach.prospects.queries import prospect_ids
from outreach.prospects.site_facts import SiteFacts, set_facts
from outreach.workflows.annotate import note_record, tag_record
from outreach.workflows.sample_prospects import prospect_of

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.workflows.sample_files import SampleFiles


def add_annotations(session: Session, files: SampleFiles, *, now: datetime) -> None:
    """Tag, describe and note what somebody would have by now."""
    said = files.workspace["annotations"]
    for name, domains in said["tags"].items():
        for prospect_id in prospect_ids(session, domains).values():
            tag_record(session, Subject("prospect", prospect_id), name, now=now)
    for domain, text in said["notes"].items():
        note_record(session, _subject(session, domain), text, now=now)
    for domain, facts in said["sites"].items():
        set_facts(session, prospect_of(session, domain), SiteFacts(**facts))
    for row in said["fields"]:
        field = add_field(
            session,
            FieldSubject.PROSPECT,
            row["name"],
            FieldKind(row["kind"]),
            row["choices"],
            now=now,
        )
        for domain, given in row["values"].items():
            set_value(session, field, prospect_of(session, domain).key, given, now=now)


def add_worth(session: Session, files: SampleFiles, *, now: datetime) -> None:
    """Say what links would be worth, once their opportunities are there."""
    for cents, domains in files.workspace["annotations"]["worth"]:
        ids = prospect_ids(session, domains).values()
        chosen = [row.key for each in ids for row in opportunities_of_prospect(session, each)]
        value_many(session, chosen, cents, now=now)


def _subject(session: Session, domain: str) -> Subject:
    return Subject("prospect", prospect_of(session, domain).key)
