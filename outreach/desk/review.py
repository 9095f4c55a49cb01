"""The review queue: which prospects wait for a decision, and how many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.activity.models import Activity
from outreach.desk.prospect_conditions import asking_of, beside_indexes, memberships, restricted
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import count_prospects
from outreach.prospects.models import Prospect
from outreach.prospects.rules import UNSCORED
from outreach.prospects.words import Review
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from outreach.core.db import Session

DECISIONS = ("approved", "rejected", "put_aside")  # verbs of the timeline
EVERYTHING = ProspectFilter()
_FEW = 2_000


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """How far the review is."""

    reviewed_today: int
    left: int
    has_more: bool  # the count stopped at its limit


def next_to_review(
    session: Session, wanted: ProspectFilter = EVERYTHING, *, now: datetime, limit: int = 10
) -> list[int]:
    """Return open prospects nobody else is looking at, best first; with an asset, best for it.

    What the filter says about the review and the order does not matter: only open prospects are
    reviewed, and the best of them first.
    """
    wanted = replace(wanted, review=None)
    new = _waiting(wanted, col(Prospect.review) == Review.NEW)
    if (named := memberships(wanted)) and _are_few(session, named[0]):
        new = new.where(col(Prospect.id).in_(named[0]))
    found: list[tuple[int, int]] = []
    for statement in (new, *_put_aside(session, wanted, now)):
        rows = restricted(
            statement, Prospect, replace(wanted, asset_id=None), asking_of(session, now)
        )
        rows = rows.where(_is_free(session, now)).limit(limit)
        found += [(order, prospect_id) for order, prospect_id in session.execute(rows)]
    return [prospect_id for _, prospect_id in sorted(found)[:limit]]


def _put_aside(session: Session, wanted: ProspectFilter, now: datetime) -> Iterable[Any]:
    """Yield how to read what was put aside and is due: by day while it is little, else by score."""
    is_due = col(Prospect.review_after) <= now
    count = _count(session, sa.select(col(Prospect.id)).where(is_due).limit(_FEW + 1))
    if count > _FEW:
        yield _waiting(wanted, col(Prospect.review) == Review.LATER).where(
            beside_indexes(Prospect.review_after) <= now
        )
    elif count:
        yield _waiting(wanted, beside_indexes(Prospect.review) == Review.LATER).where(is_due)


def _waiting(wanted: ProspectFilter, state: Any) -> Any:
    """Select prospects in a state by their order: the score, or the score for one asset."""
    if wanted.asset_id is None:
        order: Any = col(Prospect.score_order)
        return sa.select(order, col(Prospect.id)).where(state).order_by(order, col(Prospect.id))
    order = sa.func.coalesce(100 - col(ScoreCard.score), UNSCORED)
    is_card = (col(ScoreCard.prospect_id) == Prospect.id) & (
        col(ScoreCard.asset_id) == wanted.asset_id
    )
    statement = sa.select(order, col(Prospect.id)).join(ScoreCard, is_card).where(state)
    return statement.order_by(order, col(Prospect.id))


def _is_free(session: Session, now: datetime) -> Any:
    until: Any = beside_indexes(Prospect.claimed_until)
    is_mine = beside_indexes(Prospect.claimed_by_id) == session.scope.user_id
    return until.is_(None) | (until < now) | is_mine


def _are_few(session: Session, ids: Any) -> bool:
    return _count(session, ids.limit(_FEW + 1)) <= _FEW


def _count(session: Session, ids: Any) -> int:
    counted = sa.select(sa.func.count()).select_from(ids.subquery())
    return int(session.execute(counted).scalar_one())


def review_progress(
    session: Session, wanted: ProspectFilter, *, since: datetime, now: datetime
) -> ReviewProgress:
    """Count what this person decided since a moment, and what is left that was never decided on."""
    mine = session.exec(
        select(sa.func.count())
        .select_from(Activity)
        .where(
            Activity.user_id == session.scope.user_id,
            col(Activity.at) >= since,
            Activity.subject_type == "prospect",
            col(Activity.verb).in_(DECISIONS),
        )
    ).one()
    if not wanted.without("review").narrowing:
        return ReviewProgress(mine, _count_new(session), has_more=False)
    left, has_more = count_prospects(session, replace(wanted, review=Review.NEW), now=now)
    return ReviewProgress(mine, left, has_more)


def _count_new(session: Session) -> int:
    counted = select(sa.func.count()).select_from(Prospect).where(Prospect.review == Review.NEW)
    return session.exec(counted).one()


def review_counts(session: Session) -> dict[Review, int]:
    """Count prospects by what was decided about them."""
    rows = session.exec(
        select(Prospect.review, sa.func.count()).group_by(col(Prospect.review))
    ).all()
    return {Review(review): count for review, count in rows}
