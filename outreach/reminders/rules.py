"""When a snoozed reminder comes back, and what makes a reminder."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.core.business_days import to_utc
from outreach.core.errors import Invalid

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

LONGEST_TEXT = 500
MORNING = time(9, 0)
_FARTHEST = timedelta(days=5 * 366)


class Snooze(StrEnum):
    """How long something is put off, in one key or click."""

    HOUR = "hour"
    TOMORROW = "tomorrow"
    NEXT_WEEK = "next_week"


def snoozed_until(choice: Snooze, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment a choice stands for: days begin at nine in the person's own zone."""
    if choice is Snooze.HOUR:
        return now + timedelta(hours=1)
    today = now.astimezone(zone).date()
    if choice is Snooze.TOMORROW:
        return morning_of(today + timedelta(days=1), zone)
    return morning_of(today + timedelta(days=7 - today.weekday()), zone)


def morning_of(day: date, zone: ZoneInfo) -> datetime:
    """Return nine o'clock of a day in a zone."""
    return to_utc(datetime.combine(day, MORNING), zone)


def day_start(now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the day that `now` is in began for a person."""
    return to_utc(datetime.combine(now.astimezone(zone).date(), time()), zone)


def day_after(now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the day that `now` is in ends for a person."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return to_utc(datetime.combine(tomorrow, time()), zone)


def checked_text(text: str) -> str:
    """Return what a reminder says, on one line.

    Raises:
        Invalid: It says nothing, or too much.
    """
    said = " ".join(text.split())
    if not said:
        raise Invalid("Say what to be reminded of.")
    if len(said) > LONGEST_TEXT:
        raise Invalid(f"A reminder has at most {LONGEST_TEXT} characters.")
    return said


def checked_moment(due_at: datetime, now: datetime) -> datetime:
    """Return a moment a reminder may be put off to.

    Raises:
        Invalid: It has passed, or is years away.
    """
    if due_at <= now:
        raise Invalid("Choose a moment that is still to come.")
    if due_at > now + _FARTHEST:
        raise Invalid("A reminder can be at most five years ahead.")
    return due_at
