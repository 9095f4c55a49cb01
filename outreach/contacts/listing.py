"""The list of contacts: what it is narrowed to, and its pages both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlmodel import col, select

from outreach.contacts.models import Contact, ContactTag
from outreach.contacts.queries import IS_CURRENT, count_contacts
from outreach.contacts.search import plan_contact_search
from outreach.contacts.words import ContactKind, Deliverability
from outreach.core.paging import decode_cursor, encode_cursor
from outreach.core.words import parse_question
from outreach.sites.models import Site
from outreach.suppression.models import ContactTouch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from outreach.core.db import Session

_MOST_STALE = 200  # changed since the words were last indexed, looked through one by one


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """What a list of contacts is narrowed to; empty means everything."""

    search: str = ""
    kind: ContactKind | None = None
    deliverability: Deliverability | None = None
    has_address: bool | None = None
    country: str = ""
    tag_id: int | None = None
    is_untouched: bool = False  # nobody of this workspace ever wrote to them

    @classmethod
    def from_arguments(cls, given: Mapping[str, str]) -> ContactFilter:
        """Read a filter out of an address; what makes no sense is left out."""
        kind, deliverability = given.get("kind", ""), given.get("deliverability", "")
        tag = given.get("tag", "")
        return cls(
            search=given.get("search", "").strip()[:200],
            kind=ContactKind(kind) if kind in set(ContactKind) else None,
            deliverability=(
                Deliverability(deliverability) if deliverability in set(Deliverability) else None
            ),
            has_address={"yes": True, "no": False}.get(given.get("address", "")),
            country=given.get("country", "").strip().upper()[:2],
            tag_id=int(tag) if tag.isdecimal() and len(tag) < 10 else None,
            is_untouched=given.get("untouched") == "yes",
        )


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One line of the contacts list."""

    id: int
    name: str
    address: str | None
    kind: ContactKind
    role: str
    outlet: str
    deliverability: Deliverability
    person_key: str
    name_order: str
    domain: str | None

    @property
    def display_name(self) -> str:
        """The name, else the address."""
        return self.name or self.address or "Unnamed"


_LINE = (
    Contact.id,
    Contact.name,
    Contact.address,
    Contact.kind,
    Contact.role,
    Contact.outlet,
    Contact.deliverability,
    Contact.person_key,
    Contact.name_order,
    Site.domain,
)


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One page of the list, with where the pages beside it begin."""

    rows: list[ContactLine]
    next_cursor: str | None
    previous_cursor: str | None


def contact_page(
    session: Session,
    wanted: ContactFilter,
    *,
    cursor: str = "",
    is_backwards: bool = False,
    limit: int = 50,
) -> ContactPage:
    """Return contacts by name, one page at a time; merged and erased ones are not shown.

    Args:
        session: Open session of a workspace.
        wanted: What the list is narrowed to.
        cursor: Where the page begins, or backwards where it ends; "" for the first page.
        is_backwards: The page before the cursor rather than the one after.
        limit: Rows of a page.
    """
    order = (col(Contact.name_order), col(Contact.id))
    statement = (
        sa.select(*_LINE)  # type: ignore[call-overload]
        .outerjoin(Site, col(Site.id) == Contact.site_id)
        .where(*contact_conditions(session, wanted))
        .order_by(*(column.desc() for column in order) if is_backwards else order)
        .limit(limit + 1)
    )
    if cursor:
        name, contact_id = decode_cursor(cursor, 2)
        here = sa.tuple_(sa.literal(str(name)), sa.literal(int(contact_id)))
        place = sa.tuple_(*order)
        statement = statement.where(place < here if is_backwards else place > here)
    rows = [ContactLine(*row) for row in session.execute(statement).all()]
    has_more, rows = len(rows) > limit, rows[:limit]
    if is_backwards:
        rows.reverse()
    has_next, has_previous = (bool(cursor), has_more) if is_backwards else (has_more, bool(cursor))
    return ContactPage(
        rows=rows,
        next_cursor=_cursor(rows[-1]) if rows and has_next else None,
        previous_cursor=_cursor(rows[0]) if rows and has_previous else None,
    )


def _cursor(line: ContactLine) -> str:
    return encode_cursor(line.name_order, line.id)


def contact_conditions(session: Session, wanted: ContactFilter) -> list[sa.ColumnElement[bool]]:
    """Return what a contact must fulfil to be in the list; merged and erased ones never are."""
    conditions: list[sa.ColumnElement[bool]] = [IS_CURRENT]
    for column, value in (
        (col(Contact.kind), wanted.kind),
        (col(Contact.deliverability), wanted.deliverability),
        (col(Contact.country), wanted.country or None),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.has_address is not None:
        address = col(Contact.address_key)
        conditions.append(address.is_not(None) if wanted.has_address else address.is_(None))
    if wanted.tag_id is not None:
        tagged = select(ContactTag.contact_id).where(ContactTag.tag_id == wanted.tag_id)
        conditions.append(col(Contact.id).in_(tagged))
    if wanted.is_untouched:
        conditions.append(~_touch(session))
    if wanted.search:
        conditions.append(_found(session, wanted))
    return conditions


def _touch(session: Session) -> sa.ColumnElement[bool]:
    """Somebody of this workspace wrote to the contact."""
    return (
        sa.exists()
        .where(
            col(ContactTouch.person_key) == Contact.person_key,
            col(Contact.person_key) != "",
            col(ContactTouch.in_workspace_id) == session.workspace_id,
        )
        .correlate(Contact)
    )


def _found(session: Session, wanted: ContactFilter) -> sa.ColumnElement[bool]:
    """Find by the index of words; what changed since it was built is looked through itself."""
    question = parse_question(wanted.search)
    plan = plan_contact_search(session, question, records=count_contacts(session))
    by_words: sa.ColumnElement[bool] = plan.condition(col(Contact.id))
    stale = _stale(session, wanted.search)
    return sa.or_(by_words, col(Contact.id).in_(stale)) if stale else by_words


def _stale(session: Session, text: str) -> list[int]:
    words = [
        column.icontains(text, autoescape=True)
        for column in (col(Contact.name), col(Contact.address), col(Contact.outlet))
    ]
    domain = col(Site.domain).istartswith(text, autoescape=True)
    # Written bare, as the partial index on just this has it.
    stale: Any = col(Contact.is_search_stale)
    is_stale: Any = UnaryExpression(stale, modifier=custom_op(""), type_=sa.Integer())
    rows = session.execute(
        sa.select(col(Contact.id))
        .outerjoin(Site, col(Site.id) == Contact.site_id)
        .where(is_stale, IS_CURRENT, sa.or_(*words, domain))
        .limit(_MOST_STALE)
    )
    return [found for found in rows.scalars() if found is not None]
