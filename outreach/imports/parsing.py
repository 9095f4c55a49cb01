"""Turn a recognised file into rows: one parsed or refused row for every line of data."""

from __future__ import annotations

import csv
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from outreach.core.urls import WebAddress, parse_address, parse_domain
from outreach.imports import values
from outreach.imports.layouts import FIELDS, Layout, find_column, normalise_header
from outreach.imports.rows import NO_METRICS, RAW_CHARACTERS, BadRow, ParsedRow, RowKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from outreach.imports.recognition import Recognised
    from outreach.imports.rows import Metrics

LONGEST_CELL = 131_072
_REFUSED_SHOWN = 80

# One target page is linked from thousands of rows.
_target = lru_cache(maxsize=4_096)(parse_address)


class _Refused(Exception):
    """Why one row cannot be used, as a sentence."""


def read_rows(recognised: Recognised, *, after_line: int = 0) -> Iterator[ParsedRow | BadRow]:
    """Yield what each line of data says, in order; blank lines are left out.

    Args:
        recognised: The file.
        after_line: Leave out rows that begin on this line or before, as an import does that was
            interrupted and goes on.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = _RowReader(recognised)
    with recognised.file.open() as file:
        lines: Iterable[str] = file
        if recognised.file.has_nul:
            lines = (line.replace("\0", "") for line in file)
        if recognised.columns:
            yield from _table_rows(reader, iter(lines), recognised, after_line)
        else:
            yield from _list_rows(reader, lines, after_line)


def _table_rows(
    reader: _RowReader, lines: Iterator[str], recognised: Recognised, after_line: int
) -> Iterator[ParsedRow | BadRow]:
    read, delimiter = reader.read, recognised.delimiter
    for line, cells in _numbered_cells(lines, recognised):
        if line <= after_line:
            continue
        if isinstance(cells, BadRow):
            yield cells
            continue
        try:
            yield read(line, cells)
        except _Refused as refused:
            if any(cell and not cell.isspace() for cell in cells):
                raw = delimiter.join(cells).rstrip(delimiter)
                yield BadRow(line, raw[:RAW_CHARACTERS], str(refused))


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


def _list_rows(
    reader: _RowReader, lines: Iterable[str], after_line: int
) -> Iterator[ParsedRow | BadRow]:
    for line, value in enumerate(lines, 1):
        raw = value.strip().strip('"').lstrip("\ufeff")
        if not raw or raw.startswith("#") or line <= after_line:
            continue
        try:
            yield reader.read_value(line, raw)
        except _Refused as refused:
            yield BadRow(line, raw[:RAW_CHARACTERS], str(refused))


def _overlong(first: int, last: int) -> BadRow:
    reason = (
        f"A cell holds over {LONGEST_CELL:,} characters: probably a quotation mark is not closed "
        f"between lines {first} and {last}."
    )
    return BadRow(first, "", reason)


class _RowReader:
    """Reads the rows of one file; where its columns stand is worked out once."""

    def __init__(self, recognised: Recognised) -> None:
        layout = recognised.layout
        headers = [normalise_header(name) for name in recognised.columns]
        self._layout = layout
        self._width = len(headers)
        places = [self._place(layout, field, headers) for field in FIELDS]
        self._unpack = itemgetter(*places)
        self._site_metrics = _metric_places(layout.site_metrics, headers)
        self._page_metrics = _metric_places(layout.page_metrics, headers)
        self._url_header = self._header_of("url", recognised)
        self._says_rel = any(
            places[FIELDS.index(name)] < self._width for name in ("nofollow", "ugc", "sponsored")
        )
        self._rels: dict[tuple[str, str, str], frozenset[str]] = {}

    def _place(self, layout: Layout, field: str, headers: list[str]) -> int:
        """Return a field's column; without one, the empty cell that `read` puts past the last."""
        names = layout.columns.get(field)
        at = find_column(headers, names) if names else None
        return len(headers) if at is None else at

    @staticmethod
    def _header_of(field: str, recognised: Recognised) -> str:
        return recognised.column_of(field) or recognised.column_of("site") or ""

    def read(self, line: int, cells: list[str]) -> ParsedRow:
        if len(cells) != self._width:
            self._fit(cells)
        cells.append("")
        (
            url, site, title, description, topic, found_on, language, target, anchor, nofollow,
            ugc, sponsored, first_seen, last_seen, lost_on, email, reason, contacted_on, outcome,
            contacted_by,
        ) = self._unpack(cells)  # fmt: skip
        row_email, row_site, address = self._whom(url, site, email)
        when = values.day(contacted_on) if contacted_on else None
        if when is None and self._layout.kind is RowKind.TOUCH:
            raise _Refused(_unread_day(contacted_on))
        goal = _target(target) if target else None
        return ParsedRow(
            line,
            address.url if address else "",
            address.key if address else "",
            row_site,
            values.text(title, 500) if title else "",
            values.text(description, 5_000) if description else "",
            values.text(topic, 200) if topic else "",
            values.text(found_on, 500) if found_on else "",
            language.strip()[:20].casefold() if language else "",
            goal.url if goal else target.strip()[:2_048],
            goal.key if goal else "",
            values.text(anchor, 1_000) if anchor else "",
            self._rel((nofollow, ugc, sponsored)) if self._says_rel else None,
            values.day(first_seen) if first_seen else None,
            values.day(last_seen) if last_seen else None,
            values.day(lost_on) if lost_on else None,
            row_email,
            values.text(reason, 500) if reason else "",
            when,
            values.text(outcome, 200) if outcome else "",
            values.text(contacted_by, 200) if contacted_by else "",
            _metrics(self._site_metrics, cells),
            _metrics(self._page_metrics, cells),
        )

    def read_value(self, line: int, value: str) -> ParsedRow:
        """Read the only value of a line of a plain list."""
        if " " in value:
            raise _Refused(f"“{_shown(value)}” is not a web address.")
        if self._layout.kind is RowKind.SUPPRESSION:
            email, site, address = self._suppressed(value, "")
        else:
            email, site, address = _page_or_site(value)
        return _bare_row(line, email, site, address)

    def _fit(self, cells: list[str]) -> None:
        """Bring a ragged row to the header's width where nothing is lost by it."""
        missing = self._width - len(cells)
        if missing < 0 and not any(cell.strip() for cell in cells[self._width :]):
            del cells[self._width :]
        elif missing > 0 and self._layout.is_ragged and cells:
            cells.extend([""] * missing)
        else:
            raise _Refused(f"This row has {len(cells)} cells where the header has {self._width}.")

    def _whom(self, url: str, site: str, email: str) -> tuple[str, str, WebAddress | None]:
        """Return the row's email address, site and page."""
        kind = self._layout.kind
        if kind in {RowKind.SUPPRESSION, RowKind.TOUCH}:
            return self._suppressed(email, site)
        if url and not url.isspace():
            address = parse_address(url)
            if address is None:
                raise _Refused(f"“{_shown(url)}” is not a web address.")
            return "", address.site, address
        if kind is RowKind.BACKLINK or not site or site.isspace():
            raise _Refused(f"There is no address in the column “{self._url_header}”.")
        return "", _site(site), None

    def _suppressed(self, email: str, site: str) -> tuple[str, str, WebAddress | None]:
        """Read whom a row of a suppression list or contact history means."""
        whom, domain = email.strip(), site.strip()
        if "@" in whom.lstrip("@"):
            address = values.email(whom)
            if address is None:
                raise _Refused(f"“{_shown(whom)}” is not an email address.")
            return address, parse_domain(address.rsplit("@", 1)[1]) or "", None
        if "@" in domain.lstrip("@") and "://" not in domain:
            return self._suppressed(domain, "")
        if not whom and not domain:
            raise _Refused("There is neither an email address nor a domain.")
        return "", _site(domain or whom), None

    def _rel(self, flags: tuple[str, str, str]) -> frozenset[str]:
        rel = self._rels.get(flags)
        if rel is None:
            names = ("nofollow", "ugc", "sponsored")
            rel = frozenset(
                name for name, cell in zip(names, flags, strict=True) if values.yes(cell)
            )
            self._rels[flags] = rel
        return rel


