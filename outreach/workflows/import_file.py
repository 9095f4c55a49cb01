"""Import a file: keep it, then take it in a set of rows at a time.

Rows are parsed outside any transaction. Each set is written in one short transaction that also
moves the import's line, so a kill at any moment leaves whole sets behind and the next worker goes
on at the next row.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from outreach.activity.services import (
    Subject,
    finish_job,
    get_job,
    note_progress,
    queue_job,
    record,
)
from outreach.activity.words import JobState
from outreach.core.db import SYSTEM, refresh_statistics
from outreach.core.errors import Invalid, OutreachError
from outreach.imports.mapping import ColumnMap
from outreach.imports.parsing import read_rows
from outreach.imports.queries import are_bytes_used, get_import_file
from outreach.imports.recognition import Recognised, recognise
from outreach.imports.rows import BadRow, RowKind
from outreach.imports.services import (
    add_import_again,
    add_import_file,
    advance,
    end_import,
    save_verdicts,
    start_import,
)
from outreach.imports.storage import drop_file, keep_file, path_of
from outreach.imports.words import ImportState, Verdict
from outreach.workflows.import_ranks import import_ranks
from outreach.workflows.import_takers import GUARD_KINDS, Taker, make_taker
from outreach.workflows.people_taker import PeopleTaker
from outreach.workflows.score_prospects import request_scoring
from outreach.workflows.write_gaps import WriteGaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from outreach.activity.models import Job
    from outreach.core.db import Database, Scope, Session
    from outreach.imports.models import ImportFile
    from outreach.imports.rows import ParsedRow
    from outreach.imports.storage import KeptFile

    Rows = list[ParsedRow | BadRow]

IMPORT_JOB = "import_file"
ROWS_AT_ONCE = 1_000  # written in some 50 ms, the longest another writer waits
PEOPLE_AT_ONCE = 300  # the same: a person costs more than a page
LARGE = 10_000  # rows after which the planner should look at the tables again
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


@dataclass(frozen=True, slots=True)
class ImportTools:
    """What an import needs beside the database: the data directory, the key and the time."""

    data_dir: Path
    key: str
    clock: Callable[[], datetime]
    on_progress: Callable[[int, int], None] = lambda _done, _total: None


def keep_and_recognise(
    database: Database,
    scope: Scope,
    stream: BinaryIO,
    filename: str,
    *,
    data_dir: Path,
    kind: RowKind | ColumnMap | None = None,
) -> int:
    """Keep a dropped file and note it; nothing of it is imported yet.

    Args:
        database: The database.
        scope: Whose import it is.
        stream: The bytes.
        filename: What the person calls it.
        data_dir: Where files are kept.
        kind: What the person says the rows are about, or how its columns are to be read.

    Returns:
        The id of the import.

    Raises:
        Invalid: It cannot be imported; nothing is kept then.
    """
    kept = keep_file(data_dir, stream, filename)
    said, mapping = (None, kind) if isinstance(kind, ColumnMap) else (kind, None)
    try:
        recognised = recognise(kept.path, said, mapping=mapping)
    except Invalid:
        forget_bytes(database, kept)
        raise
    with database.writing(scope) as session:
        return add_import_file(session, kept, recognised, kind=kind).key


def forget_bytes(database: Database, kept: KeptFile) -> None:
    """Drop the bytes of a file nobody can import, unless an import of any workspace needs them."""
    with database.reading(SYSTEM) as session:
        is_used = are_bytes_used(session, kept.sha256)
    if not is_used:
        drop_file(kept)


def rerun_import(database: Database, scope: Scope, import_file_id: int, tools: ImportTools) -> int:
    """Make a new import of the bytes of an old one, to be previewed; return its id.

    Raises:
        Invalid: The file is no longer kept.
    """
    with database.reading(scope) as session:
        file = get_import_file(session, import_file_id)
    recognise_again(file, tools)
    with database.writing(scope) as session:
        return add_import_again(session, file).key


def begin_import(session: Session, import_file_id: int, *, now: datetime) -> Job:
    """Queue the import of a file that was previewed, or that stopped on the way.

    Raises:
        Conflict: It is imported already, or was undone.
    """
    file = get_import_file(session, import_file_id)
    start_import(session, file, now=now)
    total = file.recognised.get("about_rows")
    return queue_job(
        session,
        IMPORT_JOB,
        subject=Subject("import_file", file.key),
        total=total if isinstance(total, int) else None,
    )


def run_import(database: Database, scope: Scope, job_id: int, tools: ImportTools) -> None:
    """Import a file, from where it stopped if it did; the job was claimed by the caller.

    Raises:
        OutreachError: The file is gone or damaged; the import is marked as failed.
    """
    with database.reading(scope) as session:
        job = get_job(session, job_id)
        file = get_import_file(session, job.subject_id or 0)
    try:
        with _seldom_collecting():
            done = _take_all(database, scope, job, file, tools)
    except OutreachError as problem:
        with database.writing(scope) as session:
            file = get_import_file(session, file.key)
            end_import(session, file, ImportState.FAILED, now=tools.clock(), error=str(problem))
        raise
    with database.writing(scope) as session:
        file = get_import_file(session, file.key)
        if file.state is not ImportState.RUNNING:
            return
        rows = sum(file.counts.values())
        if done:
            _finish(session, job, file, now=tools.clock())
        elif get_job(session, job_id).state is JobState.CANCELLED:
            error = f"Stopped by a person after {rows:,} rows; undo them, or let it go on."
            end_import(session, file, ImportState.CANCELLED, now=tools.clock(), error=error)
    if done and rows >= LARGE:
        refresh_statistics(database)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for cyclic garbage seldom: rows make none, and looking costs a tenth of an import."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _take_all(
    database: Database, scope: Scope, job: Job, file: ImportFile, tools: ImportTools
) -> bool:
    """Write every set of rows; False when somebody stopped the job or took it over."""
    recognised = recognise_again(file, tools)
    if recognised.layout.kind is RowKind.RANKS:
        return import_ranks(database, scope, job, file, recognised, tools)
    with database.reading(scope) as session:
        taker = make_taker(session, file, recognised.layout.kind, tools.key)
    started, at_start = tools.clock(), sum(file.counts.values())
    job.done_count = at_start
    gaps = WriteGaps()
    for chunk in _chunks(read_rows(recognised), file.next_line, taker):
        gaps.wait()
        with database.writing(scope) as session:
            now = tools.clock()
            to_line = chunk[-1].line + 1
            if not advance(session, file, to_line=to_line, while_state=ImportState.RUNNING):
                return False
            job.done_count += len(chunk)
            pace = _pace(job.done_count - at_start, (now - started).total_seconds(), job)
            if not note_progress(session, job, now=now, sentence=pace):
                session.rollback()
                return False
            entries, subject_of = taker.take(session, chunk, now)
            save_verdicts(session, file.key, entries, subject_of, now=now)
        gaps.start()
        file.next_line = to_line
        tools.on_progress(job.done_count, job.total_count or 0)
    return True


def _chunks(
    rows: Iterator[ParsedRow | BadRow], from_line: int, taker: Taker
) -> Iterator[list[ParsedRow | BadRow]]:
    """Yield the rows from a line on in sets; those before it are only remembered."""
    chunk: list[ParsedRow | BadRow] = []
    most = min(ROWS_AT_ONCE, PEOPLE_AT_ONCE if isinstance(taker, PeopleTaker) else ROWS_AT_ONCE)
    for row in rows:
        if row.line < from_line:
            taker.note(row)
            continue
        chunk.append(row)
        if len(chunk) == most:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _finish(session: Session, job: Job, file: ImportFile, *, now: datetime) -> None:
    end_import(session, file, ImportState.DONE, now=now)
    sentence = f"Imported “{file.filename}”: {counts_in_words(file.counts)}."
    record(session, "imported", Subject("import_file", file.key), sentence, now=now)
    job.done_count = job.total_count = file.row_count or 0
    note_progress(session, job, now=now)
    finish_job(session, job.key, JobState.DONE, sentence, now=now)
    if file.recognised.get("kind") not in GUARD_KINDS:
        request_scoring(session)


def counts_in_words(counts: dict[str, int]) -> str:
    """Say what an import did: "12 new prospects, 3 new pages, 1 refused"."""
    words = (
        (Verdict.ADDED, "new", "new"),
        (Verdict.PAGE_ADDED, "new page of a known site", "new pages of known sites"),
        (Verdict.UPDATED, "changed", "changed"),
        (Verdict.KNOWN, "known", "known"),
        (Verdict.REFUSED, "refused", "refused"),
        (Verdict.SKIPPED, "left out", "left out"),
    )
    said = [
        f"{count:,} {one if count == 1 else many}"
        for verdict, one, many in words
        if (count := counts.get(verdict.value, 0))
    ]
    return ", ".join(said) or "no rows"


def recognise_again(file: ImportFile, tools: ImportTools) -> Recognised:
    """Recognise a kept file as it was when it was dropped, by the person's mapping if one is kept.

    Raises:
        Invalid: It is gone, or damaged.
    """
    said, columns = str(file.recognised.get("said") or ""), file.recognised.get("mapping")
    path = path_of(tools.data_dir, file)
    if isinstance(columns, dict):
        kind = RowKind(str(file.recognised["kind"]))
        return recognise(path, mapping=ColumnMap(kind, columns))
    return recognise(path, RowKind(said) if said else None)


def _pace(done: int, seconds: float, job: Job) -> str:
    if seconds <= 0 or not done:
        return "Reading the file."
    rate = done / seconds
    left = max(0, (job.total_count or 0) - job.done_count) / rate
    return f"{job.done_count:,} rows, {rate:,.0f} a second, about {left:,.0f} s left."
