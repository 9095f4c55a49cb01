"""What can be done to many prospects at once: decide, reopen, hand over, describe."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.queries import members_of
from outreach.core.errors import Invalid
from outreach.prospects import many
from outreach.prospects.models import Prospect
from outreach.prospects.site_facts import SiteFacts
from outreach.prospects.words import Review
from outreach.workflows.bulk import BulkKind, Change, Plan
from outreach.workflows.bulk_choice import find_prospects, of_prospects, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from outreach.core.db import Session
    from outreach.workflows.bulk import Chosen

Arguments = dict[str, object]

FACTS = ("tactic", "topic", "country", "language")
_OPEN = (Review.NEW, Review.LATER)
_VERBS = {Review.APPROVED: "Approve", Review.REJECTED: "Reject", Review.LATER: "Put aside"}
_PAST = {Review.APPROVED: "Approved", Review.REJECTED: "Rejected", Review.LATER: "Put aside"}


def prospects(count: int) -> str:
    """Say a number of prospects."""
    return "1 prospect" if count == 1 else f"{count:,} prospects"


def staying(count: int, why_one: str, why_many: str) -> str:
    """Say how many stay as they are, and why; nothing for none."""
    if not count:
        return ""
    return f" 1 stays: {why_one}." if count == 1 else f" {count:,} stay: {why_many}."


def count_where(session: Session, chosen: Chosen, *tests: Any) -> tuple[int, int, tuple[int, ...]]:
    """Count a choice of prospects, and how many of them pass each of some tests.

    Returns:
        All of them, the highest id there is among them, and one count for each test.
    """
    key = col(Prospect.id)
    sums = [sa.func.sum(sa.case((test, 1), else_=0)) for test in tests]
    statement = of_prospects(session, chosen, sa.func.count(key), sa.func.max(key), *sums)
    total, highest, *found = session.execute(statement).one()
    return total, highest or 0, tuple(int(count or 0) for count in found)


def _plan_decision(session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
    values = _verdict(arguments)
    review = values["review"]
    total, highest, (count,) = count_where(session, chosen, col(Prospect.review).in_(_OPEN))
    if not count:
        return Plan(0, total, f"Nothing to do: of {prospects(total)} none is open.", highest)
    reason, until = values["rejected_because"], values["review_after"]
    how = f" until {until:%-d %b %Y}" if until else f": {reason}" if reason else ""
    sentence = f"{_VERBS[review]} {prospects(count)}{how}."
    why = "it was decided on before", "they were decided on before"
    return Plan(count, total, sentence + staying(total - count, *why), highest)


def _decide(
    session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
) -> list[Change]:
    values = _verdict(arguments)
    altered = many.set_many(session, ids, values, only=_OPEN)
    because = f": {values['rejected_because']}" if values["rejected_because"] else ""
    sentence = f"{_PAST[values['review']]} with many others{because}."
    return _told(session, altered, "decided", sentence, now)


def _verdict(arguments: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns a decision sets.

    Raises:
        Invalid: It is no decision, has no reason, or no day of return.
    """
    given, reason = str(arguments.get("review", "")), str(arguments.get("reason", "")).strip()
    if given not in {review.value for review in _VERBS}:
        raise Invalid("Choose approve, reject or later.")
    review = Review(given)
    if review is Review.REJECTED and not reason:
        raise Invalid("Say why these prospects are rejected.")
    until = arguments.get("until")
    if review is Review.LATER and not until:
        raise Invalid("Say until when these prospects are put aside.")
    return {
        "review": review,
        "rejected_because": reason[:300] if review is Review.REJECTED else "",
        "review_after": datetime.fromisoformat(str(until)) if review is Review.LATER else None,
    }


_AFRESH: dict[str, Any] = {"review": Review.NEW, "rejected_because": "", "review_after": None}
_DECIDED = tuple(review for review in Review if review is not Review.NEW)


def _plan_reopening(session: Session, chosen: Chosen, _: Arguments) -> Plan:
    total, highest, (count,) = count_where(session, chosen, col(Prospect.review).in_(_DECIDED))
    if not count:
        return Plan(0, total, f"Nothing to do: {prospects(total)} wait for a decision.", highest)
    sentence = f"Put {prospects(count)} back into the review; what was decided is taken back."
    why = "it waits for a decision already", "they wait for a decision already"
    return Plan(count, total, sentence + staying(total - count, *why), highest)


