"""Review prospects: show one person one prospect, decide, take a decision back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.desk.review import next_to_review
from outreach.prospects import reviews
from outreach.prospects.queries import get_prospect
from outreach.prospects.rules import CLAIM
from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from outreach.core.db import Database, Scope, Session
    from outreach.prospects.models import Prospect
    from outreach.prospects.rules import Decision

_VERBS = {Review.APPROVED: "approved", Review.REJECTED: "rejected", Review.LATER: "put_aside"}


def claim_next(
    database: Database, scope: Scope, *, asset_id: int | None, now: datetime
) -> int | None:
    """Take the best open prospect for this person; two people never get the same one.

    Returns:
        Its id, or None when nothing is left to review.
    """
    with database.reading(scope) as session:
        candidates = next_to_review(session, asset_id=asset_id, now=now)
    with database.writing(scope) as session:
        for prospect_id in candidates:
            if reviews.claim(session, prospect_id, until=now + CLAIM, now=now):
                reviews.release_claims(session, but=prospect_id)
                return prospect_id
    return None


def decide(session: Session, prospect_id: int, decision: Decision, *, now: datetime) -> Prospect:
    """Decide about one prospect, and say so on its timeline.

    Raises:
        NotFound: There is none in this workspace.
        Conflict: Somebody has decided already.
        Invalid: A rejection without a reason.
    """
    prospect = reviews.decide(session, get_prospect(session, prospect_id), decision, now=now)
    _tell(session, prospect_id, decision, now)
    return prospect


def decide_many(
    session: Session, wanted: Collection[int], decision: Decision, *, now: datetime
) -> list[int]:
    """Decide about those of the prospects that are still open; return their ids."""
    ids = reviews.decide_many(session, wanted, decision, now=now)
    for prospect_id in ids:
        _tell(session, prospect_id, decision, now)
    return ids


def reopen_many(session: Session, wanted: Collection[int], *, now: datetime) -> int:
    """Take decisions back: these prospects are to be reviewed again."""
    known = [get_prospect(session, prospect_id).key for prospect_id in wanted]
    for prospect_id in known:
        subject = Subject("prospect", prospect_id)
        record(session, "reopened", subject, "Took the decision back", now=now)
    return reviews.reopen_many(session, known)


def _tell(session: Session, prospect_id: int, decision: Decision, now: datetime) -> None:
    sentences = {
        Review.APPROVED: "Approved the prospect",
        Review.REJECTED: f"Rejected the prospect: {decision.reason.strip()}",
        Review.LATER: "Put the prospect aside for later",
    }
    record(
        session,
        _VERBS[decision.review],
        Subject("prospect", prospect_id),
        sentences[decision.review],
        now=now,
    )
