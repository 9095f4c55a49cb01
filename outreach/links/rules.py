"""The life of a backlink: what one look does to its state, and when to look again.

Pure: `now` is an argument. "We could not look" is never "the link is gone": a verdict of the
family "cannot tell" moves nothing towards lost and nothing back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from outreach.links.words import CheckFamily, CheckReason, LinkState

MISSES_APART = timedelta(hours=24)
CANNOT_TELL_LIMIT = 3  # looks in a row before we say that we cannot verify
FULL_LOOK_EVERY = 5  # some servers call changed pages unchanged, so every fifth look is a full one

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# Until this age of the win, look again after so long (product.md, "Defaults").
_LADDER = (
    (timedelta(days=14), _DAY),
    (timedelta(days=182), timedelta(days=7)),
)
_LONGEST_WAIT = timedelta(days=30)
_BACKOFF = (_HOUR, 4 * _HOUR, 16 * _HOUR, 2 * _DAY, 4 * _DAY, 7 * _DAY)
_SPREAD = 0.1  # share of a long wait by which links are pulled apart
_SPREAD_FROM = timedelta(days=7)

# Answers that will not change by asking again soon.
_LASTING = frozenset({CheckReason.ROBOTS, CheckReason.FORBIDDEN_ADDRESS, CheckReason.BAD_URL})


@dataclass(frozen=True, slots=True)
class LinkHistory:
    """What earlier looks left: the standing of a backlink just before a new verdict."""

    state: LinkState
    has_been_seen: bool = False
    missing_since: datetime | None = None
    cannot_tell_streak: int = 0  # looks in a row that told nothing, before this one


@dataclass(frozen=True, slots=True)
class Look:
    """The part of a verdict that moves the state."""

    family: CheckFamily
    reason: CheckReason
    is_as_agreed: bool = True


def next_state(history: LinkHistory, look: Look, now: datetime) -> LinkState:
    """Return the state after a look; lost needs two misses at least 24 hours apart."""
    if history.state.is_settled:
        return history.state
    if look.family is CheckFamily.SEEN:
        return _after_seen(history.state, look)
    if look.family is CheckFamily.NOT_THERE:
        return _after_miss(history, now)
    return _after_nothing(history, look.reason)


def _after_seen(state: LinkState, look: Look) -> LinkState:
    if look.reason is CheckReason.NOT_MODIFIED and state.is_live:
        return state
    if not look.is_as_agreed:
        return LinkState.LIVE_CHANGED
    if state in {LinkState.LOST, LinkState.RECLAIMED}:
        return LinkState.RECLAIMED
    return LinkState.LIVE


def _after_miss(history: LinkHistory, now: datetime) -> LinkState:
    if history.state is LinkState.LOST:
        return LinkState.LOST
    if not history.has_been_seen:
        return LinkState.EXPECTED  # what has never been there cannot be lost
    since = history.missing_since
    if history.state is LinkState.MISSING_ONCE and since and now - since >= MISSES_APART:
        return LinkState.LOST
    return LinkState.MISSING_ONCE


def _after_nothing(history: LinkHistory, reason: CheckReason) -> LinkState:
    if history.state in {LinkState.MISSING_ONCE, LinkState.LOST}:
        return history.state
    is_enough = history.cannot_tell_streak + 1 >= CANNOT_TELL_LIMIT
    return LinkState.UNVERIFIABLE if is_enough or reason in _LASTING else history.state


@dataclass(frozen=True, slots=True)
class Plan:
    """What the next look's date depends on besides the verdict."""

    state: LinkState  # after the look
    started_at: datetime  # when it was won, or first known
    missing_since: datetime | None = None
    lost_at: datetime | None = None
    cannot_tell_streak: int = 0  # this look included
    retry_after_s: int | None = None
    key: str = ""  # spreads long waits; equal for the links of one page


def next_check_at(plan: Plan, look: Look, now: datetime) -> datetime | None:
    """Return when to look again; None when a person has decided that we need not."""
    if plan.state.is_settled:
        return None
    if look.family is CheckFamily.CANNOT_TELL:
        return now + _wait_for_an_answer(plan, look.reason)
    if plan.state is LinkState.MISSING_ONCE:
        return max(now, plan.missing_since or now) + MISSES_APART
    if plan.state is LinkState.LOST:
        return now + max(_DAY, _wait_by_age(plan.lost_at or now, now, plan.key))
    return now + _wait_by_age(plan.started_at, now, plan.key)


def _wait_by_age(started_at: datetime, now: datetime, key: str) -> timedelta:
    age = max(now - started_at, timedelta(0))
    if age < _HOUR:
        return _HOUR - age
    if age < _DAY:
        return _DAY - age
    wait = next((wait for until, wait in _LADDER if age < until), _LONGEST_WAIT)
    return wait - _pull(wait, key)


def _pull(wait: timedelta, key: str) -> timedelta:
    """Shorten long waits by a share that is the page's own, so that looks do not come in heaps."""
    if wait < _SPREAD_FROM or not key:
        return timedelta(0)
    return wait * (_SPREAD * (crc32(key.encode()) % 1_000) / 1_000)


def _wait_for_an_answer(plan: Plan, reason: CheckReason) -> timedelta:
    step = min(max(plan.cannot_tell_streak, 1), len(_BACKOFF)) - 1
    wait = _BACKOFF[-1] if reason in _LASTING else _BACKOFF[step]
    asked_for = timedelta(seconds=plan.retry_after_s or 0)
    return min(max(wait, asked_for), _LONGEST_WAIT)


def may_ask_for_changes_only(state: LinkState, check_count: int) -> bool:
    """Tell whether "not modified" would be an answer: only while the link is known to be there."""
    return state.is_live and check_count % FULL_LOOK_EVERY != 0
