"""Hand out the refused rows of an import as a table that can be mended and imported again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.imports.exporting import csv_lines
from outreach.imports.parsing import split_raw
from outreach.imports.queries import refused_rows
from outreach.imports.rows import RowKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from outreach.core.db import Database, Scope
    from outreach.imports.models import ImportRow
    from outreach.imports.recognition import Recognised

_ROWS_AT_ONCE = 500
_ADDED = ("Line in the file", "Why it was refused")
# The fields without which a row is refused; mended first.
_KEYS = (
    "url", "site", "email", "name", "first_name", "last_name", "outlet", "outlet_url",
    "target_url", "contacted_on", "published_on", "title",
)  # fmt: skip
_LISTS = {RowKind.SUPPRESSION: "Domain", RowKind.PERSON: "Email"}


def key_columns(recognised: Recognised) -> list[str]:
    """Return the headers of the columns that decide whether a row can be read."""
    if not recognised.columns:
        return ["Line"]
    found = (recognised.column_of(field) for field in _KEYS)
    return list(dict.fromkeys(header for header in found if header is not None))


def refused_lines(
    database: Database, scope: Scope, import_file_id: int, recognised: Recognised
) -> Iterator[str]:
    """Yield the lines of a CSV: the columns of the file, then the line and the reason.

    A list without a header gets one, so that it is known again.
    """
    named = recognised.columns or (_LISTS.get(recognised.layout.kind, "URL"),)
    rows = _rows(database, scope, import_file_id)
    yield from csv_lines(
        [*named, *_ADDED],
        ([*_cells(recognised, row, len(named)), row.line_number, row.reason] for row in rows),
    )


def _rows(database: Database, scope: Scope, import_file_id: int) -> Iterator[ImportRow]:
    cursor = ""
    while True:
        with database.reading(scope) as session:
            page = refused_rows(session, import_file_id, cursor=cursor, limit=_ROWS_AT_ONCE)
        yield from page.rows
        if not page.next_cursor:
            return
        cursor = page.next_cursor


def _cells(recognised: Recognised, row: ImportRow, width: int) -> Sequence[str]:
    cells = split_raw(recognised, row.raw)
    return [*cells, *[""] * width][:width]
