"""Contacts that may be one person, side by side with what each of them has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.campaigns.models import Opportunity
from outreach.contacts.duplicates import twin_page
from outreach.contacts.models import Contact
from outreach.core.paging import Page
from outreach.mail.models import Conversation
from outreach.sites.models import Site
from outreach.suppression.models import ContactTouch

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from outreach.core.db import Session

_SHOWN = (
    ("Name", "name"), ("Address", "address"), ("Role", "role"), ("Outlet", "outlet"),
    ("Beat", "beat"), ("Location", "location"), ("Phone", "phone"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """One of two contacts, and what it has."""

    contact: Contact
    domain: str
    opportunities: int
    conversations: int
    last_contact_at: datetime | None


@dataclass(frozen=True, slots=True)
class SuggestedPair:
    """Two contacts that may be one person."""

    one: Side
    other: Side
    why: str

    @property
    def facts(self) -> list[tuple[str, str, str, bool]]:
        """(what, of the one, of the other, whether they differ), but for what neither has."""
        rows = [(label, getattr(self.one.contact, name) or "",
                 getattr(self.other.contact, name) or "") for label, name in _SHOWN]  # fmt: skip
        rows.append(("Site", self.one.domain, self.other.domain))
        return [(*row, row[1] != row[2]) for row in rows if row[1] or row[2]]


def twins_page(session: Session, *, cursor: str = "", limit: int = 20) -> Page[SuggestedPair]:
    """Return a page of pairs that may be one person."""
    page = twin_page(session, cursor=cursor, limit=limit)
    ids = {key for pair in page.rows for key in (pair.one_id, pair.other_id)}
    contacts = session.exec(select(Contact).where(col(Contact.id).in_(sorted(ids)))).all()
    sides = sides_of(session, contacts)
    rows = [SuggestedPair(sides[row.one_id], sides[row.other_id], row.why) for row in page.rows]
    return Page(rows=rows, next_cursor=page.next_cursor)


def sides_of(session: Session, contacts: Sequence[Contact]) -> dict[int, Side]:
    """Count what each of these contacts has, in one statement for each kind of record."""
    ids = [contact.key for contact in contacts]
    pitched = _counts(session, Opportunity, ids)
    talked = _counts(session, Conversation, ids)
    domains = _domains(session, {contact.site_id for contact in contacts if contact.site_id})
    touched = _touches(session, {contact.person_key for contact in contacts})
    return {
        contact.key: Side(
            contact=contact,
            domain=domains.get(contact.site_id or 0, ""),
            opportunities=pitched.get(contact.key, 0),
            conversations=talked.get(contact.key, 0),
            last_contact_at=touched.get(contact.person_key),
        )
        for contact in contacts
    }


def _counts(session: Session, table: Any, ids: Collection[int]) -> dict[int, int]:
    rows: Any = session.execute(
        sa.select(table.contact_id, sa.func.count(table.id))
        .where(col(table.contact_id).in_(sorted(ids)))
        .group_by(table.contact_id)
    )
    return dict(rows.all())


def _domains(session: Session, ids: Collection[int]) -> dict[int, str]:
    rows = session.exec(select(Site.id, Site.domain).where(col(Site.id).in_(sorted(ids))))
    return {site_id: domain for site_id, domain in rows if site_id is not None}


def _touches(session: Session, person_keys: Collection[str]) -> dict[str, datetime]:
    rows = session.exec(
        select(ContactTouch.person_key, sa.func.max(ContactTouch.at))
        .where(
            col(ContactTouch.person_key).in_(sorted(set(person_keys) - {""})),
            ContactTouch.in_workspace_id == session.workspace_id,
        )
        .group_by(col(ContactTouch.person_key))
    )
    return dict(rows.all())
