"""Turn a recognised file into rows: one parsed or refused row for every line of data."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from outreach.imports.parsing_lists import list_rows
from outreach.imports.parsing_own import OwnReader
from outreach.imports.parsing_people import RichReader, is_rich
from outreach.imports.parsing_rows import Refused, RowReader
from outreach.imports.rows import RAW_CHARACTERS, BadRow, ParsedRow
from outreach.imports.sheets import SheetFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from outreach.imports.encodings import TextFile
    from outreach.imports.recognition import Recognised

LONGEST_CELL = 131_072


def read_rows(recognised: Recognised, *, after_line: int = 0) -> Iterator[ParsedRow | BadRow]:
    """Yield what each line of data says, in order; blank lines are left out.

    Args:
        recognised: The file.
        after_line: Leave out rows that begin on this line or before, as an import does that was
            interrupted and goes on.
    """
    file = recognised.file
    if isinstance(file, SheetFile):
        start = max(after_line, recognised.header_line)
        return _table_rows(file.rows(), recognised, start)
    return _text_rows(file, recognised, after_line)


def read_mended(recognised: Recognised, line: int, raw: str) -> ParsedRow | BadRow:
    """Read one refused row again as a person mended it: CSV in the order of the columns."""
    if not recognised.columns:
        row = next(list_rows(recognised.layout, [raw]), BadRow(line, raw, "The line is empty."))
        return row._replace(line=line)
    cells = split_raw(recognised, raw)
    rows = _table_rows(iter([(line, cells)]), recognised, 0)
    return next(rows, BadRow(line, raw, "The row is empty."))


def split_raw(recognised: Recognised, raw: str) -> list[str]:
    """Return the cells of a refused row as it was kept, for a person to mend."""
    if not recognised.columns:
        return [raw]
    csv.field_size_limit(LONGEST_CELL)
    return next(csv.reader(io.StringIO(raw, newline=""), delimiter=_delimiter(recognised)), [])


def join_raw(recognised: Recognised, cells: Iterable[str]) -> str:
    """Write a row's cells in the form in which refused rows are kept."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=_delimiter(recognised), lineterminator="").writerow(cells)
    return out.getvalue()


def _text_rows(
    file: TextFile, recognised: Recognised, after_line: int
) -> Iterator[ParsedRow | BadRow]:
    csv.field_size_limit(LONGEST_CELL)
    with file.open() as text:
        lines: Iterable[str] = text
        if file.has_nul:
            lines = (line.replace("\0", "") for line in text)
        if recognised.columns:
            rows = _numbered_cells(iter(lines), recognised)
            yield from _table_rows(rows, recognised, after_line)
            return
        for row in list_rows(recognised.layout, lines, skip=recognised.header_line):
            if row.line > after_line:
                yield row


def _table_rows(
    rows: Iterator[tuple[int, list[str] | BadRow]] | Iterator[tuple[int, list[str]]],
    recognised: Recognised,
    after_line: int,
) -> Iterator[ParsedRow | BadRow]:
    read = _reader_of(recognised)(recognised).read
    for line, cells in rows:
        if line <= after_line:
            continue
        if isinstance(cells, BadRow):
            yield cells
            continue
        try:
            yield read(line, cells)
        except Refused as refused:
            if any(cell and not cell.isspace() for cell in cells):
                yield BadRow(line, _raw(recognised, cells), str(refused))


def _reader_of(recognised: Recognised) -> type[RowReader]:
    if recognised.layout.kept:
        return OwnReader
    return RichReader if is_rich(recognised) else RowReader


def _numbered_cells(
    lines: Iterator[str], recognised: Recognised
) -> Iterator[tuple[int, list[str] | BadRow]]:
    """Yield each row with the number of the line on which it begins."""
    for _ in range(recognised.header_line):
        next(lines)
    rows = csv.reader(lines, delimiter=recognised.delimiter, skipinitialspace=True)
    skipped = recognised.header_line + 1
    while True:
        line = rows.line_num + skipped
        try:
            yield line, next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield line, _overlong(line, rows.line_num + skipped - 1)


def _overlong(first: int, last: int) -> BadRow:
    reason = (
        f"A cell holds over {LONGEST_CELL:,} characters: probably a quotation mark is not closed "
        f"between lines {first} and {last}."
    )
    return BadRow(first, "", reason)


def _raw(recognised: Recognised, cells: list[str]) -> str:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return join_raw(recognised, kept)[:RAW_CHARACTERS]


def _delimiter(recognised: Recognised) -> str:
    return recognised.delimiter or ","