def _metric_places(
    named: Mapping[str, tuple[str, str]], headers: list[str]
) -> tuple[tuple[int, tuple[str, str]], ...]:
    found = ((find_column(headers, names), metric) for names, metric in named.items())
    return tuple((at, metric) for at, metric in found if at is not None)


def _metrics(places: tuple[tuple[int, tuple[str, str]], ...], cells: list[str]) -> Metrics:
    metrics = {
        metric: value
        for at, metric in places
        if cells[at] and (value := values.number(cells[at])) is not None
    }
    return metrics or NO_METRICS


def _site(value: str) -> str:
    """Read a domain, also as "@example.com" or "*.example.com"."""
    site = parse_domain(value.strip().lstrip("@").removeprefix("*.").rstrip("/"))
    if site is None:
        raise _Refused(f"“{_shown(value)}” is not a domain.")
    return site


def _page_or_site(value: str) -> tuple[str, str, WebAddress | None]:
    """A bare registrable domain means the site; anything longer means that page."""
    address = parse_address(value)
    if address is None:
        raise _Refused(f"“{_shown(value)}” is not a web address.")
    bare = value.casefold().rstrip("./").removeprefix("www.")
    is_site = "://" not in value and "/" not in bare and address.key == address.site
    return "", address.site, None if is_site else address


def _bare_row(line: int, email: str, site: str, address: WebAddress | None) -> ParsedRow:
    return ParsedRow(
        line, address.url if address else "", address.key if address else "", site,
        "", "", "", "", "", "", "", "", None, None, None, None, email, "", None, "", "",
        NO_METRICS, NO_METRICS,
    )  # fmt: skip


def _unread_day(cell: str) -> str:
    if values.is_ambiguous_day(cell):
        return (
            f"The date “{_shown(cell)}” can be read with the day or the month first: "
            "write it as YYYY-MM-DD."
        )
    return f"“{_shown(cell)}” is not a date." if cell.strip() else "The date is missing."


def _shown(value: str) -> str:
    value = " ".join(value.split())
    return value if len(value) <= _REFUSED_SHOWN else value[:_REFUSED_SHOWN] + "…"
