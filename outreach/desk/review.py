"""The review queue: which prospects wait for a decision, and how many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.activity.models import Activity
from outreach.desk.prospect_conditions import (
    Asking,
    beside_indexes,
    memberships,
    plan_of,
    restricted,
)
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import count_prospects
from outreach.prospects.models import Prospect
from outreach.prospects.rules import UNSCORED
from outreach.prospects.words import Review
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from outreach.core.db import Session

DECISIONS = ("approved", "rejected", "put_aside")  # verbs of the timeline
REOPENED = "reopened"
EVERYTHING = ProspectFilter()
_FEW = 2_000
_MOMENT: Any = sa.inspect(Prospect).columns["review_after"].type
_REVIEW_AFTER: Any = col(Prospect.review_after)


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """How far the review is."""

    reviewed_today: int
    left: int
    has_more: bool  # the count stopped at its limit


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows that one index holds in the order they are reviewed in."""

    state: Review | None = Review.NEW  # None: any that is open, along the scores for an asset
    is_by_day: bool = False  # put aside, and so few that they are found by their day
    is_scored: bool = True  # for the asset


def next_to_review(
    session: Session, wanted: ProspectFilter = EVERYTHING, *, now: datetime, limit: int = 10
) -> list[int]:
    """Return open prospects nobody else is looking at, best first; with an asset, best for it.

    What the filter says about the review and the order does not matter: only open prospects are
    reviewed, and the best of them first.
    """
    plan = plan_of(session, wanted)
    if plan is not None and plan.finds_nothing:
        return []
    wanted = replace(wanted, review=None, search="", sort="score")
    given = {"asked_at": now, "most": limit}
    named = memberships(replace(wanted, asset_id=None))
    is_rare = bool(named) and _are_few(session, named[0])
    found: list[tuple[int, int, int]] = []
    for run in _runs(session, wanted, now):
        if len(found) >= limit and wanted.asset_id is not None:
            break
        statement = _statement(run, wanted, session.scope.user_id)
        if is_rare:
            statement = statement.where(col(Prospect.id).in_(named[0]))
        if plan is not None:
            statement = statement.where(plan.condition(col(Prospect.id), is_narrowed=is_rare))
        found += [(order, tie, key) for order, tie, key in session.execute(statement, given)]
    return [prospect_id for *_, prospect_id in sorted(found)[:limit]]


def _runs(session: Session, wanted: ProspectFilter, now: datetime) -> Iterator[_Run]:
    """Yield where to look; what was put aside is found by day while it is little, else by score."""
    if wanted.asset_id is not None:
        yield _Run(state=None)
        yield _Run(state=None, is_scored=False)
        return
    yield _Run()
    due = session.execute(_due(), {"asked_at": now}).scalar_one()
    if due:
        yield _Run(Review.LATER, is_by_day=due <= _FEW)


def _asked_at() -> Any:
    return sa.bindparam("asked_at", type_=_MOMENT)


@cache
def _due() -> Any:
    is_due = col(Prospect.review_after) <= _asked_at()
    some = sa.select(col(Prospect.id)).where(is_due).limit(_FEW + 1)
    return sa.select(sa.func.count()).select_from(some.subquery())


@lru_cache(maxsize=256)
def _statement(run: _Run, wanted: ProspectFilter, user_id: int | None) -> Any:
    """Select order, tie and id; kept, for building it costs more than running it."""
    statement = _of_asset(run, wanted) if run.state is None else _of_state(run)
    asking = Asking(user_id)
    rows = restricted(statement, Prospect, replace(wanted, asset_id=None), asking)
    return rows.where(_is_free(user_id)).limit(sa.bindparam("most", type_=sa.Integer()))


def _of_state(run: _Run) -> Any:
    order, key = col(Prospect.score_order), col(Prospect.id)
    review: Any = beside_indexes(Prospect.review) if run.is_by_day else col(Prospect.review)
    after: Any = col(Prospect.review_after) if run.is_by_day else beside_indexes(_REVIEW_AFTER)
    is_due = sa.true() if run.state is Review.NEW else after <= _asked_at()
    return sa.select(order, key, key).where(review == run.state, is_due).order_by(order, key)


def _of_asset(run: _Run, wanted: ProspectFilter) -> Any:
    """Walk the cards of an asset from the best; a score that is unknown comes last."""
    score, key = col(ScoreCard.score), col(ScoreCard.prospect_id)
    review: Any = beside_indexes(Prospect.review)
    order: Any = 100 - score if run.is_scored else sa.literal(UNSCORED)
    is_due = (review == Review.LATER) & (beside_indexes(_REVIEW_AFTER) <= _asked_at())
    statement = (
        sa.select(order.label("rank"), (-key).label("tie"), col(Prospect.id))
        .select_from(ScoreCard)
        .join(Prospect, col(Prospect.id) == key)
        .where(col(ScoreCard.asset_id) == wanted.asset_id, (review == Review.NEW) | is_due)
    )
    if run.is_scored:
        return statement.where(score.is_not(None)).order_by(score.desc(), key.desc())
    return statement.where(score.is_(None)).order_by(key.desc())


def _is_free(user_id: int | None) -> Any:
    until: Any = beside_indexes(Prospect.claimed_until)
    is_mine = beside_indexes(Prospect.claimed_by_id) == user_id
    return until.is_(None) | (until < _asked_at()) | is_mine


def _are_few(session: Session, ids: Any) -> bool:
    counted = sa.select(sa.func.count()).select_from(ids.limit(_FEW + 1).subquery())
    return int(session.execute(counted).scalar_one()) <= _FEW


def review_progress(
    session: Session, wanted: ProspectFilter, *, since: datetime, now: datetime
) -> ReviewProgress:
    """Count what this person decided since a moment, and what is left that was never decided on."""
    mine = decided_since(session, since)
    if not wanted.without("review").narrowing:
        return ReviewProgress(mine, _count_new(session), has_more=False)
    left, has_more = count_prospects(session, replace(wanted, review=Review.NEW), now=now)
    return ReviewProgress(mine, left, has_more)


def decided_since(session: Session, since: datetime) -> int:
    """Count this person's decisions since a moment that were not taken back."""
    is_today = (col(Activity.subject_type) == "prospect") & (col(Activity.at) >= since)
    mine = session.execute(
        sa.select(col(Activity.id)).where(
            is_today,
            col(Activity.user_id) == session.scope.user_id,
            col(Activity.verb).in_(DECISIONS),
        )
    )
    taken_back = session.execute(
        sa.select(col(Activity.details)).where(is_today, col(Activity.verb) == REOPENED)
    )
    undone = {details.get("undoes") for details in taken_back.scalars()}
    return len(set(mine.scalars()) - undone)


def _count_new(session: Session) -> int:
    counted = select(sa.func.count()).select_from(Prospect).where(Prospect.review == Review.NEW)
    return session.exec(counted).one()


def review_counts(session: Session) -> dict[Review, int]:
    """Count prospects by what was decided about them."""
    rows = session.exec(
        select(Prospect.review, sa.func.count()).group_by(col(Prospect.review))
    ).all()
    return {Review(review): count for review, count in rows}
