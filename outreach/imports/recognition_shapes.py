"""Recognise files by what stands in them: plain lists, disavow files, lists without known headers.

Search Console translates its headers and Tranco has none, so their values have to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.core.urls import parse_address, parse_domain
from outreach.imports import values
from outreach.imports.layouts import (
    DISAVOW,
    LAYOUTS,
    PLAIN_PAGES,
    PLAIN_PEOPLE,
    PLAIN_SUPPRESSIONS,
    Layout,
)
from outreach.imports.mapping_words import field_of_header
from outreach.imports.rows import RowKind
from outreach.imports.sampling import sample_of
from outreach.imports.values_dates import day, is_ambiguous_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.imports.encodings import TextFile
    from outreach.imports.sampling import Table, TableSample

_LIST_SHARE = 0.6  # of the first lines that must be addresses for a file to be a plain list
_SAMPLED_LINES = 50
_NAMED = {layout.name: layout for layout in LAYOUTS}
_KINDS_OF_LISTS = {
    RowKind.SUPPRESSION: PLAIN_SUPPRESSIONS,
    RowKind.PERSON: PLAIN_PEOPLE,
    RowKind.DISAVOW: DISAVOW,
    RowKind.PAGE: PLAIN_PAGES,
}


def list_layout(file: TextFile, kind: RowKind | None) -> tuple[Layout, int] | None:
    """Recognise one value on each line; return also the lines of its header, 0 or 1."""
    lines = [line.strip().strip('"') for line in file.sample().splitlines()[:_SAMPLED_LINES]]
    said = [line for line in lines if line and not line.startswith("#")]
    if said and any(line.casefold().startswith("domain:") for line in said):
        return _KINDS_OF_LISTS.get(kind or RowKind.DISAVOW, DISAVOW), 0
    said = [line.rstrip(",;") for line in said]
    emails = sum(values.email(line) is not None for line in said)
    places = sum(_is_place(line) for line in said)
    if not said or _has_columns(said) or emails + places < _LIST_SHARE * len(said):
        return None
    layout = _KINDS_OF_LISTS.get(kind or RowKind.PAGE)
    if kind is None:
        layout = PLAIN_SUPPRESSIONS if emails > places else layout
        layout = DISAVOW if _speaks_of_disavowing(file, lines) else layout
    if layout is None or (layout is PLAIN_PAGES and not places):
        return None
    has_header = lines[0] == said[0] and len(said) > 1 and emails + places == len(said) - 1
    is_named = has_header and not _is_place(said[0]) and values.email(said[0]) is None
    return layout, int(is_named)


def _has_columns(lines: Sequence[str]) -> bool:
    """Tell whether a delimiter parts every line alike: an address may hold one, not all do."""
    counts = ({line.count(delimiter) for line in lines} for delimiter in "\t;|,")
    return len(lines) > 1 and any(len(found) == 1 and found != {0} for found in counts)


def shaped_sample(tables: Sequence[Table], layouts: Sequence[Layout]) -> TableSample | None:
    """Recognise a table by the shape of its values; its headers are then those of the layout."""
    wanted = {layout.name for layout in layouts}
    for table in tables:
        rows = [cells for _, cells in table.rows]
        widths = {len(cells) for cells in rows}
        if len(rows) < 2 or len(widths) != 1:
            continue
        name, has_header = _shape(rows)
        if name in wanted:
            sample = sample_of(table, 0 if has_header else None)
            return _renamed(sample, _HEADERS[name])
    return None


def layout_of_shape(sample: TableSample) -> Layout:
    """Return the layout whose headers a shaped sample was given."""
    name = next(name for name, headers in _HEADERS.items() if headers == sample.headers)
    return _NAMED[name]


_HEADERS = {
    "gsc_latest_links": ("linking page", "last crawled"),
    "gsc_top_linking_sites": ("site", "linking pages", "target pages"),
    "gsc_top_linked_pages": ("target page", "incoming links", "linking sites"),
    "tranco": ("rank", "domain"),
}


def _shape(rows: Sequence[Sequence[str]]) -> tuple[str, bool]:
    """Name the layout whose rows look like these, and whether a header stands above them."""
    width = len(rows[0])
    if width == 2 and all(_is_ranked(cells) for cells in rows) and _rises(rows):
        return "tranco", False
    head, data = rows[0], rows[1:]
    if any(field_of_header(cell) for cell in head) or parse_address(head[0]):
        return "", True
    if width == 2 and all(_is_place(url) and _is_day(on) for url, on in data):
        return "gsc_latest_links", True
    is_counted = width == 3 and all(_is_counted(cells) for cells in data) and _falls(data)
    return _counted_shape(data) if is_counted else "", True


def _counted_shape(rows: Sequence[Sequence[str]]) -> str:
    """Tell sites that link to us, with two counts each, from pages of ours."""
    if not any("/" in cells[0].rstrip("/") for cells in rows):
        return "gsc_top_linking_sites"
    sites = {parse_domain(cells[0]) for cells in rows}
    return "gsc_top_linked_pages" if len(sites) == 1 else ""


def _is_ranked(cells: Sequence[str]) -> bool:
    return cells[0].strip().isdigit() and "/" not in cells[1] and _is_place(cells[1])


def _is_counted(cells: Sequence[str]) -> bool:
    return _is_place(cells[0]) and None not in map(values.number, cells[1:])


def _rises(rows: Sequence[Sequence[str]]) -> bool:
    ranks = [int(cells[0]) for cells in rows]
    return ranks == sorted(set(ranks))


def _falls(rows: Sequence[Sequence[str]]) -> bool:
    counts = [values.number(cells[1]) or 0 for cells in rows]
    return counts == sorted(counts, reverse=True)


def _is_place(cell: str) -> bool:
    cell = cell.strip()
    return " " not in cell and parse_address(cell) is not None


def _is_day(cell: str) -> bool:
    return day(cell) is not None or is_ambiguous_day(cell)


def _speaks_of_disavowing(file: TextFile, lines: Sequence[str]) -> bool:
    comments = " ".join(line for line in lines if line.startswith("#")).casefold()
    return "disavow" in comments or "disavow" in file.path.name.casefold()


def _renamed(sample: TableSample, headers: tuple[str, ...]) -> TableSample:
    return type(sample)(sample.file, sample.delimiter, sample.header_line, headers, sample.rows)
