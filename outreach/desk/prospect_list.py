"""The list of prospects: one page of it, its count, and the ids of all that match.

A page is asked for by the sort value and id of the row it follows, so that each costs the same as
the first. Which way the rows are found depends on how many there may be; see `_Way`.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.desk.prospect_columns import USUAL, chosen_columns, needed_by
from outreach.desk.prospect_conditions import (
    Asking,
    asking_of,
    beside_indexes,
    memberships,
    named_by_index,
    plan_of,
    restricted,
)
from outreach.desk.prospect_sorting import Place, cursor_of, place_of, runs_of
from outreach.prospects.models import Prospect
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.core.db.search_plan import SearchPlan
    from outreach.desk.prospect_filter import ProspectFilter
    from outreach.desk.prospect_sorting import Run

COUNTED_TO = 10_000
ALWAYS = ("id", "domain", "title")
USUAL_NEEDS = needed_by(chosen_columns(USUAL, ()))
_LOOKED_AT = 1_000
_FEW = 2_000


class _Way(Enum):
    """How the ids of a page are found."""

    WALK = auto()  # along the index of the order, testing each row: most rows fit
    LOOK = auto()  # the same, but only a little way
    SEARCH = auto()  # through the one index that holds all a list is narrowed by, then sort
    FETCH = auto()  # a tag, field, word, owner or asset names few rows: read those, then sort
    TEST = auto()  # along the index of the order as far as an edge, testing each row for words
    MATCH = auto()  # read all that hold the words, then sort


@dataclass(frozen=True, slots=True)
class ProspectPage:
    """One page of the list; each row is a named tuple that begins with id, domain and title."""

    rows: list[Any]
    next_cursor: str
    previous_cursor: str


@dataclass(frozen=True, slots=True)
class _Question:
    """One page, as each step towards it needs it."""

    wanted: ProspectFilter
    user_id: int | None
    now: datetime
    names: tuple[str, ...]
    place: Place
    plan: SearchPlan | None


def prospect_page(
    session: Session,
    wanted: ProspectFilter,
    *,
    now: datetime,
    needs: Sequence[str] = USUAL_NEEDS,
    cursor: str = "",
    limit: int = 50,
) -> ProspectPage:
    """Return one page of the list in the order of the filter; for an asset, by its own scores.

    Args:
        session: Of the workspace.
        wanted: What the list is narrowed to and sorted by.
        now: What "resting" means.
        needs: Columns of the table that each row holds behind `ALWAYS`.
        cursor: One of the neighbouring page's.
        limit: Rows of a page.

    Raises:
        Invalid: The cursor is damaged.
    """
    runs = runs_of(wanted)
    place = place_of(cursor, runs)
    plan = plan_of(session, wanted)
    if plan and plan.finds_nothing:
        return ProspectPage([], "", "")
    question = _Question(wanted, session.scope.user_id, now, (*ALWAYS, *needs), place, plan)
    found: list[tuple[int, Any]] = []
    order = range(place.run, -1, -1) if place.is_back else range(place.run, len(runs))
    for number in order:
        begins = place.values if number == place.run else None
        rows = _rows(session, question, runs[number], begins, limit + 1 - len(found))
        found += [(number, row) for row in rows]
        if len(found) > limit:
            break
    return _page(found, question, limit)


def _page(found: list[tuple[int, Any]], question: _Question, limit: int) -> ProspectPage:
    place, line = question.place, _line(question.names)
    has_more, shown = len(found) > limit, found[:limit]
    if place.is_back:
        shown.reverse()
    has_next = place.is_back or has_more
    has_previous = has_more if place.is_back else place.values is not None
    return ProspectPage(
        rows=[line._make(row[:-2]) for _, row in shown],
        next_cursor=_cursor(shown[-1]) if shown and has_next else "",
        previous_cursor=_cursor(shown[0], is_back=True) if shown and has_previous else "",
    )


@lru_cache(maxsize=256)
def _line(names: tuple[str, ...]) -> Any:
    return namedtuple("ProspectLine", names)


def _cursor(found: tuple[int, Any], *, is_back: bool = False) -> str:
    run, row = found
    return cursor_of(Place(run, (row[-2], row[-1]), is_back))


def count_prospects(session: Session, wanted: ProspectFilter, *, now: datetime) -> tuple[int, bool]:
    """Count what a filter finds, up to a limit; the second value tells whether there are more."""
    # Of many that hold a word and need nothing else, some more than are counted will do.
    most = 2 * COUNTED_TO if wanted.narrowing.keys() == {"q"} else None
    asking = replace(asking_of(session, now, wanted), most=most)
    if asking.plan and asking.plan.finds_nothing:
        return 0, False
    count = _count(session, _matching(wanted, asking).limit(COUNTED_TO + 1))
    return min(count, COUNTED_TO), count > COUNTED_TO


def count_all_prospects(session: Session, wanted: ProspectFilter, *, now: datetime) -> int:
    """Count exactly what a filter finds, for the sentence before something is done to all."""
    return _count(session, _matching(wanted, asking_of(session, now, wanted)))


def matching_ids(
    session: Session,
    wanted: ProspectFilter,
    *,
    now: datetime,
    after_id: int = 0,
    up_to_id: int | None = None,
    limit: int = 5_000,
) -> list[int]:
    """Return ids a filter finds, lowest first, some at a time.

    Args:
        session: Of the workspace; "me" in the filter is its person.
        wanted: The filter; its order means nothing here.
        now: What "resting" means: the moment the person asked.
        after_id: The last id of the batch before.
        up_to_id: The largest id when the person asked; what was added since is left out.
        limit: Ids of one batch.
    """
    asking = asking_of(session, now, wanted)
    ids = _matching(wanted, asking).where(col(Prospect.id) > after_id)
    if up_to_id is not None:
        ids = ids.where(col(Prospect.id) <= up_to_id)
    return list(session.execute(ids.order_by(col(Prospect.id)).limit(limit)).scalars())


def _matching(wanted: ProspectFilter, asking: Asking) -> Any:
    return restricted(sa.select(col(Prospect.id)), Prospect, wanted, asking)


def _count(session: Session, ids: Any) -> int:
    counted = sa.select(sa.func.count()).select_from(ids.subquery())
    return int(session.execute(counted).scalar_one())


def _rows(
    session: Session,
    question: _Question,
    run: Run,
    begins: tuple[Any, Any] | None,
    limit: int,
) -> Sequence[Any]:
    """Return rows of one run, with its two keys at their end."""
    rows: Sequence[Any] = ()
    shape = _Shape(
        question.wanted, question.user_id, run, question.names, question.plan,
        is_back=question.place.is_back, is_first=begins is None,
    )  # fmt: skip
    value, last_id = begins or (None, None)
    given = {"asked_at": question.now, "last_value": value, "last_id": last_id, "most": limit}
    for way in _ways(question, run):
        if way is _Way.TEST:
            edge = _edge(session, shape, given)
            shape = replace(shape, is_edged=edge is not None)
            given |= {"edge_value": edge[0], "edge_id": edge[1]} if edge else {}
        if way is _Way.FETCH:
            rarest = _rarest(session, question)
            if rarest is None:
                continue
            shape = replace(shape, named=rarest)
        rows = session.execute(_statement(way, shape), given).all()
        if len(rows) == limit or _is_all(session, way, shape, given):
            break
    return rows


def _is_all(session: Session, way: _Way, shape: _Shape, given: dict[str, Any]) -> bool:
    """Tell whether a way that found less than a page has seen all there is."""
    if way is _Way.LOOK:
        return _edge(session, shape, given) is None
    return way is not _Way.TEST or not shape.is_edged


def _edge(session: Session, shape: _Shape, given: dict[str, Any]) -> Any:
    """Find the row as far as which rows are looked at; there may be none so far down."""
    look = shape.plan.look if shape.plan else _LOOKED_AT
    return session.execute(_edge_of(shape), {**given, "look": look}).first()


@lru_cache(maxsize=128)
def _edge_of(shape: _Shape) -> Any:
    look = sa.bindparam("look", type_=sa.Integer())
    return _run_of(sa.select(*_keys(shape, beside=False)), shape).offset(look).limit(1)


def _ways(question: _Question, run: Run) -> tuple[_Way, ...]:
    """Return the ways to try, one after the other, until one finds a page or all there is."""
    wanted = question.wanted
    if run.by_card:
        return (_Way.WALK,)
    if question.plan and question.plan.question:
        found = (_Way.TEST, _Way.MATCH) if question.plan.look else (_Way.MATCH,)
        return (_Way.FETCH, *found) if memberships(wanted) else found
    is_by_score = run.sort == "score" or run.is_unknown
    if is_by_score or not wanted.narrowing:
        return (_Way.FETCH, _Way.WALK) if wanted.narrowing else (_Way.WALK,)
    if memberships(wanted):
        return _Way.FETCH, _Way.LOOK, _Way.SEARCH
    return _Way.LOOK, _Way.FETCH, _Way.SEARCH


def _rarest(session: Session, question: _Question) -> int | None:
    """Return which part of the filter names few rows by its index, as its place among those."""
    parts = named_by_index(question.wanted, Asking(question.user_id))
    for place, ids in enumerate(parts):
        if _count(session, ids.limit(_FEW + 1)) <= _FEW:
            return place
    return None


@dataclass(frozen=True, slots=True)
class _Shape:
    """All a statement depends on but the moment and the place, which are bound to it."""

    wanted: ProspectFilter
    user_id: int | None
    run: Run
    names: tuple[str, ...]
    plan: SearchPlan | None
    is_back: bool
    is_first: bool
    is_edged: bool = False  # the edge is bound to the statement
    named: int = 0  # which part of the filter names few rows


@lru_cache(maxsize=512)
def _statement(way: _Way, shape: _Shape) -> Any:
    """Select a page's columns; kept, for building it costs more than running it."""
    run, wanted = shape.run, shape.wanted
    first, second = run.keys(Prospect)
    statement = sa.select(
        *(_shown(name, wanted) for name in shape.names),
        first.label("first_key"),
        second.label("second_key"),
    )
    if wanted.asset_id is not None:
        statement = statement.join(ScoreCard, _is_card(wanted))
    most = sa.bindparam("most", type_=sa.Integer())
    if way is _Way.LOOK:
        near = _run_of(sa.select(col(Prospect.id)), shape).limit(_LOOKED_AT)
        statement = _fitting(statement, shape).where(col(Prospect.id).in_(near)).limit(most)
    elif way is _Way.SEARCH:
        near = _fitting(sa.select(col(Prospect.id)), shape)
        near = _placed(near.where(run.membership(Prospect, beside=True)), shape, beside=True)
        near = _ordered(near, shape, beside=True).limit(most)
        statement = statement.where(col(Prospect.id).in_(near))
    elif way in {_Way.WALK, _Way.TEST} and not run.by_card:
        is_tested = way is _Way.TEST
        near = _fitting(sa.select(col(Prospect.id)), shape, is_tested=is_tested)
        near = _edged(near, shape) if is_tested else near
        statement = statement.where(col(Prospect.id).in_(_run_of(near, shape).limit(most)))
    else:
        statement = _placed(_fitting(statement, shape).where(run.membership(Prospect)), shape)
        if way is _Way.FETCH:
            few = named_by_index(wanted, Asking(shape.user_id))[shape.named]
            statement = statement.where(col(Prospect.id).in_(few))
        statement = statement.limit(most)
    return _ordered(statement, shape, beside=not run.by_card)


