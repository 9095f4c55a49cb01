"""When a snoozed reminder comes back, in the person's own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from outreach.core.business_days import time_zone
from outreach.reminders.rules import Snooze, day_after, day_start, morning_of, snoozed_until

BERLIN = time_zone("Europe/Berlin")
KIRITIMATI = time_zone("Pacific/Kiritimati")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_an_hour_is_an_hour() -> None:
    assert snoozed_until(Snooze.HOUR, now=at(18, 10), zone=BERLIN) == at(18, 11)


def test_tomorrow_begins_at_nine_where_the_person_is() -> None:
    assert snoozed_until(Snooze.TOMORROW, now=at(18, 22), zone=BERLIN) == at(19, 8)
    assert snoozed_until(Snooze.TOMORROW, now=at(18, 23, 30), zone=BERLIN) == at(20, 8)
    assert snoozed_until(Snooze.TOMORROW, now=at(18, 12), zone=KIRITIMATI) == at(19, 19)


@pytest.mark.parametrize("day", [16, 18, 20, 21, 22])
def test_next_week_is_the_coming_monday(day: int) -> None:
    assert snoozed_until(Snooze.NEXT_WEEK, now=at(day, 12), zone=BERLIN) == at(23, 8)


def test_nine_is_nine_across_a_change_of_clocks() -> None:
    assert morning_of(date(2026, 3, 28), BERLIN) == datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert morning_of(date(2026, 3, 29), BERLIN) == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_the_day_ends_at_the_persons_midnight() -> None:
    assert day_after(at(18, 12), BERLIN) == at(18, 23)
    assert day_after(at(18, 23, 30), BERLIN) == at(19, 23)


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_day_with_an_hour_twice_begins_and_ends_at_its_own_midnights(hour: int) -> None:
    now = datetime(2026, 10, 25, hour, 30, tzinfo=BERLIN)
    assert day_start(now, BERLIN) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert day_after(now, BERLIN) == datetime(2026, 10, 25, 23, tzinfo=UTC)
