"""What a custom field's value may be: read by its kind, kept as text with its number or day."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.core.urls import parse_address
from outreach.fields.words import FieldKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_VALUE = 2_000
LONGEST_NAME = 60
MOST_CHOICES = 100
_MOST = 1e15  # beyond it a float no longer tells whole numbers apart
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?")
_WORDY_DATES = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is kept: the text always, the number or the day beside it."""

    text: str
    number: float | None = None
    on_date: date | None = None


def read_value(kind: FieldKind, given: str, choices: Sequence[str] = ()) -> Value:
    """Read what a person typed for a field; it must not be empty.

    Raises:
        Invalid: It is no value of this kind; the sentence says what one looks like.
    """
    text = unicodedata.normalize("NFC", given.replace("\x00", "").strip())
    if len(text) > LONGEST_VALUE:
        raise Invalid(f"A value has at most {LONGEST_VALUE:,} characters; this has {len(text):,}.")
    if kind is FieldKind.NUMBER:
        return _number(text)
    if kind is FieldKind.DATE:
        day = _date(text)
        return Value(day.isoformat(), on_date=day)
    if kind is FieldKind.CHOICE:
        return Value(_choice(text, choices))
    if kind is FieldKind.URL:
        return Value(_url(text))
    return Value(text)


def tidy_name(text: str) -> str:
    """Make a field's name as it is shown.

    Raises:
        Invalid: It is empty or too long.
    """
    name = " ".join(unicodedata.normalize("NFC", text.replace("\x00", "")).split())
    if not name:
        raise Invalid("Write the name of the field.")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A name has at most {LONGEST_NAME} characters; this has {len(name)}.")
    return name


def name_key(name: str) -> str:
    """Return what tells fields of one kind of record apart."""
    return name.casefold()[:LONGEST_NAME]


def tidy_choices(lines: Iterable[str]) -> list[str]:
    """Make the choices of a field from lines, each once whatever its case.

    Raises:
        Invalid: There are none, too many, or one is too long.
    """
    found: dict[str, str] = {}
    for line in lines:
        word = " ".join(unicodedata.normalize("NFC", line.replace("\x00", "")).split())
        if word:
            found.setdefault(word.casefold(), word)
    if not found:
        raise Invalid("Write at least one choice, one on each line.")
    if len(found) > MOST_CHOICES:
        raise Invalid(f"A field has at most {MOST_CHOICES} choices; these are {len(found)}.")
    if any(len(word) > LONGEST_NAME for word in found.values()):
        raise Invalid(f"A choice has at most {LONGEST_NAME} characters.")
    return list(found.values())


def number_text(number: float) -> str:
    """Write a number as people read it: 1,240.5."""
    if number.is_integer():
        return f"{number:,.0f}"
    return f"{number:,.6f}".rstrip("0")


def _number(text: str) -> Value:
    compact = re.sub(r"[\s\u00a0\u202f]", "", text).replace("\u2212", "-")
    if not (_PLAIN.fullmatch(compact) or _GROUPED.fullmatch(compact)):
        raise Invalid(f"“{_short(text)}” is not a number. Write it like 1,240.5 or 1240.5.")
    number = float(compact.replace(",", ""))
    if not math.isfinite(number) or abs(number) > _MOST:
        raise Invalid(f"“{_short(text)}” is too large a number to be kept exactly.")
    return Value(number_text(number), number=number)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text[:10] if re.match(r"\d{4}-\d\d-\d\d[T ]", text) else text)
    except ValueError:
        pass
    plain = " ".join(text.replace(",", " ").split())
    for form in _WORDY_DATES:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return _slashed_date(text)


def _slashed_date(text: str) -> date:
    """Read 25/12/2026, where only one order makes a day; 03/04/2026 could be two days."""
    match = _SLASHED.fullmatch(text)
    refusal = f"“{_short(text)}” is not a date. Write it like 2026-11-20 or 20 Nov 2026."
    if match is None:
        raise Invalid(refusal)
    first, second, year = (int(part) for part in match.groups())
    days = {day for day in (_day(year, second, first), _day(year, first, second)) if day}
    if not days:
        raise Invalid(refusal)
    if len(days) > 1:
        raise Invalid(f"“{text}” could be two days. Write it like 2026-11-20 or 20 Nov 2026.")
    return days.pop()


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _choice(text: str, choices: Sequence[str]) -> str:
    for choice in choices:
        if choice.casefold() == text.casefold():
            return choice
    offered = ", ".join(choices[:8]) + (" …" if len(choices) > 8 else "")
    raise Invalid(f"“{_short(text)}” is not one of the choices: {offered}.")


def _url(text: str) -> str:
    address = parse_address(text)
    if address is None:
        raise Invalid(
            f"“{_short(text)}” is not a web address. Write it like https://example.org/page."
        )
    return address.url


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
