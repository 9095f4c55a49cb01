"""Changing people and role addresses."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlmodel import col, delete, select

from outreach.activity.services import Subject, record
from outreach.contacts import queries
from outreach.contacts.models import Contact, FoundContact
from outreach.contacts.rules import (
    ContactDetails,
    filled_from,
    first_name_of,
    name_order,
    problems_with,
    tidied,
)
from outreach.contacts.twins import outlet_order, twin_keys
from outreach.contacts.words import ContactKind, Deliverability, LawfulBasis
from outreach.core.addresses import parse_mail_address
from outreach.core.db import bulk_write
from outreach.core.errors import Conflict, Invalid
from outreach.suppression.rules import person_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from outreach.core.addresses import MailAddress
    from outreach.core.db import Session

_PLAIN_FIELDS = tuple(item.name for item in fields(ContactDetails) if item.name != "address")


class KnownAddress(Conflict):
    """Somebody here has this address already."""

    def __init__(self, known: Contact) -> None:
        super().__init__(f"{known.display_name} has this address already.")
        self.contact_id = known.key


@dataclass(frozen=True, slots=True)
class FoundAddressEntry:
    """An address a page of a site showed."""

    address: MailAddress
    source_url: str
    snippet: str = ""


def details_of(contact: Contact) -> ContactDetails:
    """Return a stored contact's details, as a form starts from."""
    address = parse_mail_address(contact.address) if contact.address else None
    return ContactDetails(
        address=address, **{name: getattr(contact, name) for name in _PLAIN_FIELDS}
    )


def add_contact(session: Session, details: ContactDetails, *, key: str, now: datetime) -> Contact:
    """Add a person or a role address.

    Raises:
        Invalid: The details make no sense; the message says which.
        KnownAddress: Somebody in this workspace has the address already.
    """
    details = _checked(details)
    _refuse_known(session, details.address, but=None)
    contact = Contact()
    _write(contact, details, key, now)
    session.add(contact)
    session.flush()
    record(session, "added", Subject("contact", contact.key), "Added this contact.", now=now)
    return contact


def edit_contact(
    session: Session, contact: Contact, details: ContactDetails, *, key: str, now: datetime
) -> None:
    """Change a contact; a new address starts with a clean record.

    Raises:
        Invalid: The details make no sense; the message says which.
        KnownAddress: Somebody else in this workspace has the address.
        Conflict: It was merged into another, or its person erased.
    """
    _refuse_past(contact)
    details = _checked(details)
    _refuse_known(session, details.address, but=contact.key)
    old = contact.address_key
    _write(contact, details, key, now)
    if contact.address_key != old:
        contact.deliverability, contact.undeliverable_because = Deliverability.UNKNOWN, ""
    session.add(contact)
    session.flush()
    record(session, "edited", Subject("contact", contact.key), "Edited this contact.", now=now)


def _checked(details: ContactDetails) -> ContactDetails:
    details = tidied(details)
    problems = problems_with(details)
    if problems:
        raise Invalid(" ".join(problems))
    return details


def _refuse_known(session: Session, address: MailAddress | None, *, but: int | None) -> None:
    if address is None:
        return
    row = session.exec(select(Contact).where(Contact.address_key == address.key)).first()
    if row is None or row.id == but:
        return
    if but is not None and row.merged_into_id == but:
        raise Conflict(
            f"{address.text} belongs to {row.display_name}, who was merged into this contact: "
            "answers from it arrive here already. Part that merge to give the address away."
        )
    raise KnownAddress(queries.find_contact_by_address(session, address.key) or row)


def _refuse_past(contact: Contact) -> None:
    if not contact.is_current:
        raise Conflict("This contact was merged into another, or erased; it changes no more.")


def _write(contact: Contact, details: ContactDetails, key: str, now: datetime) -> None:
    address = details.address
    for name in _PLAIN_FIELDS:
        if name != "profiles" or details.profiles is not None:
            setattr(contact, name, getattr(details, name))
    contact.address = address.text if address else None
    contact.address_key = address.key if address else None
    contact.person_key = person_key(key, address) if address else ""
    derive(contact)
    if address is not None and contact.found_at is None:
        contact.found_at = now


def derive(contact: Contact) -> None:
    """Work out anew what follows from a contact's facts: order, greeting, likely twins, search."""
    address = parse_mail_address(contact.address) if contact.address else None
    contact.first_name = first_name_of(contact.name, contact.kind)
    contact.name_order = name_order(contact.name, address)
    contact.outlet_order = outlet_order(contact.outlet)
    contact.twin_key, contact.mailbox_twin_key = twin_keys(
        contact.name, address, site_id=contact.site_id, outlet=contact.outlet
    )
    contact.is_search_stale = True


def mark_undeliverable(session: Session, contact: Contact, because: str, *, now: datetime) -> None:
    """Keep that mail to a contact failed for good, in the server's own words."""
    contact.deliverability = Deliverability.UNDELIVERABLE
    contact.undeliverable_because = because[:500]
    session.add(contact)
    session.flush()
    subject = Subject("contact", contact.key)
    record(session, "bounced", subject, "Mail to this contact does not arrive.", now=now)


def mark_deliverable(session: Session, contact: Contact) -> None:
    """Keep that mail reaches a contact: they answered, or a person says so."""
    contact.deliverability = Deliverability.DELIVERABLE
    contact.undeliverable_because = ""
    session.add(contact)
    session.flush()


