"""Which contacts somebody has built on since a file brought them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.activity.models import Activity
from outreach.campaigns.models import Opportunity
from outreach.contacts.models import Contact, ContactMerge
from outreach.contacts.removal import untouched_contacts
from outreach.fields.models import CustomValue
from outreach.mail.models import Conversation, OutboxMessage
from outreach.notes.models import Attachment, Note
from outreach.reminders.models import Reminder
from outreach.sequences.models import Enrollment

if TYPE_CHECKING:
    from collections.abc import Collection

    from outreach.core.db import Session

_BY_CONTACT: tuple[Any, ...] = (
    Opportunity.contact_id,
    Conversation.contact_id,
    OutboxMessage.contact_id,
    Enrollment.contact_id,
    CustomValue.contact_id,
    Contact.merged_into_id,
    ContactMerge.kept_id,
    ContactMerge.gone_id,
)
_BY_SUBJECT: tuple[Any, ...] = (Activity, Note, Attachment, Reminder)


def contacts_in_use(session: Session, contacts: Collection[int]) -> set[int]:
    """Return those of the contacts that a person, a mail or a campaign has touched."""
    if not contacts:
        return set()
    chosen = sorted(contacts)
    used = set(chosen) - untouched_contacts(session, chosen)
    for column in _BY_CONTACT:
        rows = session.exec(select(column).where(col(column).in_(chosen)).distinct())
        used.update(rows.all())
    for table in _BY_SUBJECT:
        rows = session.exec(
            select(table.subject_id).where(
                table.subject_type == "contact", col(table.subject_id).in_(chosen)
            )
        )
        used.update(rows.all())
    return used & set(chosen)
