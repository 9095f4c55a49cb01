"""The pages of the contacts list, in any of its orders and both ways.

Those without what the list is sorted by come last in either direction, newest first: a second run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.contacts.listing import contact_conditions, was_written_to
from outreach.contacts.models import Contact
from outreach.contacts.queries import NOTHING
from outreach.core.errors import Invalid
from outreach.core.paging import decode_cursor, encode_cursor
from outreach.sites.models import Site
from outreach.suppression.models import ContactTouch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.contacts.listing import ContactFilter
    from outreach.contacts.words import ContactKind, Deliverability
    from outreach.core.db import Session

# Up to so many that fit are read and sorted; of more, the list's order is walked until a page is
# full, which is soon where many fit.
_FEW = 2_000


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
    domain: str | None

    @property
    def display_name(self) -> str:
        """The name, else the address."""
        return self.name or self.address or "Unnamed"


_LINE: tuple[Any, ...] = (
    Contact.id,
    Contact.name,
    Contact.address,
    Contact.kind,
    Contact.role,
    Contact.outlet,
    Contact.deliverability,
    Contact.person_key,
    Site.domain,
)


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One page of the list, with where the pages beside it begin."""

    rows: list[ContactLine]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of the list in one order; all but "newest" and "name" have a second."""

    key: Any
    conditions: tuple[sa.ColumnElement[bool], ...] = ()
    is_descending: bool = False
    is_moment: bool = False
    touches: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a contact stands in the list."""

    run: int
    key: Any
    id: int

    @property
    def cursor(self) -> str:
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        return encode_cursor(self.run, key, self.id)


def contact_page(
    session: Session,
    wanted: ContactFilter,
    *,
    cursor: str = "",
    is_backwards: bool = False,
    limit: int = 50,
) -> ContactPage:
    """Return one page of the contacts in the order of the filter.

    Args:
        session: Open session of a workspace.
        wanted: What the list is narrowed to and sorted by.
        cursor: Where the page begins, or backwards where it ends; "" for the first page.
        is_backwards: The page before the cursor rather than the one after.
        limit: Rows of a page.

    Raises:
        Invalid: The cursor is damaged.
    """
    runs = _runs(session, wanted)
    here = _place(cursor, runs) if cursor else None
    conditions = _conditions(session, wanted)
    found: list[_Found] = []
    for number in _order(runs, here, is_backwards=is_backwards):
        begins = here if here is not None and here.run == number else None
        statement = _ids(runs[number], conditions, begins, is_backwards=is_backwards)
        rows = session.execute(statement.limit(limit + 1 - len(found)))
        found += [_Found(number, key, contact_id) for key, contact_id in rows]
        if len(found) > limit:
            break
    has_more, found = len(found) > limit, found[:limit]
    if is_backwards:
        found.reverse()
    has_next, has_previous = (bool(cursor), has_more) if is_backwards else (has_more, bool(cursor))
    return ContactPage(
        rows=_lines(session, [place.id for place in found]),
        next_cursor=found[-1].cursor if found and has_next else None,
        previous_cursor=found[0].cursor if found and has_previous else None,
    )


def _runs(session: Session, wanted: ContactFilter) -> tuple[_Run, ...]:
    down = wanted.is_descending
    rest = _Run(col(Contact.id), is_descending=True)
    if wanted.sort == "outlet":
        key = col(Contact.outlet_order)
        return (
            _Run(key, (key != NOTHING,), down),
            _Run(rest.key, (key == NOTHING,), is_descending=True),
        )
    if wanted.sort == "written":
        at = col(ContactTouch.at)
        return (
            _Run(at, (_is_latest(session),), down, is_moment=True, touches=True),
            _Run(rest.key, (~was_written_to(session),), is_descending=True),
        )
    if wanted.sort == "newest":
        return (_Run(col(Contact.id), (), down),)
    return (_Run(col(Contact.name_order), (), down),)


def _is_latest(session: Session) -> sa.ColumnElement[bool]:
    """Return the condition that nobody of this workspace wrote to the person after this."""
    later = sa.alias(ContactTouch.__table__, "later")  # type: ignore[attr-defined]
    after = sa.tuple_(later.c.at, later.c.id) > sa.tuple_(col(ContactTouch.at), ContactTouch.id)
    same = (later.c.person_key == ContactTouch.person_key) & (
        later.c.in_workspace_id == session.workspace_id
    )
    return ~sa.exists().where(same, after).correlate(ContactTouch) & (
        col(ContactTouch.in_workspace_id) == session.workspace_id
    )


def _conditions(session: Session, wanted: ContactFilter) -> list[sa.ColumnElement[bool]]:
    conditions = contact_conditions(session, wanted)
    if wanted.sort == "name" or not wanted.is_narrowed:
        return conditions
    fitting = sa.select(col(Contact.id)).where(*conditions)
    some = fitting.limit(_FEW + 1).subquery()
    count = session.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return conditions if count > _FEW else [col(Contact.id).in_(fitting)]


def _place(cursor: str, runs: Sequence[_Run]) -> _Found:
    number, key, contact_id = decode_cursor(cursor, 3)
    if (
        not isinstance(number, int)
        or not 0 <= number < len(runs)
        or not isinstance(contact_id, int)
    ):
        raise Invalid("This page link is damaged; open the list again.")
    if not runs[number].is_moment:
        return _Found(number, key, contact_id)
    try:
        return _Found(number, datetime.fromisoformat(str(key)), contact_id)
    except ValueError as error:
        raise Invalid("This page link is damaged; open the list again.") from error


def _order(runs: Sequence[_Run], here: _Found | None, *, is_backwards: bool) -> range:
    if is_backwards:
        return range(here.run if here else len(runs) - 1, -1, -1)
    return range(here.run if here else 0, len(runs))


def _ids(
    run: _Run,
    conditions: Sequence[sa.ColumnElement[bool]],
    begins: _Found | None,
    *,
    is_backwards: bool,
) -> Any:
    """Select sort values and ids only: the list's index has all they need."""
    keys = (run.key, col(Contact.id))
    statement = sa.select(*keys).where(*conditions, *run.conditions)
    if run.touches:
        same = col(Contact.person_key) == ContactTouch.person_key
        statement = statement.join_from(ContactTouch, Contact, same)
    goes_down = run.is_descending is not is_backwards
    if begins is not None:
        last = sa.tuple_(sa.literal(begins.key, run.key.type), sa.literal(begins.id))
        place = sa.tuple_(*keys)
        statement = statement.where(place < last if goes_down else place > last)
    return statement.order_by(*(key.desc() if goes_down else key.asc() for key in keys))


def _lines(session: Session, ids: Sequence[int]) -> list[ContactLine]:
    rows = session.execute(
        sa.select(*_LINE)
        .outerjoin(Site, col(Site.id) == Contact.site_id)
        .where(col(Contact.id).in_(ids))
    )
    found = {row[0]: ContactLine(*row) for row in rows}
    return [found[key] for key in ids if key in found]
