"""The pipeline as a table: any order, one page at a time.

Ids are found first; the fifty cards of the page are read after that. Many matches are found along
an index of the order asked for, a few by sorting just those: the tally knows beforehand which. By
owner, the owners come by name, one after the other, so that no index has to know people's names.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.queries import names_of_users
from outreach.campaigns.models import Opportunity
from outreach.campaigns.words import TableSort
from outreach.core.errors import Invalid
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.desk.cards import BoardFilter, Card, cards_of
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.campaigns.tally import Place, Total
    from outreach.core.db import Session

FEW = 2_000  # sorted sooner than an index of everything is walked for them


class WhichPage(NamedTuple):
    """Where a page of the table begins, in which order, and how long it is."""

    sort: TableSort = TableSort.NEWEST
    cursor: str = ""  # where the page before ended
    limit: int = 50


class _Order(NamedTuple):
    """Columns a page is sorted by, ending in one that tells any two apart."""

    columns: tuple[Any, ...]
    is_descending: bool = False
    needs_prospect: bool = False
    suits_filters: bool = False  # the indexes that serve the filters end in this order


_FIRST = WhichPage()
_ID = col(Opportunity.id)
_MOVED = col(Opportunity.stage_changed_at)
# How a cursor's values are read; all others are numbers.
_READERS: dict[str, Callable[[Any], Any]] = {
    "stage_changed_at": datetime.fromisoformat,
    "domain": str,
}
_ORDERS = {
    TableSort.NEWEST: _Order((_MOVED, _ID), is_descending=True, suits_filters=True),
    TableSort.AGE: _Order((_MOVED, _ID), suits_filters=True),
    TableSort.VALUE: _Order((col(Opportunity.value_cents), _ID), is_descending=True),
    TableSort.SCORE: _Order(
        (col(Prospect.score_order), col(Prospect.id), _ID), needs_prospect=True
    ),
    TableSort.DOMAIN: _Order((col(Prospect.domain), _ID), needs_prospect=True),
}


def opportunity_table(
    session: Session,
    wanted: BoardFilter,
    totals: dict[Place, Total],
    which: WhichPage = _FIRST,
    *,
    now: datetime,
) -> Page[Card]:
    """Return one page of opportunities.

    Args:
        session: Open session of the workspace.
        wanted: What they are narrowed to.
        totals: The tally of the same campaign and owner.
        which: Which page, in which order.
        now: For ages and collisions.
    """
    sort, cursor, limit = which
    matching = {
        place: total.count for place, total in totals.items() if wanted.stage in {None, place.stage}
    }
    if sort is TableSort.OWNER:
        rows = _by_owner(session, wanted, matching, cursor, limit + 1)
    else:
        order = _ORDERS[sort]
        after = _typed(order, decode_cursor(cursor, len(order.columns))) if cursor else None
        rows = _keys(session, wanted, order, after, limit + 1, sum(matching.values()))
    following = encode_cursor(*map(_plain, rows[limit - 1])) if len(rows) > limit else None
    cards = cards_of(session, [row[-1] for row in rows[:limit]], now=now)
    return Page(rows=cards, next_cursor=following)


def _keys(
    session: Session,
    wanted: BoardFilter,
    order: _Order,
    after: list[Any] | None,
    limit: int,
    count: int,
) -> list[tuple[Any, ...]]:
    is_few = count <= FEW and not order.suits_filters
    statement = _sorting_few(wanted, order) if is_few else _along_index(wanted, order)
    if after is not None:
        statement = statement.where(_beyond(order.columns, after, order.is_descending))
    ordered = [column.desc() if order.is_descending else column for column in order.columns]
    return [tuple(row) for row in session.execute(statement.order_by(*ordered).limit(limit))]


def _along_index(wanted: BoardFilter, order: _Order) -> sa.Select[Any]:
    statement: sa.Select[Any] = sa.select(*order.columns)
    if order.needs_prospect:
        statement = statement.select_from(Prospect).join(
            Opportunity, col(Opportunity.prospect_id) == Prospect.id
        )
    return statement.where(*_conditions(wanted))


def _sorting_few(wanted: BoardFilter, order: _Order) -> sa.Select[Any]:
    """Let the database find the matches first, whatever it thinks of the order's index."""
    few = (
        sa.select(_ID.label("few_id"))
        .where(*_conditions(wanted))
        .cte("few")
        .prefix_with("MATERIALIZED")
    )
    statement: sa.Select[Any] = (
        sa.select(*order.columns).select_from(few).join(Opportunity, few.c.few_id == _ID)
    )
    if order.needs_prospect:
        statement = statement.join(Prospect, col(Opportunity.prospect_id) == Prospect.id)
    return statement


def _conditions(wanted: BoardFilter) -> list[sa.ColumnElement[bool]]:
    parts: list[sa.ColumnElement[bool]] = []
    if wanted.stage is not None:
        parts.append(col(Opportunity.stage) == wanted.stage)
    if wanted.campaign_id is not None:
        parts.append(col(Opportunity.campaign_id) == wanted.campaign_id)
    if wanted.owner_id is not None:
        parts.append(col(Opportunity.owner_id) == (wanted.owner_id or None))
    return parts


def _beyond(
    columns: tuple[Any, ...], after: list[Any], is_descending: bool
) -> sa.ColumnElement[bool]:
    """Rows after a cursor; its first column stands apart, so that the index begins there."""
    (column, value), *rest = zip(columns, after, strict=True)
    later = _later(rest, is_descending)
    if is_descending:
        return sa.and_(column <= value, sa.or_(column < value, later))
    return sa.and_(column >= value, sa.or_(column > value, later))


def _later(rest: list[tuple[Any, Any]], is_descending: bool) -> sa.ColumnElement[bool]:
    (column, value), *more = rest
    beyond: sa.ColumnElement[bool] = column < value if is_descending else column > value
    if not more:
        return beyond
    return sa.or_(beyond, sa.and_(column == value, _later(more, is_descending)))


def _by_owner(
    session: Session, wanted: BoardFilter, matching: dict[Place, int], cursor: str, limit: int
) -> list[tuple[Any, ...]]:
    """Find ids owner by owner, by name, nobody's last; each owner's the latest moved first."""
    order = _ORDERS[TableSort.NEWEST]
    counts: dict[int, int] = {}
    for place, count in matching.items():
        counts[place.owner_id] = counts.get(place.owner_id, 0) + count
    names = names_of_users(session, set(counts) - {0})
    queue = sorted(counts, key=lambda key: (key == 0, names.get(key, ""), key))
    after: list[Any] | None = None
    if cursor:
        owner, *rest = decode_cursor(cursor, 3)
        after = _typed(order, rest)
        queue = queue[queue.index(owner) :] if owner in queue else []
    rows: list[tuple[Any, ...]] = []
    for owner_id in queue:
        narrowed = replace(wanted, owner_id=owner_id)
        keys = _keys(session, narrowed, order, after, limit - len(rows), counts[owner_id])
        rows += [(owner_id, *key) for key in keys]
        after = None
        if len(rows) >= limit:
            break
    return rows


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
