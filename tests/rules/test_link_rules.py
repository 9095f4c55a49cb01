"""The life of a backlink: what a look does to its state, and when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.links.rules import (
    LinkHistory,
    Look,
    Plan,
    may_ask_for_changes_only,
    next_check_at,
    next_state,
)
from outreach.links.words import CheckFamily, CheckReason, LinkState

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEEN = Look(CheckFamily.SEEN, CheckReason.LINK_FOUND)
CHANGED = Look(CheckFamily.SEEN, CheckReason.NOFOLLOW_ADDED, is_as_agreed=False)
UNCHANGED = Look(CheckFamily.SEEN, CheckReason.NOT_MODIFIED)
MISSED = Look(CheckFamily.NOT_THERE, CheckReason.LINK_GONE)
REFUSED = Look(CheckFamily.CANNOT_TELL, CheckReason.FORBIDDEN)
ROBOTS = Look(CheckFamily.CANNOT_TELL, CheckReason.ROBOTS)

looks = st.sampled_from([SEEN, CHANGED, MISSED, REFUSED, ROBOTS])


def seen(state: LinkState, **given: object) -> LinkHistory:
    return replace(LinkHistory(state, has_been_seen=True), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "look", "after"),
    [
        (LinkState.EXPECTED, SEEN, LinkState.LIVE),
        (LinkState.EXPECTED, CHANGED, LinkState.LIVE_CHANGED),
        (LinkState.LIVE, CHANGED, LinkState.LIVE_CHANGED),
        (LinkState.LIVE_CHANGED, SEEN, LinkState.LIVE),
        (LinkState.LIVE, MISSED, LinkState.MISSING_ONCE),
        (LinkState.LIVE_CHANGED, MISSED, LinkState.MISSING_ONCE),
        (LinkState.RECLAIMED, MISSED, LinkState.MISSING_ONCE),
        (LinkState.UNVERIFIABLE, MISSED, LinkState.MISSING_ONCE),
        (LinkState.UNVERIFIABLE, SEEN, LinkState.LIVE),
        (LinkState.MISSING_ONCE, SEEN, LinkState.LIVE),
        (LinkState.LOST, SEEN, LinkState.RECLAIMED),
        (LinkState.LOST, CHANGED, LinkState.LIVE_CHANGED),
        (LinkState.LOST, MISSED, LinkState.LOST),
        (LinkState.RECLAIMED, SEEN, LinkState.RECLAIMED),
        (LinkState.RECLAIMED, UNCHANGED, LinkState.RECLAIMED),
        (LinkState.LIVE_CHANGED, UNCHANGED, LinkState.LIVE_CHANGED),
        (LinkState.LIVE, ROBOTS, LinkState.UNVERIFIABLE),
        (LinkState.LIVE, REFUSED, LinkState.LIVE),
    ],
)
def test_a_look_moves_a_seen_link(before: LinkState, look: Look, after: LinkState) -> None:
    assert next_state(seen(before), look, NOW) is after


def test_two_misses_a_day_apart_are_a_loss() -> None:
    history = seen(LinkState.MISSING_ONCE, missing_since=NOW - DAY)

    assert next_state(history, MISSED, NOW) is LinkState.LOST


def test_two_misses_within_a_day_are_still_one() -> None:
    history = seen(LinkState.MISSING_ONCE, missing_since=NOW - DAY + timedelta(seconds=1))

    assert next_state(history, MISSED, NOW) is LinkState.MISSING_ONCE


def test_a_link_never_seen_cannot_be_lost() -> None:
    for state in (LinkState.EXPECTED, LinkState.UNVERIFIABLE):
        assert next_state(LinkHistory(state), MISSED, NOW) is LinkState.EXPECTED


def test_one_refusal_is_no_alarm_and_the_third_in_a_row_is() -> None:
    states = [
        next_state(seen(LinkState.LIVE, cannot_tell_streak=streak), REFUSED, NOW)
        for streak in (0, 1, 2)
    ]

    assert states == [LinkState.LIVE, LinkState.LIVE, LinkState.UNVERIFIABLE]


@pytest.mark.parametrize("state", [LinkState.MISSING_ONCE, LinkState.LOST])
@pytest.mark.parametrize("look", [REFUSED, ROBOTS])
def test_what_tells_nothing_moves_a_missing_link_neither_on_nor_back(
    state: LinkState, look: Look
) -> None:
    history = seen(state, missing_since=NOW - 40 * DAY, cannot_tell_streak=9)

    assert next_state(history, look, NOW) is state


@pytest.mark.parametrize("state", [LinkState.REMOVED_ON_REQUEST, LinkState.DISAVOWED])
@pytest.mark.parametrize("look", [SEEN, CHANGED, MISSED, REFUSED])
def test_a_person_s_decision_stands(state: LinkState, look: Look) -> None:
    assert next_state(seen(state), look, NOW) is state
    assert next_check_at(Plan(state, NOW), look, NOW) is None


@given(st.lists(st.tuples(looks, st.integers(1, 72)), max_size=30))
def test_lost_always_rests_on_two_misses_a_day_apart(story: list[tuple[Look, int]]) -> None:
    """Whatever happens in between; and a look that tells nothing never makes a loss."""
    now, state, streak = NOW, LinkState.EXPECTED, 0
    has_been_seen = False
    missing_since: datetime | None = None
    misses: list[datetime] = []  # since last seen
    for look, hours in story:
        now += hours * HOUR
        history = LinkHistory(state, has_been_seen, missing_since, streak)
        before, state = state, next_state(history, look, now)
        if look.family is CheckFamily.SEEN:
            has_been_seen, misses, missing_since = True, [], None
        elif look.family is CheckFamily.NOT_THERE and has_been_seen:
            misses.append(now)
            missing_since = missing_since or now
        streak = streak + 1 if look.family is CheckFamily.CANNOT_TELL else 0
        if state is LinkState.LOST and before is not LinkState.LOST:
            assert look.family is CheckFamily.NOT_THERE
            assert misses[-1] - misses[0] >= DAY
        if look.family is CheckFamily.SEEN:
            assert state.is_live


def wait(look: Look, age: timedelta, **given: object) -> timedelta:
    plan = replace(Plan(LinkState.LIVE, NOW - age), **given)  # type: ignore[arg-type]
    then = next_check_at(plan, look, NOW)
    assert then is not None
    return then - NOW


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (0 * HOUR, HOUR),
        (HOUR, 23 * HOUR),
        (DAY, DAY),
        (13 * DAY, DAY),
        (14 * DAY, 7 * DAY),
        (181 * DAY, 7 * DAY),
        (182 * DAY, 30 * DAY),
        (4_000 * DAY, 30 * DAY),
    ],
)
def test_a_link_is_looked_at_less_often_as_it_ages(age: timedelta, expected: timedelta) -> None:
    assert wait(SEEN, age) == expected


def test_a_miss_is_looked_at_again_a_day_after_the_first() -> None:
    missing = {"state": LinkState.MISSING_ONCE, "missing_since": NOW}

    assert wait(MISSED, 300 * DAY, **missing) == DAY


def test_a_lost_link_is_watched_for_its_return() -> None:
    waits = [
        wait(MISSED, 400 * DAY, state=LinkState.LOST, lost_at=NOW - since)
        for since in (0 * DAY, 10 * DAY, 20 * DAY, 200 * DAY)
    ]

    assert waits == [DAY, DAY, 7 * DAY, 30 * DAY]


def test_what_tells_nothing_is_asked_ever_less_often() -> None:
    waits = [wait(REFUSED, DAY, cannot_tell_streak=streak) for streak in (1, 2, 3, 4, 9)]

    assert waits == [HOUR, 4 * HOUR, 16 * HOUR, 2 * DAY, 7 * DAY]
    assert wait(ROBOTS, DAY, cannot_tell_streak=1) == 7 * DAY


def test_a_server_that_says_when_to_come_back_is_obeyed() -> None:
    assert wait(REFUSED, DAY, cannot_tell_streak=1, retry_after_s=7_200) == 2 * HOUR
    assert wait(REFUSED, DAY, cannot_tell_streak=1, retry_after_s=60) == HOUR
    assert wait(REFUSED, DAY, cannot_tell_streak=1, retry_after_s=10**9) == 30 * DAY


def test_long_waits_are_pulled_apart_and_never_longer_than_promised() -> None:
    waits = {wait(SEEN, 300 * DAY, key=f"blog.example/{number}") for number in range(200)}

    assert max(waits) <= 30 * DAY
    assert min(waits) >= 27 * DAY
    assert len(waits) > 150


def test_only_a_link_known_to_be_there_is_asked_for_changes_and_not_every_time() -> None:
    assert may_ask_for_changes_only(LinkState.LIVE, 1)
    assert not may_ask_for_changes_only(LinkState.LIVE, 5)
    assert not may_ask_for_changes_only(LinkState.MISSING_ONCE, 1)
    assert not may_ask_for_changes_only(LinkState.UNVERIFIABLE, 1)
