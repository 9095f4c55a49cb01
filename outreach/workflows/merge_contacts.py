"""Merging two contacts with everything that points at them, and parting them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.activity.models import Activity
from outreach.activity.services import Subject, record
from outreach.campaigns.models import Opportunity
from outreach.contacts import merges, services
from outreach.contacts.models import ContactMerge, ContactTag
from outreach.contacts.queries import get_contact, merged_into
from outreach.fields.models import CustomValue
from outreach.mail.models import Conversation, OutboxMessage
from outreach.notes.models import Attachment, Note
from outreach.reminders.models import Reminder
from outreach.sequences import people as sequences
from outreach.sequences.models import Enrollment
from outreach.workflows.keep_contacts import note_sites

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.contacts.rules import ContactDetails
    from outreach.core.db import Database, Scope, Session

    Moved = dict[str, list[int]]

_BY_CONTACT: dict[str, Any] = {
    "opportunity": Opportunity,
    "conversation": Conversation,
    "outbox_message": OutboxMessage,
    "contact_tag": ContactTag,
    "custom_value": CustomValue,
    "enrollment": Enrollment,
}
_BY_SUBJECT: dict[str, Any] = {
    "note": Note,
    "attachment": Attachment,
    "reminder": Reminder,
    "activity": Activity,
}
# A contact has one row for each of these; what both have stays with the one that goes.
_ONLY_ONE: dict[str, Any] = {
    "contact_tag": ContactTag.tag_id,
    "custom_value": CustomValue.custom_field_id,
    "enrollment": Enrollment.opportunity_id,
}


@dataclass(frozen=True, slots=True)
class Merge:
    """Which contact stays, which goes, and what a person chose from both."""

    kept_id: int
    gone_id: int
    choice: ContactDetails


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a merge: its record, and what to tell the person."""

    id: int
    said: str


def merge_contacts(
    database: Database, scope: Scope, merge: Merge, *, key: str, now: datetime
) -> Merged:
    """Merge one contact into another; everything of the one that goes points at the one that stays.

    Where both were enrolled for one opportunity, the sequence of the one that goes is stopped.

    Raises:
        NotFound: One of them is not in this workspace.
        Conflict: It is the same contact, or one of them is past changing.
    """
    with database.writing(scope) as session:
        kept, gone = get_contact(session, merge.kept_id), get_contact(session, merge.gone_id)
        before: dict[str, object] = {
            "kept": merges.snapshot_of(kept),
            "gone": merges.snapshot_of(gone),
            "earlier": [row.key for row in merged_into(session, gone.key)],
        }
        moved = _ids_to_move(session, gone.key, kept.key)
        services.merge_contacts(session, kept, gone, choice=merge.choice, key=key, now=now)
        stopped = _stop_twice_enrolled(session, gone.key, kept.key, now)
        _point(session, moved, gone.key, kept.key)
        note_sites(session, [kept.site_id, gone.site_id])
        before["after"] = merges.snapshot_of(kept)
        row = ContactMerge(kept_id=kept.key, gone_id=gone.key, user_id=scope.user_id,
                           before=before, moved=moved)  # fmt: skip
        session.add(row)
        session.flush()
        said = f"Merged {gone.display_name} into {kept.display_name}."
        if stopped:
            said += " Both were in one sequence; the second was stopped, and parting leaves it so."
        return Merged(row.key, said)


def _ids_to_move(session: Session, gone_id: int, kept_id: int) -> Moved:
    moved: Moved = {}
    for name, table in _BY_CONTACT.items():
        mine = select(table.id).where(table.contact_id == gone_id)
        if name in _ONLY_ONE:
            only = _ONLY_ONE[name]
            theirs = select(only).where(table.contact_id == kept_id, col(only).is_not(None))
            mine = mine.where(col(only).not_in(session.exec(theirs).all()))
        moved[name] = [found for found in session.exec(mine).all() if found is not None]
    for name, table in _BY_SUBJECT.items():
        rows = select(table.id).where(table.subject_type == "contact", table.subject_id == gone_id)
        moved[name] = [found for found in session.exec(rows).all() if found is not None]
    return {name: sorted(ids) for name, ids in moved.items() if ids}


def _stop_twice_enrolled(session: Session, gone_id: int, kept_id: int, now: datetime) -> bool:
    """Stop what both were enrolled for and move the rest; True when something was stopped."""
    state = select(Enrollment.state).where(Enrollment.contact_id == gone_id)
    before = sorted(session.exec(state.order_by(col(Enrollment.id))).all())
    ids = session.exec(select(Enrollment.id).where(Enrollment.contact_id == gone_id)).all()
    sequences.repoint_contact(session, gone_id, kept_id, now=now)
    after = session.exec(select(Enrollment.state).where(col(Enrollment.id).in_(ids))).all()
    return sorted(after) != before


def _point(session: Session, moved: Moved, from_id: int, to_id: int) -> None:
    for name, ids in moved.items():
        is_subject = name in _BY_SUBJECT
        table = _BY_SUBJECT[name] if is_subject else _BY_CONTACT[name]
        column = "subject_id" if is_subject else "contact_id"
        session.execute(
            sa.update(table)
            .where(col(table.id).in_(ids), getattr(table, column) == from_id)
            .values({column: to_id})
            .execution_options(synchronize_session="fetch")
        )


def part_contacts(
    database: Database, scope: Scope, contact_merge_id: int, *, now: datetime
) -> tuple[int, int]:
    """Take a merge back: both contacts are as they were, and what moved is back.

    What happened since stays with the contact that was kept.

    Returns:
        The ids of the contact that was kept, and of the one that is back.

    Raises:
        NotFound: There is no such merge in this workspace.
        Conflict: They were parted already, or a later merge has to be taken back first.
    """
    with database.writing(scope) as session:
        merge = merges.get_merge(session, contact_merge_id)
        kept, gone = merges.part(session, merge, now=now)
        _point(session, merge.moved, kept.key, gone.key)
        note_sites(session, [kept.site_id, gone.site_id])
        for contact, other in ((kept, gone), (gone, kept)):
            said = f"Parted from {other.display_name} again."
            record(session, "parted", Subject("contact", contact.key), said, now=now,
                   details={"contact_id": other.key})  # fmt: skip
        return kept.key, gone.key
