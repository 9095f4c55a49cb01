"""The review queue: which prospects wait for a decision, and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.prospects.models import Prospect
from outreach.prospects.rules import UNSCORED
from outreach.prospects.words import Review
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session


def next_to_review(
    session: Session, *, asset_id: int | None, now: datetime, limit: int = 10
) -> list[int]:
    """Return open prospects nobody else is looking at, best first."""
    me = session.scope.user_id
    is_free = (
        col(Prospect.claimed_until).is_(None)
        | (col(Prospect.claimed_until) < now)
        | (col(Prospect.claimed_by_id) == me)
    )
    found: list[tuple[int, int]] = []
    for is_due in (
        col(Prospect.review) == Review.NEW,
        (col(Prospect.review) == Review.LATER) & (col(Prospect.review_after) <= now),
    ):
        key, statement = _in_order(asset_id)
        rows = session.execute(
            statement.where(is_due, is_free).order_by(key, col(Prospect.id)).limit(limit)
        )
        found += [(order, prospect_id) for order, prospect_id in rows]
    return [prospect_id for _, prospect_id in sorted(found)[:limit]]


def _in_order(asset_id: int | None) -> tuple[Any, Any]:
    """Return what prospects are ordered by, for one asset or for any, and the selection of it."""
    if asset_id is None:
        key: Any = col(Prospect.score_order)
        return key, sa.select(key, col(Prospect.id))
    key = sa.func.coalesce(100 - col(ScoreCard.score), UNSCORED)
    is_card = (col(ScoreCard.prospect_id) == Prospect.id) & (col(ScoreCard.asset_id) == asset_id)
    return key, sa.select(key, col(Prospect.id)).join(ScoreCard, is_card)


def review_counts(session: Session) -> dict[Review, int]:
    """Count prospects by what was decided about them."""
    rows = session.exec(
        select(Prospect.review, sa.func.count()).group_by(col(Prospect.review))
    ).all()
    return {Review(review): count for review, count in rows}
