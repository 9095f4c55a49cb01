"""Deciding about prospects: one at a time in the review, or a selection at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select, update

from outreach.core.errors import Conflict, Invalid
from outreach.prospects.models import Prospect
from outreach.prospects.rules import LATER, Decision
from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from outreach.core.db import Session


def decide(session: Session, prospect: Prospect, decision: Decision, *, now: datetime) -> Prospect:
    """Approve, reject or put aside a prospect.

    Raises:
        Conflict: Somebody has decided already.
        Invalid: A rejection without a reason.
    """
    if not prospect.is_open:
        raise Conflict(f"{prospect.domain} is {prospect.review.value} already.")
    if decision.review is Review.REJECTED and not decision.reason.strip():
        raise Invalid("Say why this prospect is rejected.")
    prospect.review = decision.review
    prospect.rejected_because = decision.reason.strip()
    prospect.review_after = now + LATER if decision.review is Review.LATER else None
    prospect.claimed_by_id = prospect.claimed_until = None
    session.flush()
    return prospect


def reopen(session: Session, prospect: Prospect) -> None:
    """Take a decision back: the prospect is to be reviewed again."""
    prospect.review, prospect.rejected_because, prospect.review_after = Review.NEW, "", None
    session.flush()


def decide_many(
    session: Session, wanted: Collection[int], decision: Decision, *, now: datetime
) -> list[int]:
    """Decide about those of the prospects that are still open; return their ids."""
    is_open = col(Prospect.review).in_([Review.NEW, Review.LATER])
    ids = [
        prospect_id
        for prospect_id in session.exec(
            select(Prospect.id).where(col(Prospect.id).in_(list(wanted)), is_open)
        )
        if prospect_id is not None
    ]
    session.execute(
        update(Prospect)
        .where(col(Prospect.id).in_(ids), is_open)
        .values(
            review=decision.review,
            rejected_because=decision.reason.strip(),
            review_after=now + LATER if decision.review is Review.LATER else None,
            claimed_by_id=None,
            claimed_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    return ids


def reopen_many(session: Session, wanted: Collection[int]) -> int:
    """Take the decision about each of these prospects back."""
    changed = session.execute(
        update(Prospect)
        .where(col(Prospect.id).in_(list(wanted)), col(Prospect.review) != Review.NEW)
        .values(review=Review.NEW, rejected_because="", review_after=None)
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def claim(session: Session, prospect_id: int, *, until: datetime, now: datetime) -> bool:
    """Take a prospect for one reviewer for a moment; False when another has it."""
    me = session.scope.user_id
    is_free = sa.or_(
        col(Prospect.claimed_until).is_(None),
        col(Prospect.claimed_until) < now,
        col(Prospect.claimed_by_id) == me,
    )
    taken = session.execute(
        update(Prospect)
        .where(col(Prospect.id) == prospect_id, is_free)
        .values(claimed_by_id=me, claimed_until=until)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def release_claims(session: Session, *, but: int | None = None) -> None:
    """Give back what this person holds in the review, all but one prospect if named."""
    held = update(Prospect).where(
        col(Prospect.claimed_by_id) == session.scope.user_id,
        col(Prospect.claimed_until).is_not(None),
    )
    if but is not None:
        held = held.where(col(Prospect.id) != but)
    session.execute(
        held.values(claimed_by_id=None, claimed_until=None).execution_options(
            synchronize_session=False
        )
    )
