"""Recognise a dropped file without a question: encoding, delimiter, header, layout."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.core.urls import parse_address
from outreach.imports import values
from outreach.imports.encodings import SAMPLE_BYTES, TextFile, open_text
from outreach.imports.layouts import (
    LAYOUTS,
    PLAIN_PAGES,
    PLAIN_SUPPRESSIONS,
    Layout,
    find_column,
    matches,
    normalise_header,
)
from outreach.imports.rows import RowKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_DELIMITERS = "\t,;|"
_HEADER_WITHIN_ROWS = 25
_COLUMNS_NAMED = 12
_LIST_SHARE = 0.6  # of the first lines that must be addresses for a file to be a plain list
_SAMPLED_ROWS = 50


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file we know how to read.

    `header_line` counts the lines up to and including the header, 0 without one. `columns` are
    the headers as written.
    """

    file: TextFile
    layout: Layout
    delimiter: str
    header_line: int
    columns: tuple[str, ...]

    def column_of(self, field: str) -> str | None:
        """Return the header, as written, that fills one of our fields."""
        names = self.layout.columns.get(field)
        at = find_column([normalise_header(name) for name in self.columns], names or "")
        return None if at is None else self.columns[at]


def recognise(
    path: Path, kind: RowKind | None = None, layouts: Sequence[Layout] = LAYOUTS
) -> Recognised:
    """Say what a file is.

    Args:
        path: The file.
        kind: What the person says the rows are about; None to find out.
        layouts: The layouts to try, narrow ones first.

    Raises:
        Invalid: It cannot be imported; the sentence says why and names the columns seen.
    """
    file = open_text(path)
    sample = file.sample()
    wanted = [layout for layout in layouts if kind is None or layout.kind is kind]
    refused = [layout for layout in layouts if layout.refusal]
    found = _by_header(file, sample, [*wanted, *refused], is_asked_for=kind is not None)
    found = found or _by_lines(file, sample, kind) or _by_shape(file, sample, wanted)
    if found is None:
        raise Invalid(_unknown_sentence(path.name, sample))
    if found.layout.refusal:
        raise Invalid(found.layout.refusal)
    if found.file.encoding.startswith("utf-16") and len(found.columns) > 1:
        _refuse_cut_off(found)
    return found


def _by_header(
    file: TextFile, sample: str, layouts: Sequence[Layout], *, is_asked_for: bool
) -> Recognised | None:
    best: tuple[int, int, Recognised] | None = None
    for delimiter in _DELIMITERS:
        for ends_at, cells in _sample_rows(sample, delimiter, _HEADER_WITHIN_ROWS):
            headers = [normalise_header(cell) for cell in cells]
            fits = (matches(layout, headers, is_asked_for=is_asked_for) for layout in layouts)
            rank = next((at for at, fit in enumerate(fits) if fit), None)
            if rank is not None and (best is None or (rank, ends_at) < best[:2]):
                columns = tuple(cell.strip() for cell in cells)
                found = Recognised(file, layouts[rank], delimiter, ends_at, columns)
                best = (rank, ends_at, found)
    return best[2] if best else None


def _by_lines(file: TextFile, sample: str, kind: RowKind | None) -> Recognised | None:
    """Recognise a list without a header: most lines are one address or domain and nothing else."""
    lines = [line.strip() for line in sample.splitlines()[:_SAMPLED_ROWS]]
    lines = [line for line in lines if line and not line.startswith("#")]
    emails = sum(values.email(line) is not None for line in lines)
    places = sum(" " not in line and parse_address(line) is not None for line in lines)
    if not lines or emails + places < _LIST_SHARE * len(lines):
        return None
    if kind is RowKind.SUPPRESSION or (kind is None and emails > places):
        return Recognised(file, PLAIN_SUPPRESSIONS, "\t", 0, ())
    if kind in {None, RowKind.PAGE} and places:
        return Recognised(file, PLAIN_PAGES, "\t", 0, ())
    return None


def _by_shape(file: TextFile, sample: str, layouts: Sequence[Layout]) -> Recognised | None:
    """Recognise Search Console's latest links by what stands in it: its headers are translated."""
    latest = next((layout for layout in layouts if layout.name == "gsc_latest_links"), None)
    rows = list(_sample_rows(sample, ",", _SAMPLED_ROWS))
    if latest is None or len(rows) < 2 or any(len(cells) != 2 for _, cells in rows):
        return None
    fits = [parse_address(url) is not None and values.day(on) for _, (url, on) in rows]
    if fits[0] or not all(fits[1:]):
        return None
    return Recognised(file, latest, ",", rows[0][0], ("linking page", "last crawled"))


def _sample_rows(sample: str, delimiter: str, count: int) -> list[tuple[int, list[str]]]:
    """Parse the first rows that are not blank, each with the number of its last line."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
            if len(rows) >= count:
                break
    except csv.Error:
        pass  # a stray quotation mark: what stands before it is enough to judge by
    if len(sample) >= SAMPLE_BYTES and 1 < len(rows) < count:
        rows.pop()  # the sample may end inside it
    return rows


def _refuse_cut_off(found: Recognised) -> None:
    """Refuse a UTF-16 export whose last row stops short: vendors end theirs with a line end."""
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


def _unknown_sentence(name: str, sample: str) -> str:
    seen: list[str] = []
    for delimiter in _DELIMITERS:
        rows = _sample_rows(sample, delimiter, 1)
        if rows and len(rows[0][1]) > len(seen):
            seen = [" ".join(cell.split())[:40] for cell in rows[0][1]]
    columns = ", ".join(f"“{column}”" for column in seen[:_COLUMNS_NAMED])
    more = f" and {len(seen) - _COLUMNS_NAMED} more" if len(seen) > _COLUMNS_NAMED else ""
    return (
        f"“{name}” has none of the layouts we know: its columns are {columns}{more}. "
        "It needs at least a column named URL or Domain."
    )
