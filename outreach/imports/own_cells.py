"""Cells of our own exports that hold several things, written so that they are read back exactly."""

from __future__ import annotations

import csv
import math
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Figure = tuple[str, float, date]  # its source, its value, the day it was measured

_MOMENT = "%Y-%m-%d %H:%M"
_QUOTED = re.compile(r'[;"\r\n]|^\s|\s$')
_LONGEST_SOURCE = 48


def write_tags(names: Iterable[str]) -> str:
    """Join tags by semicolons; a name that holds one stands in quotation marks."""
    return "; ".join(
        '"' + name.replace('"', '""') + '"' if _QUOTED.search(name) else name for name in names
    )


def read_tags(cell: str) -> tuple[str, ...]:
    """Return the tags of such a cell, each once."""
    lines = csv.reader(cell.splitlines(), delimiter=";", skipinitialspace=True)
    return tuple(dict.fromkeys(name.strip() for line in lines for name in line if name.strip()))


def write_figures(figures: Iterable[Figure]) -> str:
    """Write vendors' figures of a site, one a line: source, value and day."""
    return "\n".join(f"{source} {value!r} {on.isoformat()}" for source, value, on in figures)


def read_figures(cell: str) -> Iterator[Figure]:
    """Yield the figures of such a cell; a line that is none is left out."""
    for line in cell.splitlines():
        source, _, rest = line.strip().rpartition(" ")[0].rpartition(" ")
        try:
            figure = float(rest), date.fromisoformat(line.split()[-1])
        except (ValueError, IndexError):
            continue
        if source and len(source) <= _LONGEST_SOURCE and math.isfinite(figure[0]):
            yield source, *figure


def read_moment(cell: str) -> datetime | None:
    """Read a moment as our exports write it; None for anything else."""
    try:
        return datetime.strptime(cell.strip(), _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
