"""Review prospects: show one person one prospect, decide, take a decision back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.activity.models import Activity
from outreach.activity.services import Subject, record
from outreach.core.errors import Conflict
from outreach.desk.review import DECISIONS, EVERYTHING, REOPENED, next_to_review
from outreach.prospects import reviews
from outreach.prospects.queries import get_prospect
from outreach.prospects.reviews import AFRESH, Verdict
from outreach.prospects.rules import CLAIM
from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from outreach.core.db import Database, Scope, Session
    from outreach.desk.prospect_filter import ProspectFilter
    from outreach.prospects.models import Prospect
    from outreach.prospects.rules import Decision

AHEAD = 2  # one person holds what is shown and what comes next
_TRIES = 20
_LOOKED_BACK = 400  # decisions of one person among which the last one is sought
_VERBS = {Review.APPROVED: "approved", Review.REJECTED: "rejected", Review.LATER: "put_aside"}


def claim_next(
    database: Database,
    scope: Scope,
    wanted: ProspectFilter = EVERYTHING,
    *,
    now: datetime,
    first: int | None = None,
) -> list[int]:
    """Take the best open prospects for this person; two people never get the same one.

    Args:
        database: The installation's.
        scope: The person in their workspace.
        wanted: What the review is narrowed to.
        now: Claims run from here.
        first: A prospect to begin with, such as one whose decision was just taken back.

    Returns:
        The one to show and the one after it; empty when nothing is left to review.
    """
    for _ in range(_TRIES):
        with database.reading(scope) as session:
            found = next_to_review(session, wanted, now=now)
        candidates = found if first is None else [first, *(key for key in found if key != first)]
        if not candidates:
            return []
        with database.writing(scope) as session:
            taken = _claim(session, candidates, now)
        if taken:
            return taken
        first = None
    return []


def _claim(session: Session, candidates: list[int], now: datetime) -> list[int]:
    """Take the first of them that are free, at most as many as one person holds."""
    taken: list[int] = []
    waiting = list(dict.fromkeys(candidates))
    while waiting and len(taken) < AHEAD:
        asked = waiting[: AHEAD - len(taken)]
        waiting = waiting[len(asked) :]
        got = reviews.claim(session, asked, until=now + CLAIM, now=now)
        taken += [prospect_id for prospect_id in asked if prospect_id in got]
    reviews.release_claims(session, but=taken)
    return taken


def decide_and_go_on(
    session: Session,
    prospect_id: int,
    decision: Decision,
    following: list[int],
    *,
    now: datetime,
) -> tuple[Prospect, list[int]]:
    """Decide about one prospect, and take the next in the same transaction.

    Args:
        session: Of the reviewer.
        prospect_id: What is decided about.
        decision: What they say.
        following: Who may come next, best first; read before, for writers wait for this.
        now: Claims run from here.

    Returns:
        The prospect, and what was taken of those that follow.

    Raises:
        NotFound: There is no such prospect in this workspace.
        Conflict: Somebody has decided already.
        Invalid: A rejection without a reason, or a day of return that has passed.
    """
    prospect = decide(session, prospect_id, decision, now=now)
    return prospect, _claim(session, [key for key in following if key != prospect_id], now)


def decide(session: Session, prospect_id: int, decision: Decision, *, now: datetime) -> Prospect:
    """Decide about one prospect, and say so on its timeline.

    Raises:
        NotFound: There is none in this workspace.
        Conflict: Somebody has decided already.
        Invalid: A rejection without a reason, or a day of return that has passed.
    """
    prospect = get_prospect(session, prospect_id)
    before = Verdict.on(prospect)
    reviews.decide(session, prospect, decision, now=now)
    _tell(session, prospect_id, before, Verdict.on(prospect), now)
    return prospect


def decide_many(
    session: Session, wanted: Collection[int], decision: Decision, *, now: datetime
) -> list[int]:
    """Decide about those of the prospects that are still open; return their ids."""
    before = reviews.verdicts_on(session, wanted)
    ids = reviews.decide_many(session, wanted, decision, now=now)
    after = reviews.verdict_of(decision, now=now)
    for prospect_id in ids:
        _tell(session, prospect_id, before[prospect_id], after, now)
    return ids


def undo_last(session: Session, *, now: datetime) -> Prospect:
    """Take back this person's last decision that still stands: exactly what was before it stands.

    Raises:
        Conflict: There is none, or somebody has decided otherwise since.
    """
    decision = _last_decision(session)
    if decision is None:
        raise Conflict("There is no decision of yours to take back.")
    prospect = get_prospect(session, decision.subject_id)
    _take_back(session, prospect, decision, now)
    return prospect


def reopen_many(session: Session, wanted: Collection[int], *, now: datetime) -> int:
    """Take the last decision about each of these prospects back; return how many there were."""
    count = 0
    for prospect_id in wanted:
        prospect = get_prospect(session, prospect_id)
        if prospect.review is Review.NEW:
            continue
        _take_back(session, prospect, _decision_about(session, prospect), now)
        count += 1
    return count


def _take_back(
    session: Session, prospect: Prospect, decision: Activity | None, now: datetime
) -> None:
    details: dict[str, Any] = decision.details if decision else {}
    if "after" in details and Verdict.from_json(details["after"]) != Verdict.on(prospect):
        raise Conflict(f"{prospect.domain} was decided on again since; it stays as it is.")
    before = Verdict.from_json(details["before"]) if "before" in details else AFRESH
    reviews.restore(session, prospect, before)
    record(
        session,
        REOPENED,
        Subject("prospect", prospect.key),
        "Took the decision back",
        now=now,
        details={"undoes": decision.key} if decision else {},
    )


def _last_decision(session: Session) -> Activity | None:
    """Return this person's last decision that was not taken back."""
    recent = session.exec(
        select(Activity)
        .where(
            Activity.user_id == session.scope.user_id,
            Activity.subject_type == "prospect",
            col(Activity.verb).in_([*DECISIONS, REOPENED]),
        )
        .order_by(col(Activity.at).desc(), col(Activity.id).desc())
        .limit(_LOOKED_BACK)
    ).all()
    undone = {activity.details.get("undoes") for activity in recent if activity.verb == REOPENED}
    standing = (row for row in recent if row.verb != REOPENED and row.key not in undone)
    return next(standing, None)


def _decision_about(session: Session, prospect: Prospect) -> Activity | None:
    """Return the decision whose outcome stands about a prospect, if the timeline knows it."""
    rows = session.exec(
        select(Activity)
        .where(
            Activity.subject_type == "prospect",
            Activity.subject_id == prospect.key,
            col(Activity.verb).in_(DECISIONS),
        )
        .order_by(col(Activity.at).desc(), col(Activity.id).desc())
        .limit(_LOOKED_BACK)
    )
    stands = Verdict.on(prospect).to_json()
    return next((row for row in rows if row.details.get("after") == stands), None)


def _tell(
    session: Session, prospect_id: int, before: Verdict, after: Verdict, now: datetime
) -> None:
    sentences = {
        Review.APPROVED: "Approved the prospect",
        Review.REJECTED: f"Rejected the prospect: {after.reason}",
        Review.LATER: f"Put the prospect aside until {after.after:%-d %b %Y}"
        if after.after
        else "",
    }
    record(
        session,
        _VERBS[after.review],
        Subject("prospect", prospect_id),
        sentences[after.review],
        now=now,
        details={"before": before.to_json(), "after": after.to_json()},
    )
