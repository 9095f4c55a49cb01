"""What the values of a column look like, whatever its header says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from outreach.core.urls import parse_address
from outreach.imports import values
from outreach.imports.values_countries import country
from outreach.imports.values_dates import day, is_ambiguous_day

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SHARE = 0.7  # of the values that must look alike
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,20}")
_HANDLE = re.compile(r"@[\w.]{2,30}")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Za-z]{2})?")
_FLAGS = frozenset({"true", "false", "yes", "no", "y", "n"})
_NAME = re.compile(r"[^\W\d_][\w.'’\-]*(?: [^\W\d_][\w.'’\-]*){1,3}")
_LONG = 80

TEXT = "text"


def _is_day(cell: str) -> bool:
    return day(cell) is not None or is_ambiguous_day(cell)


def _is_url(cell: str) -> bool:
    is_long = "://" in cell or "/" in cell.rstrip("/")
    return is_long and parse_address(cell) is not None


def _is_domain(cell: str) -> bool:
    return " " not in cell and "." in cell and parse_address(cell) is not None


# The first shape that most values have is a column's.
_SHAPES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", lambda cell: values.email(cell) is not None),
    ("url", _is_url),
    ("domain", _is_domain),
    ("handle", lambda cell: _HANDLE.fullmatch(cell) is not None),
    ("flag", lambda cell: cell.casefold() in _FLAGS),
    ("date", _is_day),
    ("number", lambda cell: values.number(cell) is not None),
    ("phone", lambda cell: _PHONE.fullmatch(cell) is not None),
    ("code", lambda cell: _LANGUAGE.fullmatch(cell) is not None or len(cell) == 2),
    ("country", lambda cell: country(cell) != ""),
    ("long", lambda cell: len(cell) >= _LONG - 1),
    ("name", lambda cell: _NAME.fullmatch(cell) is not None and cell[:1].isupper()),
)

# The shapes that a field's values may have; a field that is not named may have any.
_FITTING = {
    "url": {"url", "domain"},
    "site": {"url", "domain"},
    "target_url": {"url", "domain"},
    "outlet_url": {"url", "domain"},
    "email": {"email"},
    "name": {"name", TEXT, "country"},
    "first_seen": {"date"},
    "last_seen": {"date"},
    "lost_on": {"date"},
    "contacted_on": {"date"},
    "published_on": {"date"},
    "nofollow": {"flag", "number", TEXT},
    "country": {"code", "country", TEXT, "name"},
    "language": {"code", TEXT},
    "ahrefs_dr": {"number"},
    "moz_da": {"number"},
    "majestic_tf": {"number"},
    "majestic_cf": {"number"},
    "semrush_as": {"number"},
    "traffic": {"number"},
}
_FIELDS_OF_SHAPE = {
    "email": ("email",),
    "url": ("url", "target_url"),
    "domain": ("site",),
    "handle": ("twitter",),
    "phone": ("phone",),
    "country": ("country",),
    "long": ("description",),
}
_HINTS = (
    ("date", r"publi", "published_on"),
    ("date", r"contact|sent|pitch", "contacted_on"),
    ("date", r"first|found|discover", "first_seen"),
    ("date", r"last|crawl|check", "last_seen"),
    ("number", r"\bdr\b|rating|ahrefs", "ahrefs_dr"),
    ("number", r"\bda\b|moz|domain auth", "moz_da"),
    ("number", r"\btf\b|trust", "majestic_tf"),
    ("number", r"\bcf\b|citation", "majestic_cf"),
    ("number", r"\bas\b|semrush|authority score", "semrush_as"),
    ("number", r"traffic|visits|visitors", "traffic"),
    ("code", r"lang|sprache|langue|idioma", "language"),
    ("code", r"countr|land|pays|país|nation", "country"),
    ("name", r"name|contact|person|journalist|author|editor", "name"),
)


def shape_of(cells: Sequence[str]) -> str:
    """Name what most of a column's values look like; "" for an empty column."""
    if not cells:
        return ""
    for shape, holds in _SHAPES:
        if sum(map(holds, cells)) >= _SHARE * len(cells):
            return shape
    return TEXT


def fits(field: str, shape: str) -> bool:
    """Tell whether values of a shape can fill a field."""
    return not shape or shape in _FITTING.get(field, {shape})


def field_of_shape(shape: str, header: str) -> tuple[str, ...]:
    """Return the fields that values of a shape most likely are, the likeliest first."""
    words = header.casefold()
    hinted = tuple(
        field
        for of_shape, pattern, field in _HINTS
        if of_shape == shape and re.search(pattern, words)
    )
    return hinted or _FIELDS_OF_SHAPE.get(shape, ())
