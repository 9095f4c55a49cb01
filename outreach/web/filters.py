"""How moments, numbers and words are shown."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from outreach.core.clock import utc_now
from outreach.web.context import find_signed_in

if TYPE_CHECKING:
    from flask import Flask

_UNITS = (
    (timedelta(days=365), "year"),
    (timedelta(days=30), "month"),
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def when(moment: datetime | None, now: datetime | None = None) -> str:
    """Say how long ago or ahead a moment is: "3 days ago", "in 2 hours", "now"."""
    if moment is None:
        return "never"
    gap = (now or utc_now()) - moment
    size = abs(gap)
    for unit, word in _UNITS:
        if size >= unit:
            count = int(size / unit)
            text = f"{count} {word}{'s' if count != 1 else ''}"
            return f"{text} ago" if gap > timedelta(0) else f"in {text}"
    return "now"


def moment(value: datetime | None) -> str:
    """Show a moment in the person's zone: "20 Nov 2026, 14:05"."""
    if value is None:
        return "never"
    return f"{value.astimezone(_zone()):%-d %b %Y, %H:%M}"


def day(value: date | datetime | None) -> str:
    """Show a day: "20 Nov 2026"."""
    if value is None:
        return "unknown"
    if isinstance(value, datetime):
        value = value.astimezone(_zone()).date()
    return f"{value:%-d %b %Y}"


def number(value: float | None) -> str:
    """Show a number with thousands separators."""
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def words(value: object) -> str:
    """Show a stored word as people say it: "in conversation"."""
    return str(value).replace("_", " ")


def plural(count: int, one: str, many: str = "") -> str:
    """Say a number of things: "1 prospect", "12 prospects"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _zone() -> ZoneInfo:
    found = find_signed_in()
    return ZoneInfo(found.user.time_zone if found else "UTC")


def install_filters(app: Flask) -> None:
    """Make the filters known to templates."""
    for function in (when, moment, day, number, words, plural):
        app.jinja_env.filters[function.__name__] = function