def _shown(name: str, wanted: ProspectFilter) -> Any:
    of_card = wanted.asset_id is not None and name in {"score", "relevance"}
    return getattr(ScoreCard if of_card else Prospect, name)


def _fitting(statement: Any, shape: _Shape, *, is_tested: bool = False) -> Any:
    asking = Asking(shape.user_id, plan=shape.plan, is_tested=is_tested)
    return restricted(statement, Prospect, shape.wanted, asking)


def _run_of(statement: Any, shape: _Shape) -> Any:
    """Walk along the index of the order, from the place where the page begins."""
    return _ordered(_placed(statement.where(shape.run.membership(Prospect)), shape), shape)


def _placed(statement: Any, shape: _Shape, *, beside: bool = False) -> Any:
    if shape.is_first:
        return statement
    keys = _keys(shape, beside=beside)
    pair, last = sa.tuple_(*keys), _bound("last", keys)
    return statement.where(pair < last if _goes_down(shape) else pair > last)


def _edged(statement: Any, shape: _Shape) -> Any:
    if not shape.is_edged:
        return statement
    keys = _keys(shape, beside=False)
    pair, edge = sa.tuple_(*keys), _bound("edge", keys)
    return statement.where(pair >= edge if _goes_down(shape) else pair <= edge)


def _bound(name: str, keys: tuple[Any, Any]) -> Any:
    return sa.tuple_(
        sa.bindparam(f"{name}_value", type_=keys[0].type),
        sa.bindparam(f"{name}_id", type_=sa.Integer()),
    )


def _ordered(statement: Any, shape: _Shape, *, beside: bool = False) -> Any:
    keys = _keys(shape, beside=beside)
    return statement.order_by(*(key.desc() if _goes_down(shape) else key.asc() for key in keys))


def _keys(shape: _Shape, *, beside: bool) -> tuple[Any, Any]:
    first, second = shape.run.keys(Prospect)
    return (beside_indexes(first), beside_indexes(second)) if beside else (first, second)


def _goes_down(shape: _Shape) -> bool:
    return shape.run.is_descending is not shape.is_back


def _is_card(wanted: ProspectFilter) -> Any:
    return (col(ScoreCard.prospect_id) == Prospect.id) & (
        col(ScoreCard.asset_id) == wanted.asset_id
    )
