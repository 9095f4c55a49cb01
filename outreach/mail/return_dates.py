"""Finds in an absence note the day somebody is back."""

from __future__ import annotations

import re
from datetime import date, timedelta

MAX_ABSENCE = timedelta(days=400)
_I = re.IGNORECASE

# Beginnings of month names in the languages people write us, longest first where they clash.
_MONTHS = (
    ("juin", 6), ("juil", 7), ("giu", 6), ("jan", 1), ("gen", 1), ("ene", 1), ("feb", 2),
    ("fév", 2), ("fev", 2), ("mär", 3), ("maa", 3), ("mrt", 3), ("mar", 3), ("apr", 4), ("abr", 4),
    ("avr", 4), ("mag", 5), ("may", 5), ("mai", 5), ("mei", 5), ("maj", 5), ("jun", 6), ("jul", 7),
    ("lug", 7), ("aug", 8), ("aoû", 8), ("aou", 8), ("ago", 8), ("sep", 9), ("set", 9), ("oct", 10),
    ("okt", 10), ("ott", 10), ("out", 10), ("nov", 11), ("dec", 12), ("dez", 12), ("déc", 12),
    ("dic", 12),
)  # fmt: skip
_WEEKDAYS = (
    ("monday", "montag", "lundi", "lunes", "lunedì", "maandag", "segunda"),
    ("tuesday", "dienstag", "mardi", "martes", "martedì", "dinsdag", "terça"),
    ("wednesday", "mittwoch", "mercredi", "miércoles", "mercoledì", "woensdag", "quarta"),
    ("thursday", "donnerstag", "jeudi", "jueves", "giovedì", "donderdag", "quinta"),
    ("friday", "freitag", "vendredi", "viernes", "venerdì", "vrijdag", "sexta"),
    ("saturday", "samstag", "samedi", "sábado", "sabato", "zaterdag"),
    ("sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag"),
)
_MONTH = r"([a-zäéûç]{3,10})\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er)?"
_DATES = (
    ("ymd", re.compile(r"\b(20\d\d)[-./](\d{1,2})[-./](\d{1,2})\b")),
    ("dmy", re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](20\d\d|\d\d)\b")),
    ("dMy", re.compile(rf"\b{_DAY}(?:º|\.)?(?: of| de)? {_MONTH}(?:,?(?: de)? (\d{{4}}))?", _I)),
    ("Mdy", re.compile(rf"\b{_MONTH} {_DAY}\b(?!\.\d)(?:,? (\d{{4}}))?", _I)),
    ("dm", re.compile(r"\b(\d{1,2})[./](\d{1,2})\b\.?(?![./]?\d)")),
)  # fmt: skip
# Words before the day of return, then the rest of their sentence or so.
_RETURN = re.compile(
    r"(?:\b(?:until|till|til|back (?:on|in|at|by)?|return(?:ing|s)?(?: (?:on|to|back))?|through|"
    r"available again|resume|bis(?: (?:zum|einschließlich))?|wieder|zurück|ab dem|"
    r"jusqu.au|jusqu.à|retour(?:ne)?|à partir du|hasta|regres\w*|vuelv\w*|volver\w*|"
    r"a partir de[l]?|"
    r"fino al|rientr\w*|torner\w*|tot(?: en met)?|terug|vanaf|até|retorn\w*|volto|tillbaka|till|"
    r"tilbage|til|do|до|по)\b|\bto\b)([^\n]{0,80}(?:\n[^\n]{0,60})?)",
    _I,
)


def find_return_date(text: str, written_on: date) -> date | None:
    """Return the latest day named as the end of an absence, None when none is plausible.

    A day without a year is the next such day; both orders of a numeric day are tried.
    """
    found: list[date] = []
    for mention in _RETURN.finditer(text[:4_000]):
        after = mention[1]
        found += [day for day in _dates_in(after, written_on) if _is_plausible(day, written_on)]
        if not found and mention[0][:2].lower() != "to":
            weekday = _weekday_in(after[:30], written_on)
            found += [weekday] if weekday else []
    return max(found, default=None)


def _dates_in(text: str, written_on: date) -> list[date]:
    found = []
    for kind, pattern in _DATES:
        for match in list(pattern.finditer(text))[:3]:
            day = _date_of(kind, match, written_on)
            if day is not None:
                found.append(day)
        if found:
            break
    return found


def _date_of(kind: str, match: re.Match[str], written_on: date) -> date | None:
    groups = match.groups()
    if kind == "ymd":
        return _made(int(groups[0]), int(groups[1]), int(groups[2]))
    if kind == "dmy":
        year = int(groups[2]) + (2000 if len(groups[2]) == 2 else 0)
        day, month = int(groups[0]), int(groups[1])
        return _nearer(_made(year, month, day), _made(year, day, month), written_on)
    if kind == "dm":
        return _next(int(groups[1]), int(groups[0]), written_on)
    name, day = (groups[1], int(groups[0])) if kind == "dMy" else (groups[0], int(groups[1]))
    month = next((number for start, number in _MONTHS if name.lower().startswith(start)), 0)
    return _made(int(groups[2]), month, day) if groups[2] else _next(month, day, written_on)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next(month: int, day: int, written_on: date) -> date | None:
    this = _made(written_on.year, month, day)
    return this if this and this >= written_on else _made(written_on.year + 1, month, day)


def _nearer(one: date | None, other: date | None, written_on: date) -> date | None:
    """Choose between day.month and month/day: the first soonest that lies ahead."""
    ahead = [day for day in (one, other) if day and _is_plausible(day, written_on)]
    return min(ahead, default=one or other)


def _weekday_in(text: str, written_on: date) -> date | None:
    lowered = text.lower()
    for number, names in enumerate(_WEEKDAYS):
        if any(name in lowered for name in names):
            return written_on + timedelta(days=(number - written_on.weekday() - 1) % 7 + 1)
    return None


def _is_plausible(day: date, written_on: date) -> bool:
    return timedelta(0) <= day - written_on <= MAX_ABSENCE
