"""Recognise a dropped file without a question: encoding, delimiter, header, layout."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.imports.encodings import TextFile, open_text, read_head
from outreach.imports.layouts import (
    LAYOUTS,
    Layout,
    find_column,
    matches,
    normalise_header,
)
from outreach.imports.mapping import header_key, mapped_layout, missing_columns
from outreach.imports.recognition_shapes import layout_of_shape, list_layout, shaped_sample
from outreach.imports.rows import RowKind
from outreach.imports.sampling import (
    HEADER_WITHIN_ROWS,
    Table,
    TableSample,
    likeliest_table,
    tables_of,
)
from outreach.imports.sheets import is_workbook, open_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from outreach.imports.mapping import ColumnMap
    from outreach.imports.sampling import Source

_COLUMNS_NAMED = 12
# Who says that a file holds sites to ask does not ask where its pages come from.
_PROSPECTS = {RowKind.PAGE, RowKind.BACKLINK, RowKind.REFERRING_DOMAIN}
_LONGEST_HEADER = 200


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file we know how to read.

    `header_line` counts the lines up to and including the header, 0 without one. `columns` are
    the headers as written, none for a plain list. `rows` are the first rows of data.
    """

    file: Source
    layout: Layout
    delimiter: str
    header_line: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()

    def column_of(self, field: str) -> str | None:
        """Return the header, as written, that fills one of our fields."""
        names = self.layout.columns.get(field)
        at = find_column([normalise_header(name) for name in self.columns], names or "")
        return None if at is None else self.columns[at]


class UnknownLayout(Invalid):
    """A table whose header nobody knows; a person can say what its columns are.

    Attributes:
        sample: Its headers, first rows, delimiter and encoding.
        header_key: The name under which the mapping of this header is remembered.
    """

    def __init__(self, message: str, sample: TableSample) -> None:
        super().__init__(message)
        self.sample = sample
        self.header_key = header_key(sample.headers)


def recognise(
    path: Path,
    kind: RowKind | None = None,
    layouts: Sequence[Layout] = LAYOUTS,
    mapping: ColumnMap | None = None,
) -> Recognised:
    """Say what a file is.

    Args:
        path: The file.
        kind: What the person says the rows are about; None to find out.
        layouts: The layouts to try, narrow ones first.
        mapping: How the person says its columns are to be read; nothing is looked for then.

    Raises:
        UnknownLayout: It is a table whose columns a person has to name.
        Invalid: It cannot be imported; the sentence says why.
    """
    file = _open(path)
    found = _mapped(file, mapping) if mapping else _found(file, kind, layouts)
    if found is None:
        raise _unknown(file)
    if found.layout.refusal:
        raise Invalid(found.layout.refusal)
    if found.file.encoding.startswith("utf-16") and len(found.columns) > 1:
        _refuse_cut_off(found)
    return found


def read_sample(path: Path) -> TableSample:
    """Return the header and first rows of any table, for a person to map.

    Raises:
        Invalid: It is no table.
    """
    sample = likeliest_table(_open(path))
    if sample is None:
        raise Invalid(f"“{path.name}” has no rows.")
    return sample


def _open(path: Path) -> Source:
    head = read_head(path)
    return open_workbook(path, head) if is_workbook(path, head) else open_text(path)


def _mapped(file: Source, mapping: ColumnMap) -> Recognised | None:
    sample = likeliest_table(file)
    if sample is None or missing_columns(mapping, sample.headers):
        return None
    return _recognised(sample, mapped_layout(mapping.columns, mapping.kind))


def _found(file: Source, kind: RowKind | None, layouts: Sequence[Layout]) -> Recognised | None:
    tables = list(tables_of(file))
    kinds = _PROSPECTS if kind is RowKind.PAGE else {kind}
    wanted = [layout for layout in layouts if kind is None or layout.kind in kinds]
    refused = [layout for layout in layouts if layout.refusal and layout not in wanted]
    by_header = _by_header(tables, [*wanted, *refused], is_asked_for=kind is not None)
    if by_header:
        return by_header
    if isinstance(file, TextFile) and (plain := list_layout(file, kind)):
        return Recognised(file, plain[0], "\t", plain[1], ())
    shaped = shaped_sample(tables, [*wanted, *refused])
    return _recognised(shaped, layout_of_shape(shaped)) if shaped else None


def _by_header(
    tables: Sequence[Table], layouts: Sequence[Layout], *, is_asked_for: bool
) -> Recognised | None:
    best: tuple[int, int] | None = None
    found: tuple[Table, int, Layout] | None = None
    for table in tables:
        for at, (ends_at, cells) in enumerate(table.rows[:HEADER_WITHIN_ROWS]):
            headers = [normalise_header(cell[:_LONGEST_HEADER]) for cell in cells]
            fits = (matches(layout, headers, is_asked_for=is_asked_for) for layout in layouts)
            rank = next((place for place, fit in enumerate(fits) if fit), None)
            if rank is not None and (best is None or (rank, ends_at) < best):
                best, found = (rank, ends_at), (table, at, layouts[rank])
    if found is None:
        return None
    table, at, layout = found
    line, cells = table.rows[at]
    rows = tuple(tuple(row) for _, row in table.rows[at + 1 :])
    columns = tuple(cell.replace("\ufeff", "").strip() for cell in cells)
    return Recognised(table.file, layout, table.delimiter, line, columns, rows)


def _recognised(sample: TableSample, layout: Layout) -> Recognised:
    return Recognised(
        sample.file, layout, sample.delimiter, sample.header_line, sample.headers, sample.rows
    )


def _refuse_cut_off(found: Recognised) -> None:
    """Refuse a UTF-16 export whose last row stops short: vendors end theirs with a line end."""
    assert isinstance(found.file, TextFile)
    tail = found.file.tail()
    if tail.endswith(("\n", "\r")):
        return
    last = tail.splitlines()[-1]
    cells = next(csv.reader([last], delimiter=found.delimiter), [])
    if last.count('"') % 2 or len(cells) < len(found.columns):
        raise Invalid(
            f"“{found.file.path.name}” ends in the middle of a row, so its download was cut off: "
            "download it again."
        )


def _unknown(file: Source) -> Invalid:
    name = file.path.name
    sample = likeliest_table(file)
    if sample is None:
        return Invalid(f"“{name}” has none of the layouts we know: it has no rows.")
    seen = sample.headers if sample.has_header else (sample.rows[0] if sample.rows else ())
    columns = ", ".join(f"“{' '.join(cell.split())[:40]}”" for cell in seen[:_COLUMNS_NAMED])
    more = f" and {len(seen) - _COLUMNS_NAMED} more" if len(seen) > _COLUMNS_NAMED else ""
    return UnknownLayout(
        f"“{name}” has none of the layouts we know: its columns are {columns}{more}. "
        "Say what they hold, or give it a column named URL, Domain or Email.",
        sample,
    )
