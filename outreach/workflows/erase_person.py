"""Erasing one person: nothing that names them stays, and nobody writes to them again.

A keyed hash stays suppressed, so that an import or another team cannot bring them back. Rows that
mails and enrollments point at stay as empty rows. It goes through the workspaces one transaction
each, the asker's last: while that one still knows the person, a killed erasure can be asked again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import col, delete, update

from outreach.activity.services import Subject, record
from outreach.campaigns import services as campaigns
from outreach.contacts.merges import forget_merges
from outreach.contacts.models import ContactTag
from outreach.contacts.queries import contacts_of_person, get_contact, merged_into
from outreach.contacts.rules import telling_words
from outreach.contacts.services import erase_contact, forget_offers
from outreach.core.addresses import parse_mail_address
from outreach.core.db import Scope
from outreach.core.errors import Conflict
from outreach.fields.models import CustomValue
from outreach.imports.models import ImportRow
from outreach.mail import people as mail
from outreach.notes.models import Attachment, Note
from outreach.suppression.words import SuppressionReason
from outreach.workflows.clear_deleted import drop_unused_files
from outreach.workflows.honour_unsubscribe import silence
from outreach.workflows.keep_contacts import note_sites
from outreach.workflows.redact_texts import find_mentions, redact

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.contacts.models import Contact
    from outreach.core.db import Database, Session


@dataclass(slots=True)
class _Person:
    """Under what names and addresses somebody is known, and in which rows."""

    words: set[str] = field(default_factory=set)
    person_keys: set[str] = field(default_factory=set)
    address_keys: set[str] = field(default_factory=set)
    contact_ids: dict[int, set[int]] = field(default_factory=dict)  # by workspace

    def learn(self, contact: Contact) -> None:
        self.words |= telling_words(contact.name, contact.address, contact.address_key)
        self.contact_ids.setdefault(contact.workspace_id, set()).add(contact.key)
        address = parse_mail_address(contact.address or "")
        if address is not None and contact.person_key:
            self.words.add(address.suppression_key)
            self.person_keys.add(contact.person_key)
            self.address_keys |= {address.key, address.suppression_key}


def erase_person(database: Database, scope: Scope, contact_id: int, *, now: datetime) -> int:
    """Erase the person behind a contact from the whole installation.

    Returns:
        In how many workspaces they were known.

    Raises:
        NotFound: There is no such contact in this workspace.
        Conflict: They were erased already.
    """
    with database.reading(scope) as session:
        person = _person_behind(session, contact_id)
    with database.system() as session:
        _silence_everywhere(session, person, now)
    own = scope.workspace_id
    for workspace_id in sorted(person.contact_ids, key=lambda each: (each == own, each)):
        _erase_in(database, Scope(workspace_id, scope.user_id), person, now)
    return len(person.contact_ids)


def _person_behind(session: Session, contact_id: int) -> _Person:
    contact = get_contact(session, contact_id)
    if contact.erased_at is not None:
        raise Conflict("This person was erased already.")
    if contact.merged_into_id is not None:
        contact = get_contact(session, contact.merged_into_id)
    person = _Person()
    for row in [contact, *merged_into(session, contact.key)]:
        person.learn(row)
    return person


def _silence_everywhere(session: Session, person: _Person, now: datetime) -> None:
    """Suppress every address of theirs, and learn who else here knows them."""
    for person_key in sorted(person.person_keys):
        silence(session, person_key, SuppressionReason.ERASED, now=now)
        for contact in contacts_of_person(session, person_key):
            person.learn(contact)


def _erase_in(database: Database, scope: Scope, person: _Person, now: datetime) -> None:
    contact_ids = person.contact_ids[scope.workspace_id or 0]
    with database.reading(scope) as session:
        mentions = find_mentions(session, person.words)
    with database.writing(scope) as session:
        mail.forget_person(session, contact_ids, person.person_keys, person.address_keys)
        campaigns.forget_person(session, contact_ids, person.words)
        forget_offers(session, person.address_keys)
        forget_merges(session, contact_ids)
        _forget_annotations(session, contact_ids)
        sites = [_erase_row(session, contact_id, now) for contact_id in sorted(contact_ids)]
        redact(session, mentions, person.words)
        note_sites(session, sites)


def _forget_annotations(session: Session, contact_ids: set[int]) -> None:
    """Delete what was noted of, attached to and filed under a person."""
    ids = sorted(contact_ids)
    for table in (ContactTag, CustomValue):
        session.exec(delete(table).where(col(table.contact_id).in_(ids)))
    for noted in (Note, Attachment):
        session.exec(
            delete(noted).where(
                col(noted.subject_type) == "contact", col(noted.subject_id).in_(ids)
            )
        )
    drop_unused_files(session)
    session.execute(
        update(ImportRow)
        .where(col(ImportRow.subject_type) == "contact", col(ImportRow.subject_id).in_(ids))
        .values(before=None, raw="")
        .execution_options(synchronize_session=False)
    )


def _erase_row(session: Session, contact_id: int, now: datetime) -> int | None:
    contact = get_contact(session, contact_id)
    erase_contact(session, contact, now=now)
    subject = Subject("contact", contact_id)
    record(session, "erased", subject, "Erased this person for good.", now=now)
    return contact.site_id
