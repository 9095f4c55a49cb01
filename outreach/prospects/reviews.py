"""Deciding about prospects: one at a time in the review, or a selection at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col, select, update

from outreach.core.errors import Conflict, Invalid
from outreach.prospects.models import Prospect
from outreach.prospects.rules import LATER, Decision
from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Collection

    from outreach.core.db import Session

_OPEN = (Review.NEW, Review.LATER)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands about a prospect; kept with each decision, so that its undo is exact."""

    review: Review
    reason: str = ""
    after: datetime | None = None

    def to_json(self) -> dict[str, object]:
        """Return it as a timeline's details keep it."""
        after = self.after.isoformat() if self.after else None
        return {"review": self.review.value, "reason": self.reason, "after": after}

    @classmethod
    def from_json(cls, kept: Any) -> Verdict:
        """Read it back from a timeline's details."""
        after = datetime.fromisoformat(kept["after"]) if kept["after"] else None
        return cls(Review(kept["review"]), kept["reason"], after)

    @classmethod
    def on(cls, prospect: Prospect) -> Verdict:
        """Return what stands about a prospect now."""
        return cls(prospect.review, prospect.rejected_because, prospect.review_after)


AFRESH = Verdict(Review.NEW)


def verdict_of(decision: Decision, *, now: datetime) -> Verdict:
    """Return what will stand once a decision is taken.

    Raises:
        Invalid: A rejection without a reason, or a day of return that has passed.
    """
    reason = decision.reason.strip()
    if decision.review is Review.REJECTED and not reason:
        raise Invalid("Say why this prospect is rejected.")
    if decision.review is not Review.LATER:
        return Verdict(decision.review, reason)
    if decision.until is not None and decision.until <= now:
        raise Invalid("Choose a day that is still to come.")
    return Verdict(decision.review, reason, decision.until or now + LATER)


def decide(session: Session, prospect: Prospect, decision: Decision, *, now: datetime) -> Prospect:
    """Approve, reject or put aside a prospect.

    Raises:
        Conflict: Somebody has decided already.
        Invalid: A rejection without a reason, or a day of return that has passed.
    """
    verdict = verdict_of(decision, now=now)
    if not _change([prospect.key], verdict, session, col(Prospect.review).in_(_OPEN)):
        session.refresh(prospect)
        raise Conflict(f"{prospect.domain} is {prospect.review.value} already.")
    for name, value in _values(verdict).items():
        set_committed_value(prospect, name, value)
    return prospect


def restore(session: Session, prospect: Prospect, verdict: Verdict) -> None:
    """Let stand what stood before a decision."""
    _change([prospect.key], verdict, session)
    session.refresh(prospect)


def decide_many(
    session: Session, wanted: Collection[int], decision: Decision, *, now: datetime
) -> list[int]:
    """Decide about those of the prospects that are still open; return their ids."""
    verdict = verdict_of(decision, now=now)
    is_open = col(Prospect.review).in_(_OPEN)
    found = select(Prospect.id).where(col(Prospect.id).in_(sorted(set(wanted))), is_open)
    ids = [prospect_id for prospect_id in session.exec(found) if prospect_id is not None]
    _change(ids, verdict, session, is_open)
    return ids


def verdicts_on(session: Session, prospects: Collection[int]) -> dict[int, Verdict]:
    """Return what stands about each of these prospects."""
    rows = session.exec(
        select(
            Prospect.id, Prospect.review, Prospect.rejected_because, Prospect.review_after
        ).where(col(Prospect.id).in_(sorted(prospects)))
    )
    return {
        key: Verdict(Review(review), reason, after)
        for key, review, reason, after in rows
        if key is not None
    }


def _change(ids: Collection[int], verdict: Verdict, session: Session, *still: Any) -> int:
    changed = session.execute(
        update(Prospect)
        .where(col(Prospect.id).in_(sorted(ids)), *still)
        .values(**_values(verdict))
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def _values(verdict: Verdict) -> dict[str, Any]:
    return {
        "review": verdict.review,
        "rejected_because": verdict.reason,
        "review_after": verdict.after,
        "claimed_by_id": None,
        "claimed_until": None,
    }


def claim(session: Session, wanted: Collection[int], *, until: datetime, now: datetime) -> set[int]:
    """Take open prospects for one reviewer for a moment; return those another has not taken."""
    me = session.scope.user_id
    is_free = sa.or_(
        col(Prospect.claimed_until).is_(None),
        col(Prospect.claimed_until) < now,
        col(Prospect.claimed_by_id) == me,
    )
    taken = session.execute(
        update(Prospect)
        .where(col(Prospect.id).in_(sorted(wanted)), is_free, col(Prospect.review).in_(_OPEN))
        .values(claimed_by_id=me, claimed_until=until)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount == len(wanted):  # type: ignore[attr-defined]
        return set(wanted)
    mine = select(Prospect.id).where(
        col(Prospect.id).in_(sorted(wanted)),
        Prospect.claimed_by_id == me,
        Prospect.claimed_until == until,
    )
    return {prospect_id for prospect_id in session.exec(mine) if prospect_id is not None}


def release_claims(session: Session, *, but: Collection[int] = ()) -> None:
    """Give back what this person holds in the review, all but the prospects named."""
    session.execute(
        update(Prospect)
        .where(
            col(Prospect.claimed_by_id) == session.scope.user_id,
            col(Prospect.claimed_until).is_not(None),
            col(Prospect.id).not_in(sorted(but)),
        )
        .values(claimed_by_id=None, claimed_until=None)
        .execution_options(synchronize_session=False)
    )
