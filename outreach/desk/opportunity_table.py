"""The pipeline as a table: any order, one page at a time.

Ids are found first, along an index; the fifty cards of the page are read after that. By owner, the
owners come by name, one after the other, so that no index has to know people's names.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.accounts.models import User
from outreach.campaigns.models import Opportunity
from outreach.campaigns.tally import tally
from outreach.campaigns.words import TableSort
from outreach.core.errors import Invalid
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.desk.board import BoardFilter, Card, cards_of, conditions
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.core.db import Session


class _Order(NamedTuple):
    """Columns a page is sorted by, ending in one that tells any two apart."""

    columns: tuple[Any, ...]
    is_descending: bool = False
    needs_prospect: bool = False


_ID = col(Opportunity.id)
_MOVED = col(Opportunity.stage_changed_at)
# How a cursor's values are read; all others are numbers.
_READERS: dict[str, Callable[[Any], Any]] = {
    "stage_changed_at": datetime.fromisoformat,
    "domain": str,
}
_ORDERS = {
    TableSort.NEWEST: _Order((_MOVED, _ID), is_descending=True),
    TableSort.AGE: _Order((_MOVED, _ID)),
    TableSort.VALUE: _Order((col(Opportunity.value_cents), _ID), is_descending=True),
    TableSort.SCORE: _Order(
        (col(Prospect.score_order), col(Prospect.id), _ID), needs_prospect=True
    ),
    TableSort.DOMAIN: _Order((col(Prospect.domain), _ID), needs_prospect=True),
}


def opportunity_table(
    session: Session,
    wanted: BoardFilter,
    *,
    now: datetime,
    cursor: str = "",
    limit: int = 50,
    sort: TableSort = TableSort.NEWEST,
) -> Page[Card]:
    """Return one page of opportunities.

    Args:
        session: Open session of the workspace.
        wanted: What they are narrowed to.
        now: For ages and collisions.
        cursor: Where the page before ended.
        limit: Rows of a page.
        sort: Their order.
    """
    if sort is TableSort.OWNER:
        rows = _by_owner(session, wanted, cursor, limit + 1)
    else:
        order = _ORDERS[sort]
        after = _typed(order, decode_cursor(cursor, len(order.columns))) if cursor else None
        rows = _keys(session, wanted, order, after, limit + 1)
    following = encode_cursor(*map(_plain, rows[limit - 1])) if len(rows) > limit else None
    cards = cards_of(session, [row[-1] for row in rows[:limit]], now=now)
    return Page(rows=cards, next_cursor=following)


def _keys(
    session: Session, wanted: BoardFilter, order: _Order, after: list[Any] | None, limit: int
) -> list[tuple[Any, ...]]:
    statement: sa.Select[Any] = sa.select(*order.columns)
    if order.needs_prospect:
        statement = statement.select_from(Prospect).join(
            Opportunity, col(Opportunity.prospect_id) == Prospect.id
        )
    statement = statement.where(*conditions(wanted))
    if after is not None:
        statement = statement.where(_beyond(order, after))
    ordered = [column.desc() if order.is_descending else column for column in order.columns]
    return [tuple(row) for row in session.execute(statement.order_by(*ordered).limit(limit))]


def _beyond(order: _Order, after: list[Any]) -> sa.ColumnElement[bool]:
    """Rows after a cursor; its first column stands apart, so that the index begins there."""
    first, *rest = zip(order.columns, after, strict=True)
    column, value = first
    if order.is_descending:
        further = sa.or_(column < value, _later(rest, is_descending=True))
        return sa.and_(column <= value, further)
    return sa.and_(column >= value, sa.or_(column > value, _later(rest, is_descending=False)))


def _later(rest: list[tuple[Any, Any]], *, is_descending: bool) -> sa.ColumnElement[bool]:
    (column, value), *more = rest
    beyond: sa.ColumnElement[bool] = column < value if is_descending else column > value
    if not more:
        return beyond
    return sa.or_(beyond, sa.and_(column == value, _later(more, is_descending=is_descending)))


def _by_owner(
    session: Session, wanted: BoardFilter, cursor: str, limit: int
) -> list[tuple[Any, ...]]:
    """Find ids owner by owner, by name, nobody's last; each owner's the latest moved first."""
    order = _ORDERS[TableSort.NEWEST]
    found = tally(session, campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    in_use = {place.owner_id for place in found}
    names = _names(session, in_use)
    queue = sorted(in_use, key=lambda key: (key == 0, names.get(key, ""), key))
    after: list[Any] | None = None
    if cursor:
        owner, *rest = decode_cursor(cursor, 3)
        after = _typed(order, rest)
        queue = queue[queue.index(owner) :] if owner in queue else []
    rows: list[tuple[Any, ...]] = []
    for owner_id in queue:
        narrowed = replace(wanted, owner_id=owner_id)
        keys = _keys(session, narrowed, order, after, limit - len(rows))
        rows += [(owner_id, *key) for key in keys]
        after = None
        if len(rows) >= limit:
            break
    return rows


def _names(session: Session, owner_ids: set[int]) -> dict[int, str]:
    rows = session.exec(select(User.id, User.name).where(col(User.id).in_(sorted(owner_ids)))).all()
    return {key: name for key, name in rows if key is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(order: _Order, values: list[Any]) -> list[Any]:
    try:
        return [
            _READERS.get(column.key, int)(value)
            for column, value in zip(order.columns, values, strict=True)
        ]
    except (TypeError, ValueError) as error:
        raise Invalid("This page link is damaged; open the list again.") from error