def _reopen(session: Session, ids: Sequence[int], _: Arguments, now: datetime) -> list[Change]:
    altered = many.set_many(session, ids, _AFRESH, only=_DECIDED)
    return _told(session, altered, "decided", "Put back into the review with many others.", now)


def _plan_owner(session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
    owner_id, name = _owner(session, arguments)
    owner = col(Prospect.owner_id)
    differs = owner.is_not(None) if owner_id is None else owner.is_distinct_from(owner_id)
    theirs = sa.and_(owner.is_not(None), differs)
    total, highest, (count, others) = count_where(session, chosen, differs, theirs)
    if not count:
        return Plan(0, total, f"Nothing to do: {prospects(total)} belong to {name}.", highest)
    sentence = f"Hand {prospects(count)} to {name}."
    if others:
        sentence += f" {others:,} of them {'has' if others == 1 else 'have'} another owner now."
    why = f"it belongs to {name} already", f"they belong to {name} already"
    return Plan(count, total, sentence + staying(total - count, *why), highest)


def _assign(
    session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
) -> list[Change]:
    owner_id, name = _owner(session, arguments)
    altered = many.set_many(session, ids, {"owner_id": owner_id})
    return _told(session, altered, "assigned", f"Handed to {name} with many others.", now)


def _owner(session: Session, arguments: Arguments) -> tuple[int | None, str]:
    owner_id = arguments.get("owner_id")
    if owner_id is None:
        return None, "nobody"
    members = {user.key: user.name for user, _ in members_of(session, session.workspace_id)}
    if not isinstance(owner_id, int) or owner_id not in members:
        raise Invalid("Choose a member of this workspace.")
    return owner_id, members[owner_id]


def _plan_fact(session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
    name, value = _fact(arguments)
    column = getattr(Prospect, name)
    other = sa.and_(column != value, column != "")
    total, highest, (count, replaced) = count_where(session, chosen, column != value, other)
    said = f"“{_shown(value)}”" if value else "nothing"
    if not count:
        return Plan(0, total, f"Nothing to do: the {name} of all is {said} already.", highest)
    sentence = f"Set the {name} of {prospects(count)} to {said}."
    if replaced and value:
        sentence += f" {replaced:,} of them {'says' if replaced == 1 else 'say'} otherwise now."
    why = "it says so already", "they say so already"
    return Plan(count, total, sentence + staying(total - count, *why), highest)


def _describe(
    session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
) -> list[Change]:
    name, value = _fact(arguments)
    altered = many.set_many(session, ids, {name: value})
    said = f"Set the {name} to “{_shown(value)}”" if value else f"Emptied the {name}"
    return _told(session, altered, "edited", f"{said} with many others.", now)


def _fact(arguments: Arguments) -> tuple[str, str]:
    name, value = str(arguments.get("name", "")), str(arguments.get("value", ""))
    if name not in FACTS:
        raise Invalid("Choose what to set.")
    return name, str(getattr(SiteFacts(**{name: value}).checked(), name))


def _shown(value: str) -> str:
    return value.replace("_", " ")


def _told(
    session: Session, altered: Sequence[many.Altered], verb: str, sentence: str, now: datetime
) -> list[Change]:
    tell(session, "prospect", verb, ((row.id, sentence) for row in altered), now=now)
    return [Change(row.id, row.before, row.after) for row in altered]


def _restore(session: Session, changes: Sequence[Change], now: datetime) -> int:
    known = [many.Altered(row.subject_id, row.before, row.after) for row in changes]
    back = many.put_back(session, known)
    line = "Took the last change of many back."
    tell(session, "prospect", "put back", ((key, line) for key in back), now=now)
    return len(back)


DECIDE, REOPEN, ASSIGN, DESCRIBE = KINDS = tuple(
    BulkKind(name, "prospect", done, plan, find_prospects, change, _restore)
    for name, done, plan, change in (
        ("decide_on_prospects", "Decided on", _plan_decision, _decide),
        ("reopen_prospects", "Reopened", _plan_reopening, _reopen),
        ("hand_over_prospects", "Handed over", _plan_owner, _assign),
        ("describe_prospects", "Changed", _plan_fact, _describe),
    )
)
