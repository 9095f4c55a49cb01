"""Take in refused rows of an import as a person mended them, or leave them out for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.core.errors import Conflict
from outreach.imports.parsing import join_raw, read_mended, split_raw
from outreach.imports.queries import get_import_file, refused_among
from outreach.imports.services import RETRIABLE, save_mended, skip_refused
from outreach.imports.words import Verdict
from outreach.workflows.import_file import recognise_again
from outreach.workflows.import_takers import make_taker
from outreach.workflows.score_prospects import request_scoring

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Mapping

    from outreach.core.db import Database, Scope, Session
    from outreach.imports.models import ImportRow
    from outreach.imports.recognition import Recognised
    from outreach.workflows.import_file import ImportTools

WHOLE_LINE = ""  # names the only cell of a file without a header


def retry_rows(
    database: Database,
    scope: Scope,
    import_file_id: int,
    mended: Mapping[int, Mapping[str, str]],
    tools: ImportTools,
) -> Counter[str]:
    """Read refused rows again with mended cells, given as row id → header → value.

    Returns:
        The verdicts they get now; one that is refused again says why.

    Raises:
        Conflict: The import is under way, or was taken back.
        Invalid: The file is gone, so nobody knows how its rows are read.
    """
    with database.reading(scope) as session:
        file = get_import_file(session, import_file_id)
        rows = refused_among(session, import_file_id, mended)
    recognised = recognise_again(file, tools)
    raws = {row.key: _mended_raw(recognised, row, mended[row.key]) for row in rows}
    parsed = {row.key: read_mended(recognised, row.line_number, raws[row.key]) for row in rows}
    with database.writing(scope) as session:
        file = get_import_file(session, import_file_id)
        if file.state not in RETRIABLE:
            raise Conflict(f"“{file.filename}” cannot be mended now.")
        still = refused_among(session, import_file_id, parsed)
        kind, now = recognised.layout.kind, tools.clock()
        taker = make_taker(session, file, kind, tools.key, is_mending=True)
        for row in still:
            row.raw = raws[row.key]
        entries, subject_of = taker.take(session, [parsed[row.key] for row in still], now)
        counts = save_mended(session, file, still, entries, subject_of, now=now)
        if counts.total() > counts[Verdict.REFUSED]:
            request_scoring(session)
    return counts


def cells_of(recognised: Recognised, row: ImportRow) -> dict[str, str]:
    """Return the cells of a refused row by their headers, for a person to mend."""
    cells = split_raw(recognised, row.raw)
    headers = recognised.columns or (WHOLE_LINE,)
    return dict(zip(headers, [*cells, *[""] * len(headers)], strict=False))


def skip_rows(session: Session, import_file_id: int, import_row_ids: Collection[int]) -> int:
    """Leave refused rows out for good; return how many were refused still."""
    file = get_import_file(session, import_file_id)
    return skip_refused(session, file, refused_among(session, file.key, import_row_ids))


def _mended_raw(recognised: Recognised, row: ImportRow, cells: Mapping[str, str]) -> str:
    if not recognised.columns:
        return cells.get(WHOLE_LINE, row.raw)
    known = cells_of(recognised, row)
    return join_raw(recognised, [cells.get(name, known[name]) for name in recognised.columns])