def merge_contacts(
    session: Session,
    kept: Contact,
    gone: Contact,
    *,
    choice: ContactDetails | None = None,
    key: str,
    now: datetime,
) -> None:
    """Merge one contact into another; the one that goes keeps its address, so replies still match.

    Args:
        session: Open session; flushed, not committed.
        kept: The contact that stays.
        gone: The contact that is no longer listed.
        choice: The details a person chose, field by field; without it gaps are filled.
        key: The installation's secret key.
        now: When.

    Raises:
        Conflict: It is the same contact, or one of them is past changing.
    """
    _refuse_past(kept)
    _refuse_past(gone)
    if kept.key == gone.key:
        raise Conflict("Choose two different contacts to merge.")
    chosen = choice or filled_from(details_of(kept), details_of(gone))
    swap = chosen.address is not None and chosen.address.key == gone.address_key
    if swap:
        swap_addresses(session, kept, gone)
    _write(kept, _checked(chosen), key, now)
    gone.merged_into_id, gone.is_search_stale = kept.key, True
    for earlier in queries.merged_into(session, gone.key):
        earlier.merged_into_id = kept.key
    session.add_all([kept, gone])
    session.flush()
    subject = Subject("contact", kept.key)
    record(session, "merged", subject, "Merged another contact into this one.", now=now,
           details={"contact_id": gone.key})  # fmt: skip


def swap_addresses(session: Session, kept: Contact, gone: Contact) -> None:
    """Give each the other's address, by way of none: an address belongs to one row at a time."""
    names = ("address", "address_key", "person_key", "deliverability", "undeliverable_because")
    mine = {name: getattr(kept, name) for name in names}
    theirs = {name: getattr(gone, name) for name in names}
    gone.address_key = None
    session.flush()
    for name in names:
        setattr(kept, name, theirs[name])
    session.flush()
    for name in names:
        setattr(gone, name, mine[name])


def offer_found_addresses(
    session: Session, site_id: int, found: Iterable[FoundAddressEntry], *, now: datetime
) -> int:
    """Offer addresses a page showed, once each; known contacts and machines are left out.

    Returns:
        How many are new.
    """
    entries = {entry.address.key: entry for entry in found if not entry.address.is_refused}
    known = set(
        session.exec(
            select(Contact.address_key).where(col(Contact.address_key).in_(sorted(entries)))
        ).all()
    )
    return bulk_write(
        session,
        FoundContact,
        (
            *("site_id", "address", "address_key", "source_url", "snippet"),
            *("found_at", "is_accepted", "created_at", "updated_at"),
        ),
        [
            (site_id, entry.address.text, address_key, entry.source_url[:2048],
             entry.snippet[:500], now, False, now, now)
            for address_key, entry in entries.items()
            if address_key not in known
        ],
        unique=("site_id", "address_key"),
    )  # fmt: skip


def accept_offer(
    session: Session, offer: FoundContact, *, name: str = "", key: str, now: datetime
) -> Contact:
    """Make a found address a contact, with its source.

    Raises:
        Invalid: It is no longer a usable address.
        KnownAddress: Somebody in this workspace has the address already.
    """
    address = parse_mail_address(offer.address)
    if address is None:
        raise Invalid(f"“{offer.address}” is not an address mail can be sent to.")
    details = ContactDetails(
        site_id=offer.site_id,
        kind=ContactKind.ROLE_ADDRESS if address.is_role and not name else ContactKind.PERSON,
        name=name,
        address=address,
        lawful_basis=LawfulBasis.LEGITIMATE_INTEREST,
        source_url=offer.source_url,
        source_snippet=offer.snippet,
        found_at=offer.found_at,
    )
    contact = add_contact(session, details, key=key, now=now)
    _decide(session, offer, is_accepted=True, now=now)
    return contact


def dismiss_offer(session: Session, offer: FoundContact, *, now: datetime) -> None:
    """Put a found address aside; the next look at the page does not offer it again."""
    _decide(session, offer, is_accepted=False, now=now)


def reopen_offer(session: Session, offer: FoundContact) -> None:
    """Undo a dismissal."""
    offer.decided_at, offer.is_accepted = None, False
    session.add(offer)
    session.flush()


def _decide(session: Session, offer: FoundContact, *, is_accepted: bool, now: datetime) -> None:
    offer.decided_at, offer.is_accepted = now, is_accepted
    session.add(offer)
    session.flush()


def erase_contact(session: Session, contact: Contact, *, now: datetime) -> None:
    """Empty a contact for good; the row stays, because mails and enrollments point at it."""
    empty = Contact(kind=contact.kind)
    kept = {"id", "workspace_id", "created_at", "updated_at", "site_id", "merged_into_id", "kind"}
    for name in Contact.model_fields:
        if name not in kept:
            setattr(contact, name, getattr(empty, name))
    contact.erased_at = now
    session.add(contact)
    session.flush()


def forget_offers(session: Session, address_keys: Iterable[str]) -> None:
    """Delete what pages showed of these addresses."""
    keys = sorted(address_keys)
    session.exec(
        delete(FoundContact)
        .where(col(FoundContact.address_key).in_(keys))
        .execution_options(synchronize_session=False)
    )
