from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.business_days import (
    SendWindow,
    add_business_days,
    due_after_business_days,
    has_calendar,
    is_business_day,
    next_business_day,
    next_send_moment,
    time_zone,
    to_utc,
)
from outreach.core.errors import Invalid

WINDOW = SendWindow()
BERLIN = time_zone("Europe/Berlin")

# Zones whose clocks jump at midnight, by half an hour, far in the south, or across the date line.
ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "Africa/Cairo",
    "America/Santiago", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Asia/Tehran",
    "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati", "Africa/Casablanca",
    "Antarctica/Troll", "America/St_Johns", "UTC",
)  # fmt: skip


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def clock(*parts: int) -> datetime:
    """What a clock on the wall shows."""
    return utc(*parts).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("local", "zone", "expected"),
    [
        (clock(2026, 3, 29, 1, 59), "Europe/Berlin", utc(2026, 3, 29, 0, 59)),
        (clock(2026, 3, 29, 2, 30), "Europe/Berlin", utc(2026, 3, 29, 1, 0)),
        (clock(2026, 3, 29, 3, 0), "Europe/Berlin", utc(2026, 3, 29, 1, 0)),
        (clock(2026, 10, 25, 2, 30), "Europe/Berlin", utc(2026, 10, 25, 0, 30)),
        (clock(2026, 3, 8, 2, 0), "America/New_York", utc(2026, 3, 8, 7, 0)),
        (clock(2026, 10, 4, 2, 15), "Australia/Lord_Howe", utc(2026, 10, 3, 15, 30)),
        (clock(2026, 4, 24, 0, 30), "Africa/Cairo", utc(2026, 4, 23, 22, 0)),
        (clock(2011, 12, 30, 9, 0), "Pacific/Apia", utc(2011, 12, 30, 10, 0)),
        (clock(2026, 7, 1, 12, 0), "UTC", utc(2026, 7, 1, 12, 0)),
    ],
)
def test_local_times_that_do_not_exist_move_forward_and_doubled_ones_take_the_first(
    local: datetime, zone: str, expected: datetime
) -> None:
    assert to_utc(local, time_zone(zone)) == expected


@pytest.mark.parametrize("name", ZONES)
def test_every_local_day_comes_exactly_once_and_in_order(name: str) -> None:
    zone = time_zone(name)
    for hour in (time(0, 0), time(0, 30), time(2, 30)):
        day, last = date(2009, 12, 31), utc(2009, 12, 25)
        while day < date(2012, 6, 1):
            moment = to_utc(datetime.combine(day, hour), zone)
            local = moment.astimezone(zone).replace(tzinfo=None)
            if local.date() == day:
                assert moment > last
                last = moment
            if local != datetime.combine(day, hour):  # in a gap: the first moment after it
                earlier = (moment - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
                assert earlier < datetime.combine(day, hour) < local
            day += timedelta(days=1)


@given(
    st.sampled_from(ZONES),
    st.datetimes(clock(2000, 1, 1), clock(2035, 1, 1)),
    st.sampled_from(["DE", "US", "GB", "IL", "JP", "XX"]),
)
def test_a_send_moment_is_in_the_window_of_a_business_day(
    name: str, naive: datetime, country: str
) -> None:
    zone, after = time_zone(name), naive.replace(tzinfo=UTC)
    moment = next_send_moment(after, zone, country, WINDOW)
    local = moment.astimezone(zone)
    assert moment >= after
    assert is_business_day(local.date(), country)
    assert WINDOW.opens <= local.time() < WINDOW.closes


def test_the_window_opens_on_the_next_business_day_once_it_is_closed() -> None:
    friday_evening = utc(2026, 11, 20, 17, 0)
    assert next_send_moment(friday_evening, BERLIN, "DE", WINDOW) == utc(2026, 11, 23, 8, 0)
    at_noon = utc(2026, 11, 23, 11, 0)
    assert next_send_moment(at_noon, BERLIN, "DE", WINDOW) == at_noon
    at_close = utc(2026, 11, 23, 15, 30)
    assert next_send_moment(at_close, BERLIN, "DE", WINDOW) == utc(2026, 11, 24, 8, 0)


def test_a_day_lost_at_the_date_line_has_no_window() -> None:
    # Samoa went from Thursday 29 to Saturday 31 December 2011.
    moment = next_send_moment(utc(2011, 12, 30, 4, 0), time_zone("Pacific/Apia"), "XX", WINDOW)
    assert moment.astimezone(time_zone("Pacific/Apia")).date() == date(2012, 1, 2)


@pytest.mark.parametrize(
    ("day", "country", "works"),
    [
        (date(2026, 12, 25), "DE", False),
        (date(2026, 12, 25), "XX", True),
        (date(2026, 11, 26), "US", False),
        (date(2026, 11, 26), "us", False),
        (date(2026, 11, 26), "GB", True),
        (date(2026, 11, 21), "GB", False),
        (date(2026, 11, 22), "IL", True),
        (date(2026, 11, 20), "IL", False),
    ],
)
def test_holidays_and_weekends_are_those_of_the_country(
    day: date, country: str, works: bool
) -> None:
    assert is_business_day(day, country) is works


def test_business_days_are_counted_over_holidays() -> None:
    assert next_business_day(date(2026, 12, 24), "DE") == date(2026, 12, 28)
    assert add_business_days(date(2026, 12, 23), 4, "DE") == date(2026, 12, 30)
    assert add_business_days(date(2026, 11, 21), 0, "DE") == date(2026, 11, 23)
    assert add_business_days(date(2026, 11, 20), 0, "DE") == date(2026, 11, 20)


def test_a_step_keeps_the_time_of_day_where_the_window_allows_it() -> None:
    sent = utc(2026, 3, 26, 13, 0)  # Thursday, 14:00 in Berlin; clocks jump on Sunday
    assert due_after_business_days(sent, 2, BERLIN, "DE", WINDOW) == utc(2026, 3, 30, 12, 0)
    late = utc(2026, 3, 26, 18, 0)
    assert due_after_business_days(late, 2, BERLIN, "DE", WINDOW) == utc(2026, 3, 31, 7, 0)


def test_countries_without_a_calendar_are_told_apart() -> None:
    assert has_calendar("de")
    assert not has_calendar("XX")


@pytest.mark.parametrize("name", ["Mars/Base", "", "../../etc/passwd", "/etc/passwd", "America"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="no time zone"):
        time_zone(name)


def test_every_zone_of_the_system_can_be_opened() -> None:
    names = [name for name in zoneinfo.available_timezones() if "/" in name][:40]
    assert all(time_zone(name).key == name for name in names)


def test_a_window_must_open_before_it_closes() -> None:
    with pytest.raises(Invalid, match="open before it closes"):
        SendWindow(time(17, 0), time(9, 0))
