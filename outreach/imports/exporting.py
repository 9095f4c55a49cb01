"""Write tables that no spreadsheet runs as formulas, and that come back in without loss."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_STARTERS = frozenset("=+-@|%\t\r\n＝＋－＠｜％")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d{1,3})?%?", re.ASCII)
_BLANKS = " \x0b\x0c\u00a0\u2007\u2009\u200a\u200b\u3000\ufeff"


def guard_cell(value: str) -> str:
    """Put an apostrophe before text that a spreadsheet might run; numbers stay numbers."""
    return "'" + value if _is_dangerous(value) else value


def unguard_cell(value: str) -> str:
    """Undo guard_cell exactly; other text, also with an apostrophe of its own, is unchanged."""
    if value.startswith("'") and _is_dangerous(value[1:]):
        return value[1:]
    return value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a comma-separated table, every cell guarded and quoted.

    The first line begins with a byte-order mark, without which Excel misreads UTF-8.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([guard_cell(name) for name in header])
    yield _take(buffer)
    for row in rows:
        writer.writerow([cell_text(cell) for cell in row])
        yield _take(buffer)


def cell_text(cell: object) -> str:
    """Write one value as a guarded text; None and what no file can hold become nothing."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    return guard_cell(str(cell).replace("\x00", ""))


def _is_dangerous(value: str) -> bool:
    # Apostrophes that lead are set aside, so that guarding a guarded cell can be undone too.
    core = value.lstrip("'").lstrip(_BLANKS)
    return core[:1] in _STARTERS and core != "" and not _NUMBER.fullmatch(core)


def _take(buffer: io.StringIO) -> str:
    line = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return line
