"""When a step is due in the recipient's own time, and what may not be enrolled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from outreach.core.business_days import (
    SendWindow,
    due_after_business_days,
    next_send_moment,
    time_zone,
)
from outreach.core.errors import Invalid

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

# Waits in business days before each step of a new sequence: day 0, then 4, then 7 more.
DEFAULT_WAITS = (0, 4, 7)
MOST_STEPS = 10

# Where most people of a country with several zones live; the list of zones begins elsewhere.
_MAIN_ZONES = {
    "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto",
    "CD": "Africa/Kinshasa", "CL": "America/Santiago", "CN": "Asia/Shanghai",
    "EC": "America/Guayaquil", "ES": "Europe/Madrid", "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk", "ID": "Asia/Jakarta", "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar", "MX": "America/Mexico_City", "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "US": "America/New_York",
}  # fmt: skip
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The recipient's zone and holidays, and the hours in which a sequence may write."""

    zone: ZoneInfo
    country: str
    window: SendWindow

    def next_opening(self, after: datetime) -> datetime:
        """Return the first moment, not before `after`, at which a mail may go out."""
        return next_send_moment(after, self.zone, self.country, self.window)

    def due_after(self, since: datetime, business_days: int) -> datetime:
        """Return when a step waiting so many business days is due."""
        return due_after_business_days(since, business_days, self.zone, self.country, self.window)


def calendar_of(
    *, contact_zone: str, contact_country: str, workspace_country: str, window: SendWindow
) -> Calendar:
    """Choose the recipient's calendar: own zone, country's, workspace's, at last UTC."""
    country = contact_country or workspace_country
    zone = contact_zone or zone_of_country(country) or "UTC"
    return Calendar(time_zone(zone), country, window)


def zone_of_country(country: str) -> str:
    """Return the time zone most people of a country live in, "" when it is unknown."""
    country = country.upper()
    return _MAIN_ZONES.get(country) or _first_zones().get(country, "")


def read_window(opens: str, closes: str) -> SendWindow:
    """Read a window typed as "09:00" and "16:30".

    Raises:
        Invalid: One is no time of day, or it closes before it opens.
    """
    return SendWindow(_clock(opens), _clock(closes))


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise Invalid(f"“{text}” is not a time of day. Write it like 09:00.")
    return time(int(found[1]), int(found[2]))


@lru_cache(maxsize=1)
def _first_zones() -> dict[str, str]:
    """Read the first zone the tz database lists for each country."""
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, zone)
    return found
