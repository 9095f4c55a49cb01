"""Keeping contacts, and with them whether a prospect has anybody to write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.contacts import services
from outreach.contacts.queries import get_contact, get_offer, sites_with_contact
from outreach.prospects.services import note_contact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from outreach.contacts.models import Contact
    from outreach.contacts.rules import ContactDetails
    from outreach.core.db import Database, Scope, Session


def add_contact(
    database: Database, scope: Scope, details: ContactDetails, *, key: str, now: datetime
) -> Contact:
    """Add a contact.

    Raises:
        Invalid: The details make no sense; the message says which.
        KnownAddress: Somebody in this workspace has the address already.
    """
    with database.writing(scope) as session:
        contact = services.add_contact(session, details, key=key, now=now)
        note_sites(session, [contact.site_id])
    return contact


def edit_contact(
    database: Database,
    scope: Scope,
    contact_id: int,
    details: ContactDetails,
    *,
    key: str,
    now: datetime,
) -> Contact:
    """Change a contact.

    Raises:
        NotFound: There is none in this workspace.
        Invalid: The details make no sense; the message says which.
        Conflict: Somebody else has the address, or the contact is past changing.
    """
    with database.writing(scope) as session:
        contact = get_contact(session, contact_id)
        before = contact.site_id
        services.edit_contact(session, contact, details, key=key, now=now)
        note_sites(session, [before, contact.site_id])
    return contact


def set_reachable(
    database: Database, scope: Scope, contact_id: int, *, because: str, now: datetime
) -> None:
    """Mark that mail does not arrive, for a reason; without one, that it does."""
    with database.writing(scope) as session:
        contact = get_contact(session, contact_id)
        if because:
            services.mark_undeliverable(session, contact, because, now=now)
        else:
            services.mark_deliverable(session, contact)
        note_sites(session, [contact.site_id])


def accept_offer(
    database: Database,
    scope: Scope,
    found_contact_id: int,
    *,
    name: str,
    key: str,
    now: datetime,
) -> Contact:
    """Make an address a page showed a contact.

    Raises:
        NotFound: There is no such offer in this workspace.
        KnownAddress: Somebody in this workspace has the address already.
    """
    with database.writing(scope) as session:
        offer = get_offer(session, found_contact_id)
        contact = services.accept_offer(session, offer, name=name, key=key, now=now)
        note_sites(session, [contact.site_id])
    return contact


def note_sites(session: Session, site_ids: Iterable[int | None]) -> None:
    """Copy whether anybody reachable is known at these sites to where lists filter by it."""
    wanted = {site_id for site_id in site_ids if site_id is not None}
    reachable = sites_with_contact(session, wanted)
    for site_id in sorted(wanted):
        note_contact(session, site_id, has_contact=site_id in reachable)
