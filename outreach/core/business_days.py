"""Business days of a country, and local send windows in UTC across every change of clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from outreach.core.errors import Invalid

_ONE_DAY = timedelta(days=1)
_LONGEST_PAUSE_DAYS = 60  # no country rests longer; a wrong calendar must not loop for ever


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The local hours in which mail may be sent: from `opens` up to, not including, `closes`."""

    opens: time = time(9, 0)
    closes: time = time(16, 30)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise Invalid("A sending window must open before it closes, on the same day.")


@lru_cache(maxsize=1_024)
def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        Invalid: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"There is no time zone “{name[:60]}”.") from error


def has_calendar(country: str) -> bool:
    """Tell whether the public holidays of a country (ISO 3166-1, two letters) are known."""
    return country.upper() in _countries()


def is_business_day(day: date, country: str) -> bool:
    """Tell whether people work on a day; of an unknown country only weekends are known."""
    calendar = _calendar(country.upper())
    if calendar is None:
        return day.weekday() < 5
    return bool(calendar.is_working_day(day))


def business_day_on_or_after(day: date, country: str) -> date:
    """Return the day itself, or the next business day when it is none."""
    for _ in range(_LONGEST_PAUSE_DAYS):
        if is_business_day(day, country):
            return day
        day += _ONE_DAY
    return day


def next_business_day(day: date, country: str) -> date:
    """Return the first business day after a day."""
    return business_day_on_or_after(day + _ONE_DAY, country)


def add_business_days(day: date, count: int, country: str) -> date:
    """Go forward by so many business days; by none, to the day itself or the next that is one."""
    day = business_day_on_or_after(day, country) if count == 0 else day
    for _ in range(count):
        day = next_business_day(day, country)
    return day


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which clocks in a zone show a time.

    A time that clocks jump over becomes the first moment after the jump; one that they show twice
    means the first time.

    Args:
        local: The clock's time, naive.
        zone: Where the clock hangs.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    # In a gap, reading with the offset after the jump gives a moment before it, and vice versa.
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _jump_between(before, first, zone)


def next_send_moment(after: datetime, zone: ZoneInfo, country: str, window: SendWindow) -> datetime:
    """Return the first moment, not before `after`, inside the window of a local business day."""
    day = after.astimezone(zone).date()
    for _ in range(_LONGEST_PAUSE_DAYS):
        day = business_day_on_or_after(day, country)
        opens = to_utc(datetime.combine(day, window.opens), zone)
        moment = max(opens, after.astimezone(UTC))
        # A zone that moved across the date line has no such day: its window opens on the next.
        has_day = opens.astimezone(zone).date() == day
        if has_day and moment < to_utc(datetime.combine(day, window.closes), zone):
            return moment
        day += _ONE_DAY
    raise Invalid("No business day was found in the next weeks: check the country's calendar.")


def due_after_business_days(
    since: datetime, count: int, zone: ZoneInfo, country: str, window: SendWindow
) -> datetime:
    """Return when a step waiting so many business days is due.

    The local time of day of `since` is kept where the window allows it.
    """
    local = since.astimezone(zone)
    day = add_business_days(local.date(), count, country)
    wanted = to_utc(datetime.combine(day, local.time().replace(tzinfo=None, fold=0)), zone)
    return next_send_moment(max(wanted, since.astimezone(UTC)), zone, country, window)


def _jump_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first whole second after the change of offset between two moments."""
    old = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds()) + 1
    start = before.replace(microsecond=0)
    while high - low > 1:
        middle = (low + high) // 2
        if (start + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return start + timedelta(seconds=high)


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=256)
def _calendar(country: str) -> holidays.HolidayBase | None:
    return holidays.country_holidays(country) if country in _countries() else None
