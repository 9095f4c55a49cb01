"""Everything this workspace holds about one person, as they may ask to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.activity.queries import timeline_of
from outreach.campaigns.queries import opportunities_of_contact
from outreach.contacts.queries import get_contact, merged_into, offers_of_address
from outreach.contacts.tagging import tags_of_contacts
from outreach.desk.contacts import domain_of
from outreach.fields.queries import values_on
from outreach.fields.words import FieldSubject
from outreach.mail.conversations import messages_of
from outreach.mail.people import conversations_with
from outreach.notes.queries import files_about, notes_about
from outreach.sequences.models import Enrollment
from outreach.suppression.queries import collisions, find_suppression

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.contacts.models import Contact
    from outreach.core.db import Session
    from outreach.mail.models import Conversation

_OUR_KEYS = {"id", "workspace_id", "site_id", "person_key", "address_key", "name_order",
             "merged_into_id", "erased_at"}  # fmt: skip


def everything_about(session: Session, contact: Contact, *, now: datetime) -> dict[str, Any]:
    """Gather what is held about the person behind a contact, ready for JSON.

    Touches of other workspaces are told as their badge tells them; other clients' mail is theirs.
    """
    if contact.merged_into_id is not None:
        contact = get_contact(session, contact.merged_into_id)
    rows = [contact, *merged_into(session, contact.key)]
    ids = [row.key for row in rows]
    keys = [row.person_key for row in rows if row.person_key]
    addresses = [row.address_key for row in rows if row.address_key]
    talks = conversations_with(session, ids, keys)
    return {
        "exported_at": now.isoformat(),
        "contacts": [_contact(session, row) for row in rows],
        "found_on_pages": [
            {"address": offer.address, "page": offer.source_url, "text": offer.snippet,
             "found_at": offer.found_at.isoformat()}
            for offer in offers_of_address(session, addresses)
        ],
        "suppression": _suppression(session, rows),
        "written_to_lately": _touches(session, rows, now),
        "pitches": [_pitch(opportunity) for key in ids
                    for opportunity in opportunities_of_contact(session, key)],
        "sequences": _sequences(session, ids),
        "conversations": [_conversation(session, talk) for talk in talks],
        "notes": [
            {"at": note.created_at.isoformat(), "text": note.body}
            for note in notes_about(session, "contact", ids)
        ],
        "files": [
            {"at": file.created_at.isoformat(), "name": file.filename, "bytes": file.size_bytes}
            for file in files_about(session, "contact", ids)
        ],
        "tags": sorted({name for tags in tags_of_contacts(session, ids).values()
                        for _, name, _ in tags}),
        "own_fields": [
            {"field": each.field.name, "value": each.text}
            for key in ids
            for each in values_on(session, FieldSubject.CONTACT, key)
            if each.text
        ],
        "timeline": [
            {"at": line.at.isoformat(), "what": line.sentence}
            for key in ids
            for line in timeline_of(session, "contact", key, limit=1_000)
        ],
    }  # fmt: skip


def _contact(session: Session, contact: Contact) -> dict[str, Any]:
    facts = {
        name: str(value)
        for name, value in contact.model_dump(mode="json", exclude=_OUR_KEYS).items()
        if value not in (None, "")
    }
    return {"site": domain_of(session, contact.site_id), **facts}


def _suppression(session: Session, contacts: list[Contact]) -> list[dict[str, str]]:
    found = []
    for contact in contacts:
        row = find_suppression(session, person_key=contact.person_key, domain="")
        if row is not None:
            found.append({"address": contact.address or "", "reason": row.reason.value,
                          "since": row.created_at.isoformat()})  # fmt: skip
    return found


def _touches(session: Session, contacts: list[Contact], now: datetime) -> list[str]:
    return [
        collision.sentence(now)
        for contact in contacts
        if contact.person_key
        for collision in collisions(
            session,
            person_key=contact.person_key,
            domain="",
            workspace_id=session.workspace_id,
            now=now,
        )
    ]


def _pitch(opportunity: Any) -> dict[str, str]:
    return {
        "stage": opportunity.stage.value,
        "since": opportunity.stage_changed_at.isoformat(),
        "personal_words": opportunity.personal_words,
    }


def _sequences(session: Session, contact_ids: list[int]) -> list[dict[str, str]]:
    rows = session.exec(
        select(Enrollment)
        .where(col(Enrollment.contact_id).in_(contact_ids))
        .order_by(col(Enrollment.id))
    ).all()
    return [
        {"state": row.state.value, "stopped_because": row.stopped_because.value,
         "since": row.created_at.isoformat()}
        for row in rows
    ]  # fmt: skip


def _conversation(session: Session, talk: Conversation) -> dict[str, Any]:
    return {
        "subject": talk.subject,
        "mails": [
            {"at": mail.at.isoformat(), "from_us": mail.is_ours, "address": mail.address,
             "subject": mail.subject, "text": mail.text, "state": mail.state}
            for mail in messages_of(session, talk.key)
        ],
    }  # fmt: skip
