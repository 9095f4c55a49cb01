"""Take a list away as a table: who took what is recorded before the first row leaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.core.errors import NotFound
from outreach.desk.export_pages import PAGES
from outreach.desk.export_people import CONTACTS, OUTBOX, SUPPRESSIONS
from outreach.desk.export_prospects import PROSPECTS
from outreach.desk.export_work import WORK
from outreach.desk.exports import Export, ExportList, file_name
from outreach.imports.exporting import csv_lines
from outreach.imports.exporting_xlsx import write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from outreach.core.db import Database, Scope
    from outreach.desk.exports import Row

EXPORTS: dict[str, ExportList] = {
    spec.name: spec for spec in (PROSPECTS, PAGES, CONTACTS, *WORK, OUTBOX, SUPPRESSIONS)
}


class Format(StrEnum):
    """What kind of file a table becomes."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Begun:
    """An export that was recorded, to be read once."""

    spec: ExportList
    export: Export
    file_name: str
    rows: Iterator[Row]


def get_export_list(name: str) -> ExportList:
    """Return a list that can be exported.

    Raises:
        NotFound: There is none of this name.
    """
    if name not in EXPORTS:
        raise NotFound("There is no such list to export.")
    return EXPORTS[name]


def begin_export(
    database: Database,
    scope: Scope,
    spec: ExportList,
    arguments: Mapping[str, str],
    kind: Format,
    *,
    now: datetime,
) -> Begun:
    """Prepare a list as its address asks for it, and record who takes it."""
    with database.reading(scope) as session:
        export = spec.prepare(session, arguments, now)
    narrowed = f" ({export.said})" if export.said else ""
    with database.writing(scope) as session:
        record(
            session,
            "exported",
            Subject("workspace", session.workspace_id),
            f"Exported {spec.title.lower()}{narrowed} as {kind.upper()}.",
            now=now,
            details={"list": spec.name, "arguments": dict(arguments), "format": kind.value},
        )
    name = file_name(spec.name, export.said, f"{now:%Y-%m-%d}", kind.value)
    return Begun(spec, export, name, _rows(database, scope, export))


def _rows(database: Database, scope: Scope, export: Export) -> Iterator[Row]:
    """Read chunk by chunk, each in a transaction of its own, so that a slow reader holds none."""
    cursor, is_first = "", True
    while cursor or is_first:
        with database.reading(scope) as session:
            rows, cursor = export.read(session, cursor)
        is_first = False
        yield from rows


def lines_of(begun: Begun) -> Iterator[str]:
    """Write the table as CSV, a thousand rows at a time."""
    lines: list[str] = []
    for line in csv_lines(begun.export.header, begun.rows):
        lines.append(line)
        if len(lines) == 1_000:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def write_export(begun: Begun, path: Path, kind: Format, rows: Iterable[Row] | None = None) -> None:
    """Write the table into a file, and leave none behind when that fails.

    Args:
        begun: The export.
        path: Where to; a file there is replaced.
        kind: CSV or a workbook.
        rows: The export's rows, where somebody watches them go by.
    """
    given = begun.rows if rows is None else rows
    unfinished = path.with_name(f"{path.name}.part")
    try:
        if kind is Format.XLSX:
            write_workbook(unfinished, begun.export.header, given, title=begun.spec.title)
        else:
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(begun.export.header, given))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
