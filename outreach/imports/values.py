"""Read one cell: a date, a number, a yes or no, an email address."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache

from outreach.core.addresses import parse_mail_address
from outreach.imports.exporting import unguard_cell

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_YEAR_LAST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})")  # Sep 15, 2026
_DAY_FIRST = re.compile(r"(\d{1,2})\.? ([A-Za-z]{3,9})\.?,? (\d{4})")  # 15 Sep 2026
_DIGITS = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})")  # 15.09.2026, 09/15/2026
_NUMBER = re.compile(r"[+]?\d[\d.,\s]*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?")
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9}
_YES = frozenset({"true", "yes", "1", "x", "y"})


def text(cell: str, limit: int) -> str:
    """Return a cell's text on one line, at most `limit` characters of it."""
    if cell[:1] == "'":
        cell = unguard_cell(cell)
    return " ".join(cell.split())[:limit]


def yes(cell: str) -> bool:
    """Tell whether a cell says yes in any of the vendors' spellings."""
    return cell.strip().casefold() in _YES


@lru_cache(maxsize=65_536)
def number(cell: str) -> float | None:
    """Read a count as vendors write it: "1,240", "71.5", "1.2M"; None for anything else."""
    cell = cell.strip().lstrip("<>~").rstrip("%").strip()
    scale = _SCALES.get(cell[-1:].casefold(), 1.0)
    if scale != 1.0:
        cell = cell[:-1].strip()
    if not _NUMBER.fullmatch(cell):
        return None
    if _THOUSANDS.fullmatch(cell):
        cell = re.sub(r"[,\s]", "", cell)
    try:
        value = float(cell.replace(",", ".")) * scale
    except ValueError:
        return None
    return value if math.isfinite(value) else None


@lru_cache(maxsize=65_536)
def day(cell: str) -> date | None:
    """Read a date; None for none, and for one that could be read in two ways."""
    cell = " ".join(cell.split())
    try:
        return date.fromisoformat(cell[:10])
    except ValueError:
        pass
    try:
        return _written_day(cell)
    except ValueError:
        return None


def is_ambiguous_day(cell: str) -> bool:
    """Tell whether a date such as 03/04/2026 may be read with the day or the month first."""
    found = _DIGITS.match(cell.strip())
    return (
        found is not None
        and found[2] == "/"
        and found[1] != found[3]
        and max(int(found[1]), int(found[3])) <= 12
    )


def email(cell: str) -> str | None:
    """Return an email address with its domain in lower-case ASCII; None when it is none."""
    address = parse_mail_address(unguard_cell(cell.strip()).removeprefix("mailto:"))
    return address.text if address else None


def _written_day(cell: str) -> date | None:
    if found := _YEAR_LAST.match(cell):
        return _named(found[3], found[1], found[2])
    if found := _DAY_FIRST.match(cell):
        return _named(found[3], found[2], found[1])
    found = _DIGITS.match(cell)
    if found is None or is_ambiguous_day(cell):
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    if found[2] == "." or first > 12:
        return date(year, second, first)
    return date(year, first, second)


def _named(year: str, month: str, day_of_month: str) -> date | None:
    number_of_month = _MONTHS.get(month[:3].casefold())
    return date(int(year), number_of_month, int(day_of_month)) if number_of_month else None
