"""Read a date as vendors and people of many countries write it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    Order = Literal["", "day", "month"]

# How months begin in English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Polish,
# Turkish, Russian and Hebrew; a longer beginning is tried before a shorter one.
_BEGINNINGS = (
    "jan ene gen sty oca янв ינו",
    "feb fév fev lut şub фев פבר",
    "mar mär maer mrz mrt мар מרץ",
    "apr avr abr kwi nis апр אפר",
    "mai may mag mei maj мая май מאי",
    "jun juin giu cze haz июн יונ",
    "jul juil lug lip tem июл יול",
    "aug aoû aou ago sie ağu авг אוג",
    "sep set wrz eyl сен ספט",
    "oct okt ott out paź eki окт אוק",
    "nov lis kas ноя נוב",
    "dec dez déc dic gru ara дек דצמ",
)
_MONTHS = {
    beginning: number
    for number, beginnings in enumerate(_BEGINNINGS, 1)
    for beginning in beginnings.split()
}
_WORD = r"([^\W\d_]{3,12})[.'׳]?"
_YEAR_LAST = re.compile(rf"{_WORD} (\d{{1,2}}),? (\d{{4}})")  # Sep 15, 2026
_DAY_FIRST = re.compile(rf"(\d{{1,2}})\.? (?:de )?{_WORD},? (?:de )?(\d{{4}})")  # 15 Sep 2026
_DIGITS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")  # 15.09.2026, 09/15/2026
_YEAR_FIRST = re.compile(r"(\d{4})(?:[./]|年 ?)(\d{1,2})(?:[./]|月 ?)(\d{1,2})")
_SECONDS = re.compile(r"[12]\d{9}(?:\d{3})?")  # since 1970, with or without milliseconds


@lru_cache(maxsize=65_536)
def day(cell: str, order: Order = "") -> date | None:
    """Read a date; None for none, and for one that could be read in two ways.

    Args:
        cell: What the file says.
        order: Whether "03/04/2026" has the day or the month first, where that is known.
    """
    cell = " ".join(cell.split())
    try:
        return date.fromisoformat(cell[:10])
    except ValueError:
        pass
    try:
        return _written_day(cell, order)
    except (ValueError, OverflowError):
        return None


def is_ambiguous_day(cell: str) -> bool:
    """Tell whether a date such as 03/04/2026 may be read with the day or the month first."""
    found = _DIGITS.match(cell.strip())
    return (
        found is not None
        and found[2] != "."
        and found[1] != found[3]
        and max(int(found[1]), int(found[3])) <= 12
    )


def order_of(cells: Iterable[str]) -> Order:
    """Say by a column's dates whether the day or the month stands first; "" when they cannot."""
    firsts = seconds = 0
    for cell in cells:
        if found := _DIGITS.match(cell.strip()):
            firsts, seconds = max(firsts, int(found[1])), max(seconds, int(found[3]))
    if (firsts > 12) == (seconds > 12):
        return ""
    return "day" if firsts > 12 else "month"


def _written_day(cell: str, order: Order) -> date | None:
    if found := _YEAR_LAST.match(cell):
        return _named(found[3], found[1], found[2])
    if found := _DAY_FIRST.match(cell):
        return _named(found[3], found[2], found[1])
    if found := _YEAR_FIRST.match(cell):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if _SECONDS.fullmatch(cell):
        return datetime.fromtimestamp(int(cell[:10]), UTC).date()
    return _of_digits(cell, order)


def _of_digits(cell: str, order: Order) -> date | None:
    found = _DIGITS.match(cell)
    if found is None or (not order and is_ambiguous_day(cell)):
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    is_day_first = found[2] == "." or first > 12 or (order == "day" and second <= 12)
    return date(year, second, first) if is_day_first else date(year, first, second)


def _named(year: str, month: str, day_of_month: str) -> date | None:
    lowered = month.casefold()
    tries = (lowered[:4], lowered[:3], lowered[1:4])  # Hebrew puts "in" before the month
    number = next((_MONTHS[name] for name in tries if name in _MONTHS), None)
    return date(int(year), number, int(day_of_month)) if number else None
