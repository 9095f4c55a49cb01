"""The quarantine of an import: refused rows, mended and read again, left out, or downloaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from outreach.core.errors import Invalid
from outreach.core.paging import Page
from outreach.desk.import_rows import rows_shown
from outreach.imports.queries import get_import_file, refused_rows, rows_among
from outreach.imports.services import RETRIABLE, unmend
from outreach.imports.words import Verdict
from outreach.web.context import close_reading, reading, requires, say, scope, writing
from outreach.web.context import services as web
from outreach.web.imports import tools
from outreach.workflows.export_refused import key_columns, refused_lines
from outreach.workflows.import_file import counts_in_words, recognise_again
from outreach.workflows.retry_rows import cells_of, retry_rows, skip_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from outreach.imports.models import ImportFile, ImportRow
    from outreach.imports.recognition import Recognised

blueprint = Blueprint("import_rows", __name__, url_prefix="/imports")

_ROWS_ON_A_PAGE = 25
_ROWS_AT_ONCE = 500
_CELL = re.compile(r"cell-(\d{1,18})-(\d{1,4})")


@blueprint.get("/<int:import_file_id>/quarantine")
@requires("import", "view")
def index(import_file_id: int) -> Any:
    """Show the refused rows with their cells, and what became of those just mended."""
    file = get_import_file(reading(), import_file_id)
    after = request.args.get("after", "")
    page: Page[ImportRow] = Page(rows=[], next_cursor=None)
    if file.counts.get(Verdict.REFUSED.value):  # else all rows of a large file would be gone over
        page = refused_rows(reading(), import_file_id, cursor=after, limit=_ROWS_ON_A_PAGE)
    tried = rows_among(reading(), import_file_id, _ids(request.args.get("tried", "")))
    shown = rows_shown(reading(), tried)
    try:
        recognised, problem = recognise_again(file, tools()), ""
    except Invalid as gone:
        recognised, problem = None, str(gone)
    return render_template(
        "imports/quarantine.html",
        file=file,
        rows=[_cells(recognised, row) for row in page.rows],
        next_cursor=page.next_cursor,
        tried=shown,
        problem=problem,
        may_mend=not problem and file.state in RETRIABLE,
        Verdict=Verdict,
    )


def _cells(recognised: Recognised | None, row: ImportRow) -> dict[str, Any]:
    """Return a row with its cells as (index, header, value), those that matter first."""
    if recognised is None:
        return {"row": row, "first": [], "rest": []}
    keys = key_columns(recognised)
    cells = [
        (index, header or "Line", value)
        for index, (header, value) in enumerate(cells_of(recognised, row).items())
    ]
    first = [cell for cell in cells if cell[1] in keys] or cells[:4]
    return {"row": row, "first": first, "rest": [cell for cell in cells if cell not in first]}


@blueprint.post("/<int:import_file_id>/quarantine")
@requires("import", "edit")
def retry(import_file_id: int) -> Any:
    """Read the rows again that a person mended."""
    file = get_import_file(reading(), import_file_id)
    given = _given(request.form)
    rows = rows_among(reading(), import_file_id, given)
    refused = [row for row in rows if row.verdict is Verdict.REFUSED]
    close_reading()
    mended = _mended(recognise_again(file, tools()), refused, given)
    if not mended:
        say("No cell was changed, so no row was read again.", "warning")
        return _back(file)
    counts = retry_rows(web().database, scope(), import_file_id, mended, tools())
    kind = "warning" if counts[Verdict.REFUSED.value] else "success"
    say(f"Read {_rows(len(mended))} again: {counts_in_words(counts)}.", kind)
    return _back(file, tried=",".join(str(key) for key in mended))


def _given(form: Mapping[str, str]) -> dict[int, dict[int, str]]:
    """Return row id → column → value, from fields named `cell-<row>-<column>`."""
    found: dict[int, dict[int, str]] = {}
    for name, value in form.items():
        match = _CELL.fullmatch(name)
        if match:
            found.setdefault(int(match[1]), {})[int(match[2])] = value
    return found


def _mended(
    recognised: Recognised, rows: Sequence[ImportRow], given: Mapping[int, Mapping[int, str]]
) -> dict[int, dict[str, str]]:
    """Return the rows of which a cell was changed, as row id → header → value."""
    found = {}
    for row in rows:
        known = cells_of(recognised, row)
        cells = {
            header: given[row.key][index]
            for index, header in enumerate(known)
            if index in given[row.key]
        }
        if any(_flat(cells[header]) != _flat(known[header]) for header in cells):
            found[row.key] = cells
    return found


def _flat(text: str) -> str:
    """A field of one line loses the line ends that a cell had; that alone mends nothing."""
    return " ".join(text.split())


@blueprint.post("/<int:import_file_id>/skipped")
@requires("import", "edit")
def skip(import_file_id: int) -> Any:
    """Leave refused rows out for good: one, or all there are."""
    file = get_import_file(reading(), import_file_id)
    if request.form.get("all"):
        count = _skip_all(import_file_id)
        say(f"Left {_rows(count)} out.", "success")
        return _back(file)
    ids = _ids(request.form.get("row", ""))
    with writing() as session:
        count = skip_rows(session, import_file_id, ids)
    rows = ",".join(str(key) for key in ids)
    undo_url = url_for("import_rows.unskip", import_file_id=import_file_id, rows=rows)
    say(f"Left {_rows(count)} out.", "success", undo_url=undo_url if count else None)
    return _back(file)


def _skip_all(import_file_id: int) -> int:
    """Leave out every refused row, a set in each transaction."""
    count = 0
    while True:
        with writing() as session:
            page = refused_rows(session, import_file_id, limit=_ROWS_AT_ONCE)
            if not page.rows:
                return count
            count += skip_rows(session, import_file_id, [row.key for row in page.rows])


@blueprint.post("/<int:import_file_id>/skipped/undo")
@requires("import", "edit")
def unskip(import_file_id: int) -> Any:
    """Put rows that were left out into quarantine again."""
    ids = _ids(request.args.get("rows", ""))
    with writing() as session:
        file = get_import_file(session, import_file_id)
        rows = rows_among(session, import_file_id, ids)
        unmend(session, file, [row for row in rows if row.verdict is Verdict.SKIPPED])
    return _back(file)


@blueprint.get("/<int:import_file_id>/refused.csv")
@requires("import", "view")
def download(import_file_id: int) -> Any:
    """Hand out the refused rows as in the file, each with its line and the reason."""
    file = get_import_file(reading(), import_file_id)
    close_reading()
    recognised = recognise_again(file, tools())
    lines = refused_lines(web().database, scope(), import_file_id, recognised)
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", Path(file.filename).stem)
    disposition = f'attachment; filename="refused-{name}.csv"'
    return Response(lines, mimetype="text/csv", headers={"Content-Disposition": disposition})


def _back(file: ImportFile, tried: str | None = None) -> Any:
    page = url_for("import_rows.index", import_file_id=file.key, tried=tried)
    return redirect(page, 303)


def _ids(text: str) -> list[int]:
    found = [int(part) for part in text.split(",") if part.isdigit() and len(part) < 19]
    return found[:_ROWS_AT_ONCE]


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
