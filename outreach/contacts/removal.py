"""Take back what a file brought of people: restore what it changed, remove what it added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, delete, select

from outreach.contacts.models import Contact, ContactTag
from outreach.contacts.people_rows import given_name
from outreach.contacts.services import derive
from outreach.contacts.tagging import remove_tags
from outreach.sites.queries import find_site

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from outreach.core.db import Session


def restore_contact(session: Session, contact_id: int, before: Mapping[str, Any]) -> None:
    """Give a contact's facts back as they were, but for those that were changed since."""
    contact = session.exec(select(Contact).where(Contact.id == contact_id)).first()
    if contact is None or not contact.is_current:
        return
    given, profiles = dict(contact.file_facts), dict(contact.profiles)
    for name, (old, new) in before.get("texts", {}).items():
        if getattr(contact, name) == new:
            setattr(contact, name, old)
            _give_back(given, name, before)
    for network, (old, new) in before.get("profiles", {}).items():
        if profiles.get(network) == new:
            profiles[network] = old
            _give_back(given, given_name(network), before)
    contact.file_facts = given
    contact.profiles = {network: handle for network, handle in profiles.items() if handle}
    _give_back_place(session, contact, before)
    derive(contact)
    session.add(contact)
    session.flush()


def _give_back(given: dict[str, str], name: str, before: Mapping[str, Any]) -> None:
    gave = before.get("gave", {}).get(name)
    if gave is None:
        given.pop(name, None)
    else:
        given[name] = gave


def _give_back_place(session: Session, contact: Contact, before: Mapping[str, Any]) -> None:
    if "address" in before and contact.address == before["address"]:
        contact.address = contact.address_key = None
        contact.person_key = ""
    if "site" in before:
        site = find_site(session, before["site"])
        if site is not None and contact.site_id == site.key:
            contact.site_id = None


def remove_tags_of_import(session: Session, pairs: Collection[tuple[int, int]]) -> None:
    """Take tags off contacts, given as (contact, tag)."""
    for tag_id in {tag_id for _, tag_id in pairs}:
        remove_tags(session, {key for key, tag in pairs if tag == tag_id}, [tag_id])


def contacts_brought_by(
    session: Session, import_file_id: int, lines: Collection[int], ids: Collection[int]
) -> dict[int, int | None]:
    """Return which of these contacts, or of these lines, a file brought, with their sites."""
    rows = session.execute(
        sa.select(col(Contact.id), col(Contact.site_id)).where(
            col(Contact.import_file_id) == import_file_id,
            sa.or_(col(Contact.import_line).in_(sorted(lines)), col(Contact.id).in_(sorted(ids))),
        )
    )
    return {contact_id: site_id for contact_id, site_id in rows if contact_id is not None}


def untouched_contacts(session: Session, contacts: Collection[int]) -> set[int]:
    """Return those of the contacts whose own rows show no work of a person."""
    rows = session.exec(
        select(Contact).where(
            col(Contact.id).in_(sorted(contacts)),
            col(Contact.merged_into_id).is_(None),
            col(Contact.erased_at).is_(None),
            ~sa.exists().where(col(ContactTag.contact_id) == Contact.id),
        )
    ).all()
    return {row.key for row in rows if _is_as_given(row)}


def _is_as_given(contact: Contact) -> bool:
    texts = ("name", "role", "outlet", "beat", "country", "location", "phone", "notes")
    return all(getattr(contact, name) == contact.file_facts.get(name, "") for name in texts)


def hand_over_contacts(session: Session, witnesses: Mapping[int, int]) -> None:
    """Let contacts count as brought by another file that reported them too."""
    for contact_id, import_file_id in witnesses.items():
        session.execute(
            sa.update(Contact)
            .where(col(Contact.id) == contact_id)
            .values(import_file_id=import_file_id)
            .execution_options(synchronize_session=False)
        )


def remove_contacts(session: Session, contacts: Collection[int]) -> None:
    """Remove contacts; their sites stay, as they belong to the whole installation."""
    if contacts:
        session.exec(delete(Contact).where(col(Contact.id).in_(sorted(contacts))))


def sites_of_contacts(session: Session, contacts: Collection[int]) -> set[int]:
    """Return the sites at which these contacts are known."""
    rows = session.exec(select(Contact.site_id).where(col(Contact.id).in_(sorted(contacts))))
    return {site_id for site_id in rows if site_id is not None}
