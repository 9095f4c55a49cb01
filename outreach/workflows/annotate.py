"""Tags, notes, files and custom values put on one record: what it is, is looked up first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, update

from outreach.accounts.queries import members_of
from outreach.activity.services import Subject, record
from outreach.contacts import tagging as contact_tags
from outreach.contacts.models import Contact
from outreach.core.errors import Invalid
from outreach.desk.annotations import TAGGED, name_of_record
from outreach.fields.queries import get_field
from outreach.fields.services import set_value
from outreach.notes import services as notes
from outreach.notes.rules import Mentionable
from outreach.prospects import tagging as prospect_tags
from outreach.prospects.models import Prospect
from outreach.tags.queries import get_tag
from outreach.tags.services import ensure_tags

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.notes.models import Attachment, Note
    from outreach.tags.models import Tag

_TAG_USES = {"prospect": prospect_tags.USES, "contact": contact_tags.USES}
_SEARCHED: dict[str, Any] = {"prospect": Prospect, "contact": Contact}


def tag_record(session: Session, subject: Subject, names: str, *, now: datetime) -> list[Tag]:
    """Put tags on a record, made if they are new; commas part several.

    Returns:
        Those it did not carry before.

    Raises:
        NotFound: There is no such record here, or its kind carries no tags.
        Invalid: It is no name for a tag.
    """
    _check(session, subject, tagged=True)
    parts = [part for part in names.split(",") if part.strip()]
    if not parts:
        raise Invalid("Write the name of a tag.")
    tags = {tag.key: tag for tag in ensure_tags(session, parts)}
    new = _TAG_USES[subject.kind].add(session, [subject.id], list(tags))
    added = [tags[tag_id] for _, tag_id in new]
    if added:
        words = ", ".join(f"“{tag.name}”" for tag in added)
        record(session, "tagged", subject, f"Tagged it {words}.", now=now)
    return added


def untag_record(session: Session, subject: Subject, tag_id: int, *, now: datetime) -> Tag:
    """Take a tag off a record.

    Raises:
        NotFound: There is no such record or tag here.
    """
    tag = get_tag(session, tag_id)
    _check(session, subject, tagged=True)
    if _TAG_USES[subject.kind].remove(session, [subject.id], [tag_id]):
        record(session, "untagged", subject, f"Took the tag “{tag.name}” off.", now=now)
    return tag


def note_record(session: Session, subject: Subject, text: str, *, now: datetime) -> Note:
    """Write a note about a record, and call the members it names.

    Raises:
        NotFound: There is no such record here.
        Invalid: It is empty or too long.
    """
    _check(session, subject)
    note = notes.write_note(session, subject, text, mentionable(session), now=now)
    mark_searched_anew(session, subject)
    return note


def attach_to_record(
    session: Session, subject: Subject, filename: str, data: bytes, *, now: datetime
) -> Attachment:
    """Keep a file beside a record.

    Raises:
        NotFound: There is no such record here.
        Invalid: It is empty or too large.
    """
    _check(session, subject)
    return notes.attach_file(session, subject, filename, data, now=now)


def fill_field(
    session: Session, subject: Subject, field_id: int, given: str, *, now: datetime
) -> str:
    """Set or empty a custom field of a record; returns what was there.

    Raises:
        NotFound: There is no such field or record here, or such records have no such field.
        Invalid: It is no value of the field's kind.
    """
    field = get_field(session, field_id)
    _check(session, subject)
    if field.subject.value != subject.kind:
        raise Invalid(f"“{field.name}” is a field of each {field.subject}, not of this.")
    before = set_value(session, field, subject.id, given, now=now)
    mark_searched_anew(session, subject)
    return before


def mentionable(session: Session) -> list[Mentionable]:
    """Return whom a note of this workspace may call: its members."""
    return [
        Mentionable(user.key, user.name, user.email)
        for user, _ in members_of(session, session.workspace_id)
    ]


def mark_searched_anew(session: Session, subject: Subject) -> None:
    """Let the search index read a record's words again."""
    model = _SEARCHED.get(subject.kind)
    if model is not None:
        session.execute(
            update(model)
            .where(col(model.id) == subject.id)
            .values(is_search_stale=True)
            .execution_options(synchronize_session=False)
        )


def _check(session: Session, subject: Subject, *, tagged: bool = False) -> None:
    if tagged and subject.kind not in TAGGED:
        raise Invalid("Only prospects and contacts carry tags.")
    name_of_record(session, subject)
