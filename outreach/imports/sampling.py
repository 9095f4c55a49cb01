"""The first rows of a dropped file, as the tables they may be."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.urls import parse_address
from outreach.imports import values
from outreach.imports.encodings import SAMPLE_BYTES, TextFile
from outreach.imports.layouts import normalise_header
from outreach.imports.sheets import SheetFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    Source = TextFile | SheetFile
    NumberedRow = tuple[int, list[str]]  # the line on which a row ends, and its cells

SAMPLED_ROWS = 200
HEADER_WITHIN_ROWS = 25
_DELIMITERS = "\t,;|"
_MOST_COLUMNS = 400


@dataclass(frozen=True, slots=True)
class Table:
    """A file read with one delimiter (or one of its sheets): its first rows that are not blank."""

    file: Source
    delimiter: str
    rows: list[NumberedRow]


@dataclass(frozen=True, slots=True)
class TableSample:
    """A table whose header was found, and its first rows of data.

    `header_line` counts the lines up to and including the header, 0 without one: its columns are
    then named "Column 1" and so on.
    """

    file: Source
    delimiter: str
    header_line: int
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def has_header(self) -> bool:
        """Whether the file itself names its columns."""
        return self.header_line > 0

    def examples(self, column: int, count: int = 3) -> tuple[str, ...]:
        """Return the first different values of a column, cut to one line of text."""
        cells = (values.text(row[column], 80) for row in self.rows if column < len(row))
        found = dict.fromkeys(cell for cell in cells if cell)
        return tuple(found)[:count]


def tables_of(file: Source) -> Iterator[Table]:
    """Yield the tables a file may be: one for each delimiter, or one for each sheet."""
    if isinstance(file, SheetFile):
        for sheet in file.sheets():
            rows = []
            for line, cells in sheet.rows():
                if any(cell.strip() for cell in cells):
                    rows.append((line, cells))
                if len(rows) >= SAMPLED_ROWS:
                    break
            yield Table(sheet, "", rows)
        return
    sample = file.sample()
    for delimiter in _DELIMITERS:
        yield Table(file, delimiter, _first_rows(sample, delimiter))


def sample_of(table: Table, at: int | None) -> TableSample:
    """Return a table with the row at this place as its header; None: it has no header."""
    names = [] if at is None else table.rows[at][1]
    data = table.rows if at is None else table.rows[at + 1 :]
    width = len(names) or max((len(cells) for _, cells in data), default=0)
    headers = _unique([*names, *[""] * (width - len(names))][:_MOST_COLUMNS])
    line = 0 if at is None else table.rows[at][0]
    return TableSample(
        table.file, table.delimiter, line, headers, tuple(tuple(cells) for _, cells in data)
    )


def likeliest_table(file: Source) -> TableSample | None:
    """Choose the delimiter (or sheet) that makes the most of a file, and its header."""
    best: tuple[float, Table, int] | None = None
    for table in tables_of(file):
        widths = Counter(len(cells) for _, cells in table.rows)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda found: (found[1] * (found[0] > 1), found[0]))
        fit = count / len(table.rows) * min(width, 40) if width > 1 else 1
        if best is None or fit > best[0]:
            best = (fit, table, width)
    return _with_header(best[1], best[2]) if best else None


def _with_header(table: Table, width: int) -> TableSample:
    """Take the first row of the table's usual width as its header, unless it looks like data."""
    for at, (_, cells) in enumerate(table.rows[:HEADER_WITHIN_ROWS]):
        if len(cells) == width:
            is_data = any(_is_data(cell) for cell in cells) or not any(map(str.strip, cells))
            return sample_of(table, None if is_data else at)
    return sample_of(table, None)


def _is_data(cell: str) -> bool:
    cell = cell.strip()
    if not cell:
        return False
    is_place = " " not in cell and ("." in cell or "://" in cell) and parse_address(cell)
    return bool(is_place) or "@" in cell or values.number(cell) is not None


def _unique(names: list[str]) -> tuple[str, ...]:
    """Give columns without a name, and those named like another, a name of their own."""
    found: dict[str, str] = {}
    for at, written in enumerate(names, 1):
        name = values.text(written.replace("\ufeff", ""), 120) or f"Column {at}"
        if normalise_header(name) in found:
            name = f"{name} column {at}"
        found[normalise_header(name)] = name
    return tuple(found.values())


def _first_rows(sample: str, delimiter: str) -> list[NumberedRow]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows: list[NumberedRow] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
            if len(rows) >= SAMPLED_ROWS:
                break
    except csv.Error:
        pass  # a stray quotation mark: what stands before it is enough to judge by
    if len(sample) >= SAMPLE_BYTES and 1 < len(rows) < SAMPLED_ROWS:
        rows.pop()  # the sample may end inside it
    return rows
