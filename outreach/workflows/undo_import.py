"""Take an import back: what it changed is restored, what it added removed, last row first.

What somebody has built on since stays: a decision, a note, a contact, an opportunity, a page that
was read. What other files said after it of the same pages and sites is said anew, as if this one
had never been there. Each set of rows is one transaction that also
moves the line back, so a kill leaves the rest to the next worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import (
    Subject,
    finish_job,
    get_job,
    note_progress,
    queue_job,
    record,
)
from outreach.activity.words import JobState
from outreach.core.db import take_turn
from outreach.core.errors import Conflict
from outreach.desk.in_use import prospects_in_use
from outreach.imports.queries import (
    get_import_file,
    guarded_by_others,
    last_rows_before,
    mended_rows,
    witnesses_of,
)
from outreach.imports.rows import RowKind
from outreach.imports.services import advance, end_import, rewrite_rows, start_undo, unmend
from outreach.imports.words import ImportState, Verdict
from outreach.prospects import removal
from outreach.prospects.restoring import restore_pages, restore_sites
from outreach.suppression.services import hand_over_import, withdraw_import
from outreach.workflows.import_ranks import LASTS
from outreach.workflows.import_takers import GUARD_KINDS
from outreach.workflows.other_files import hear_others
from outreach.workflows.people_undo import take_people_back
from outreach.workflows.score_prospects import request_scoring
from outreach.workflows.write_gaps import WriteGaps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from outreach.activity.models import Job
    from outreach.core.db import Database, Scope, Session
    from outreach.imports.models import ImportFile, ImportRow
    from outreach.workflows.other_files import Others

UNDO_JOB = "undo_import"
ROWS_AT_ONCE = 500


def begin_undo(session: Session, import_file_id: int) -> Job:
    """Queue the undoing of an import that has ended.

    Raises:
        Conflict: It has not ended, was taken back already, or is a list of ranks.
    """
    file = get_import_file(session, import_file_id)
    if file.recognised.get("kind") == RowKind.RANKS:
        raise Conflict(LASTS)
    start_undo(session, file)
    total = sum(file.counts.values())
    return queue_job(session, UNDO_JOB, subject=Subject("import_file", file.key), total=total)


def run_undo(
    database: Database,
    scope: Scope,
    job_id: int,
    clock: Callable[[], datetime],
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> None:
    """Undo an import, from where it stopped if it did; the job was claimed by the caller."""
    with database.reading(scope) as session:
        job = get_job(session, job_id)
        file = get_import_file(session, job.subject_id or 0)
    gaps = WriteGaps()
    while True:
        gaps.wait()
        with database.writing(scope) as session:
            if _take_back_mended(session, file.key):
                continue
            rows = last_rows_before(session, file.key, file.next_line, limit=ROWS_AT_ONCE)
            if not rows:
                _finish(session, job, file, now=clock())
                return
            to_line = rows[-1].line_number
            if not advance(session, file, to_line=to_line, while_state=ImportState.UNDOING):
                return
            job.done_count += len(rows)
            sentence = f"Took back {job.done_count:,} rows."
            if not note_progress(session, job, now=clock(), sentence=sentence):
                session.rollback()
                return
            _take_back(session, file.key, rows)
        gaps.start()
        file.next_line = to_line
        on_progress(job.done_count, job.total_count or 0)


def _take_back_mended(session: Session, import_file_id: int) -> bool:
    """Take back what was mended and taken in after the file, so first; False when none is left."""
    rows = mended_rows(session, import_file_id, limit=ROWS_AT_ONCE)
    if rows:
        _take_back(session, import_file_id, rows)
        unmend(session, get_import_file(session, import_file_id), rows)
    return bool(rows)


def _take_back(session: Session, import_file_id: int, rows: Sequence[ImportRow]) -> None:
    take_turn(session, "import")
    take_people_back(session, import_file_id, rows)
    named = {row.subject_id for row in rows if row.subject_type == "prospect_page"}
    prospects_of = removal.prospects_of_pages(session, {page for page in named if page is not None})
    others = hear_others(session, import_file_id, rows, prospects_of)
    restore_pages(session, others.pages, others.about_pages)
    restore_sites(session, import_file_id, others.sites, others.about_sites)
    rewrite_rows(session, others.rewritten())
    _remove_pages(session, import_file_id, others)
    _remove_prospects(session, import_file_id, rows, set(prospects_of.values()))


def _remove_pages(session: Session, import_file_id: int, others: Others) -> None:
    """Remove pages with the row that brought them, so that none above it misses its page."""
    pages = {row.subject_id for row in others.pages if row.is_bringing}
    brought = removal.pages_brought_by(session, import_file_id, pages)
    used = prospects_in_use(session, set(brought.values()))
    free = {page: prospect for page, prospect in brought.items() if prospect not in used}
    removal.remove_pages(session, free)


def _remove_prospects(
    session: Session, import_file_id: int, rows: Sequence[ImportRow], prospects: set[int]
) -> None:
    for row in rows:
        if row.subject_type == "prospect" and row.subject_id is not None:
            prospects.add(row.subject_id)
    empty = removal.empty_prospects_of(session, import_file_id, prospects)
    empty -= prospects_in_use(session, empty)
    seen_elsewhere = witnesses_of(session, "prospect", empty, but=import_file_id)
    removal.remove_prospects(session, empty - set(seen_elsewhere))


def _withdraw_guards(session: Session, file: ImportFile) -> None:
    """Let go whom this list guarded, but for those whom another list names too."""
    if file.recognised.get("kind") not in GUARD_KINDS:
        return
    suppressed = guarded_by_others(session, "suppression", but=file.key)
    touched = guarded_by_others(session, "past_contact", but=file.key)
    lists = {name: file_id for name, (file_id, _) in suppressed.items()}
    hand_over_import(session, file.key, lists, touched)
    withdraw_import(session, file.key)


def _finish(session: Session, job: Job, file: ImportFile, *, now: datetime) -> None:
    _withdraw_guards(session, file)
    file = get_import_file(session, file.key)
    end_import(session, file, ImportState.UNDONE, now=now)
    sentence = f"Took “{file.filename}” back."
    kept = removal.count_kept(session, file.key)
    if kept:
        sentence += f" {kept:,} of its prospects stay, because somebody has worked on them since."
    record(session, "undone", Subject("import_file", file.key), sentence, now=now)
    finish_job(session, job.key, JobState.DONE, sentence, now=now)
    if file.counts.get(Verdict.ADDED.value) or file.counts.get(Verdict.UPDATED.value):
        request_scoring(session)
