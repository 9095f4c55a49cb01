"""Asking about people and role addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.contacts.models import Contact, ContactDistinction, FoundContact
from outreach.contacts.rules import preference
from outreach.contacts.twins import Named, why_alike
from outreach.contacts.words import Deliverability
from outreach.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from outreach.core.db import Session

COUNTED = 10_000  # a list says "more than" beyond; counting all would cost more than the page

NOTHING = sa.literal("", literal_execute=True)  # spelt out, as the partial indexes spell it
IS_CURRENT = col(Contact.merged_into_id).is_(None) & col(Contact.erased_at).is_(None)


def count_contacts(session: Session) -> int:
    """Count the workspace's contacts, merged and erased ones aside, up to `COUNTED` and one."""
    first = select(Contact.id).where(IS_CURRENT).limit(COUNTED + 1).subquery()
    return session.exec(select(sa.func.count()).select_from(first)).one()


def get_contact(session: Session, contact_id: int) -> Contact:
    """Return a contact.

    Raises:
        NotFound: There is none in this workspace.
    """
    contact = session.exec(select(Contact).where(Contact.id == contact_id)).first()
    if contact is None:
        raise NotFound("There is no such contact in this workspace.")
    return contact


def find_contact_by_address(session: Session, address_key: str) -> Contact | None:
    """Return who has this address; for a merged contact, the one it was merged into."""
    contact = session.exec(select(Contact).where(Contact.address_key == address_key)).first()
    if contact is not None and contact.merged_into_id is not None:
        return get_contact(session, contact.merged_into_id)
    return contact


def contacts_of_site(session: Session, site_id: int) -> Sequence[Contact]:
    """Return the contacts of a site, whom to write to first."""
    found = session.exec(
        select(Contact).where(Contact.site_id == site_id, IS_CURRENT).order_by(col(Contact.id))
    ).all()
    return sorted(found, key=lambda contact: preference(contact.kind, contact.deliverability))


def contacts_of_sites(session: Session, site_ids: Collection[int]) -> dict[int, list[Contact]]:
    """Return the contacts of many sites by site, whom to write to first."""
    found = session.exec(
        select(Contact).where(col(Contact.site_id).in_(sorted(set(site_ids))), IS_CURRENT)
    ).all()
    by_site: dict[int, list[Contact]] = {}
    for contact in sorted(found, key=lambda contact: contact.key):
        by_site.setdefault(contact.site_id or 0, []).append(contact)
    for contacts in by_site.values():
        contacts.sort(key=lambda contact: preference(contact.kind, contact.deliverability))
    return by_site


def sites_with_contact(session: Session, site_ids: Collection[int]) -> set[int]:
    """Return which of these sites have somebody mail can still reach."""
    rows = session.exec(
        select(Contact.site_id)
        .where(
            col(Contact.site_id).in_(sorted(set(site_ids))),
            IS_CURRENT,
            col(Contact.address).is_not(None),
            Contact.deliverability != Deliverability.UNDELIVERABLE,
        )
        .distinct()
    ).all()
    return {site_id for site_id in rows if site_id is not None}


def possible_duplicates(session: Session, contact: Contact) -> list[Contact]:
    """Return who may be the same person: same suppression key, name, initials or mailbox.

    One statement for each, with its index: one with OR would read the whole workspace.
    """
    same = [col(Contact.person_key) == contact.person_key] if contact.person_key else []
    for name in ("twin_key", "mailbox_twin_key"):
        if value := getattr(contact, name):  # the indexes leave out the empty ones, and say so
            key = col(getattr(Contact, name))
            same.append((key == value) & (key != NOTHING))
    if contact.name and contact.site_id is not None:
        is_namesake = col(Contact.name_order) == contact.name_order
        same.append(is_namesake & (col(Contact.site_id) == contact.site_id))
    found: dict[int, Contact] = {}
    for condition in same:
        statement = select(Contact).where(condition, IS_CURRENT, Contact.id != contact.id)
        found |= {row.key: row for row in session.exec(statement.limit(10)).all()}
    apart = _apart_from(session, contact.key)
    return [row for key, row in sorted(found.items()) if key not in apart and _alike(contact, row)]


def _alike(one: Contact, other: Contact) -> bool:
    if one.person_key and one.person_key == other.person_key:
        return True
    named = [Named(row.name, row.address, row.site_id, row.outlet) for row in (one, other)]
    return bool(why_alike(*named))


def _apart_from(session: Session, contact_id: int) -> set[int]:
    """Return whom somebody said this contact is not."""
    low, high = col(ContactDistinction.low_id), col(ContactDistinction.high_id)
    rows = session.execute(
        sa.select(low, high).where(sa.or_(low == contact_id, high == contact_id))
    )
    return {other for pair in rows for other in pair if other != contact_id}


def contacts_of_person(session: Session, person_key: str) -> Sequence[Contact]:
    """Return every contact of one person; in system scope, of every workspace."""
    if not person_key:
        return []
    return session.exec(
        select(Contact).where(Contact.person_key == person_key).order_by(col(Contact.id))
    ).all()


def merged_into(session: Session, contact_id: int) -> Sequence[Contact]:
    """Return the contacts that were merged into this one."""
    return session.exec(
        select(Contact).where(Contact.merged_into_id == contact_id).order_by(col(Contact.id))
    ).all()


def offers_of_site(session: Session, site_id: int) -> Sequence[FoundContact]:
    """Return the addresses pages of a site showed that nobody has decided on, oldest first."""
    return session.exec(
        select(FoundContact)
        .where(FoundContact.site_id == site_id, col(FoundContact.decided_at).is_(None))
        .order_by(col(FoundContact.id))
    ).all()


def get_offer(session: Session, found_contact_id: int) -> FoundContact:
    """Return one found address.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(FoundContact).where(FoundContact.id == found_contact_id)).first()
    if found is None:
        raise NotFound("There is no such found address in this workspace.")
    return found


def offers_of_address(session: Session, address_keys: Collection[str]) -> Sequence[FoundContact]:
    """Return what pages showed of these addresses, decided on or not."""
    return session.exec(
        select(FoundContact).where(col(FoundContact.address_key).in_(sorted(address_keys)))
    ).all()
