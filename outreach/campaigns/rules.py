"""Which moves between stages make sense, and how far a prospect is over all its campaigns."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.campaigns.words import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

STAGES = tuple(Stage)
BOARD_STAGES = STAGES
MOST_VALUE_CENTS = 100_000_000_00

# How long an opportunity may rest in a stage before its card says so.
STALE_AFTER = {
    Stage.IDENTIFIED: timedelta(days=30),
    Stage.QUALIFIED: timedelta(days=21),
    Stage.READY: timedelta(days=7),
    Stage.PITCHED: timedelta(days=10),
    Stage.FOLLOWING_UP: timedelta(days=14),
    Stage.IN_CONVERSATION: timedelta(days=10),
    Stage.COMMITTED: timedelta(days=21),
}

# Somebody has written to them from here on.
_AFTER_PITCH = frozenset(
    {
        Stage.PITCHED,
        Stage.FOLLOWING_UP,
        Stage.IN_CONVERSATION,
        Stage.COMMITTED,
        Stage.WON,
        Stage.LOST,
        Stage.DECLINED,
        Stage.UNRESPONSIVE,
    }
)


def problem_with_move(old: Stage, new: Stage, *, reason: str = "") -> str:
    """Say what keeps an opportunity from moving; "" when nothing does.

    Forward and backward are both allowed. Only what would falsify the record is not: an answer
    before anyone wrote, a loss or an undone win without its reason.
    """
    if new is old:
        return f"It is {label(new)} already."
    if new in {Stage.UNRESPONSIVE, Stage.DECLINED} and old not in _AFTER_PITCH:
        return f"Nobody has written to them yet, so they cannot be {label(new)}."
    if new is Stage.LOST and not reason.strip():
        return "Say why it is lost."
    if old is Stage.WON and not reason.strip():
        return "Say why a won link is no longer won."
    return ""


def moves_from(stage: Stage) -> list[Stage]:
    """List where an opportunity may go next, in the order of stages."""
    return [new for new in STAGES if not problem_with_move(stage, new, reason="given")]


def needs_reason(old: Stage, new: Stage) -> bool:
    """True when a move is refused unless somebody says why."""
    return new is not old and bool(
        problem_with_move(old, new) and not problem_with_move(old, new, reason="given")
    )


def is_backward(old: Stage, new: Stage) -> bool:
    """True when a move takes an opportunity back, or opens it again."""
    return STAGES.index(new) < STAGES.index(old)


def has_been_pitched(stage: Stage) -> bool:
    """True once somebody has written to them."""
    return stage in _AFTER_PITCH


def days_since(since: datetime, now: datetime) -> str:
    """Say for how many whole days an opportunity has been where it is; "" on the first."""
    days = (now - since).days
    if days < 1:
        return ""
    return f"{days:,} {'day' if days == 1 else 'days'}"


def is_stale(stage: Stage, since: datetime, now: datetime) -> bool:
    """True when an opportunity has rested longer than its stage should last."""
    limit = STALE_AFTER.get(stage)
    return limit is not None and now - since > limit


def problem_with_value(value_cents: int) -> str:
    """Say what is wrong with a value; "" when nothing is."""
    if value_cents < 0:
        return "A value cannot be below zero."
    if value_cents > MOST_VALUE_CENTS:
        return f"A value cannot be above {MOST_VALUE_CENTS // 100:,}."
    return ""


def furthest(stages: Iterable[Stage]) -> Stage | None:
    """Return the furthest of the open stages, else the furthest that ended; None without any.

    A won link outranks every other ending.
    """
    known = list(stages)
    still_open = [stage for stage in known if not stage.is_over]
    if still_open:
        return max(still_open, key=STAGES.index)
    return min(known, key=STAGES.index, default=None)


def label(stage: Stage) -> str:
    """The stage as people read it."""
    return stage.value.replace("_", " ")
