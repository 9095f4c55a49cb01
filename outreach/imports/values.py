"""Read one cell: a text, a number, a yes or no, an email address, a list."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from outreach.core.addresses import parse_mail_address
from outreach.imports.exporting import unguard_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NUMBER = re.compile(r"[+]?\d[\d.,\s]*")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?")
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?")  # 1.240.000, as Germans write it
_WHOLE = re.compile(r"0|[1-9]\d{0,2}(?:\.\d{3})*")  # a count in a file from Germany
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9}
_YES = frozenset({"true", "yes", "1", "x", "y", "ja", "oui", "si", "sí"})
_NO = frozenset({"", "false", "no", "0", "-", "n", "none", "null"})
_SEMICOLONS = re.compile(r"[;|\n]")
_COMMAS = re.compile(r"[,\n]")


def text(cell: str, limit: int) -> str:
    """Return a cell's text on one line, at most `limit` characters of it."""
    if cell[:1] == "'":
        cell = unguard_cell(cell)
    return " ".join(cell.split())[:limit]


def yes(cell: str) -> bool:
    """Tell whether a cell says yes in any of the vendors' spellings."""
    return cell.strip().casefold() in _YES


def is_marked(cell: str) -> bool:
    """Tell whether a flag is set that is set by anything but a no."""
    return cell.strip().casefold() not in _NO


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
    elif _DOTTED.fullmatch(cell):
        cell = cell.replace(".", "")
    try:
        value = float(cell.replace(",", ".")) * scale
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def email(cell: str) -> str | None:
    """Return an email address with its domain in lower-case ASCII; None when it is none."""
    address = parse_mail_address(unguard_cell(cell.strip()).removeprefix("mailto:"))
    return address.text if address else None


def number_reader(cells: Iterable[str]) -> Callable[[str], float | None]:
    """Return how a column's numbers are to be read: where dots part thousands, without them."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    has_dots = any("." in cell for cell in filled)
    is_whole = has_dots and all(_WHOLE.fullmatch(cell) for cell in filled)
    return _number_without_dots if is_whole else number


def _number_without_dots(cell: str) -> float | None:
    return number(cell.replace(".", "")) if _WHOLE.fullmatch(cell.strip()) else number(cell)


def is_role(address: str) -> bool:
    """Tell whether an address is a desk's rather than a person's."""
    parsed = parse_mail_address(address)
    return parsed is not None and parsed.is_role


def split_list(cell: str) -> tuple[str, ...]:
    """Split a cell of several values, parted by semicolons, else by commas or line ends."""
    parts = _SEMICOLONS.split(cell) if ";" in cell or "|" in cell else _COMMAS.split(cell)
    found = dict.fromkeys(text(part, 80) for part in parts)
    found.pop("", None)
    return tuple(found)
