"""Keeping an import's state and the verdicts on its rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlmodel import col, update

from outreach.core.db import bulk_update, bulk_write
from outreach.core.errors import Conflict
from outreach.imports.mapping import ColumnMap
from outreach.imports.models import ImportFile, ImportRow
from outreach.imports.queries import get_import_file
from outreach.imports.words import ImportState, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.imports.recognition import Recognised
    from outreach.imports.rows import RowKind
    from outreach.imports.storage import KeptFile
    from outreach.imports.verdicts import Entry

    Subject = tuple[str, int | None]

_STARTABLE = (
    ImportState.PREVIEWED, ImportState.RUNNING, ImportState.FAILED, ImportState.CANCELLED,
)  # fmt: skip
_UNDOABLE = (
    ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED, ImportState.UNDOING,
)  # fmt: skip
RETRIABLE = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED})


def add_import_file(
    session: Session,
    kept: KeptFile,
    recognised: Recognised,
    *,
    kind: RowKind | ColumnMap | None,
) -> ImportFile:
    """Note a file that was recognised; nothing of it is imported yet."""
    mapping = kind if isinstance(kind, ColumnMap) else None
    file = ImportFile(
        filename=kept.filename[-255:],
        sha256=kept.sha256,
        size_bytes=kept.size_bytes,
        layout=recognised.layout.name,
        recognised={
            "title": recognised.layout.title,
            "kind": recognised.layout.kind.value,
            "said": kind.value if kind and not isinstance(kind, ColumnMap) else "",
            "encoding": recognised.file.encoding,
            "delimiter": recognised.delimiter,
            "columns": list(recognised.columns),
            "about_rows": max(1, kept.line_ends - recognised.header_line),
            **({"mapping": dict(mapping.columns)} if mapping else {}),
        },
        user_id=session.scope.user_id,
    )
    session.add(file)
    session.flush()
    return file


def add_import_again(session: Session, file: ImportFile) -> ImportFile:
    """Note the same kept bytes as a new import; nothing of it is imported yet."""
    again = ImportFile(
        filename=file.filename,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        layout=file.layout,
        recognised=dict(file.recognised),
        user_id=session.scope.user_id,
    )
    session.add(again)
    session.flush()
    return again


def set_counts(session: Session, import_file_id: int, counts: dict[str, int]) -> None:
    """Keep how many rows got each verdict, of an import that keeps no verdict for each row."""
    get_import_file(session, import_file_id).counts = {
        verdict: count for verdict, count in counts.items() if count
    }
    session.flush()


def start_import(session: Session, file: ImportFile, *, now: datetime) -> None:
    """Let an import begin, or go on where it stopped.

    Raises:
        Conflict: It is done or was undone.
    """
    _turn(session, file, _STARTABLE, ImportState.RUNNING, "is imported already")
    file.started_at, file.error = file.started_at or now, ""
    session.flush()


def start_undo(session: Session, file: ImportFile) -> None:
    """Let an import be taken back.

    Raises:
        Conflict: It has not ended, or was taken back already.
    """
    _turn(session, file, _UNDOABLE, ImportState.UNDOING, "cannot be undone now")


def _turn(
    session: Session,
    file: ImportFile,
    wanted: tuple[ImportState, ...],
    state: ImportState,
    problem: str,
) -> None:
    turned = session.execute(
        update(ImportFile)
        .where(col(ImportFile.id) == file.key, col(ImportFile.state).in_(wanted))
        .values(state=state)
        .execution_options(synchronize_session=False)
    )
    if turned.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(f"“{file.filename}” {problem}.")
    session.refresh(file)


def advance(session: Session, file: ImportFile, *, to_line: int, while_state: ImportState) -> bool:
    """Move an import on from the line we know; False when another worker did so, or it ended.

    The line moves in the transaction that writes the rows before it, so a kill leaves both or none.
    """
    moved = session.execute(
        update(ImportFile)
        .where(
            col(ImportFile.id) == file.key,
            col(ImportFile.state) == while_state,
            col(ImportFile.next_line) == file.next_line,
        )
        .values(next_line=to_line)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


def save_verdicts(
    session: Session,
    import_file_id: int,
    entries: Sequence[Entry],
    subject_of: Callable[[Entry], Subject],
    *,
    now: datetime,
) -> None:
    """Keep one verdict for each row, and count them."""
    bulk_write(
        session,
        ImportRow,
        (
            "import_file_id", "line_number", "verdict", "subject_type", "subject_id", "reason",
            "raw", "before", "created_at", "updated_at",
        ),
        _verdict_rows(import_file_id, entries, subject_of, now),
    )  # fmt: skip
    file = get_import_file(session, import_file_id)
    counts = Counter(file.counts)
    counts.update(entry.verdict.value for entry in entries)
    file.counts = dict(counts)
    session.flush()


def save_mended(
    session: Session,
    file: ImportFile,
    rows: Sequence[ImportRow],
    entries: Sequence[Entry],
    subject_of: Callable[[Entry], Subject],
    *,
    now: datetime,
) -> Counter[str]:
    """Keep the new verdicts on refused rows, and move the import's counts."""
    for row, entry in zip(rows, entries, strict=True):
        row.reason = entry.reason
        if entry.verdict is not Verdict.REFUSED:
            row.verdict, row.before, row.mended_at = entry.verdict, entry.before, now
            row.subject_type, row.subject_id = subject_of(entry)
    found = Counter(entry.verdict.value for entry in entries)
    _move_counts(session, file, Counter({Verdict.REFUSED.value: len(rows)}), found)
    return found


def unmend(session: Session, file: ImportFile, rows: Sequence[ImportRow]) -> None:
    """Let rows that were mended, and are taken back now, be refused ones again."""
    _move_counts(
        session,
        file,
        Counter(row.verdict.value for row in rows),
        Counter({Verdict.REFUSED.value: len(rows)}),
    )
    for row in rows:
        row.verdict, row.before, row.mended_at = Verdict.REFUSED, None, None
        row.subject_type, row.subject_id = "", None
    session.flush()


def rewrite_rows(session: Session, rows: Iterable[tuple[dict[str, object] | None, int]]) -> None:
    """Keep anew what rows need for their own undo, given as (`before`, row)."""
    bulk_update(session, ImportRow, ("before",), rows)


def skip_refused(session: Session, file: ImportFile, rows: Sequence[ImportRow]) -> int:
    """Leave refused rows out for good; return how many."""
    for row in rows:
        row.verdict = Verdict.SKIPPED
    counted = len(rows)
    _move_counts(
        session,
        file,
        Counter({Verdict.REFUSED.value: counted}),
        Counter({Verdict.SKIPPED.value: counted}),
    )
    return counted


def _move_counts(session: Session, file: ImportFile, out: Counter[str], into: Counter[str]) -> None:
    counts = Counter(file.counts)
    counts.subtract(out)
    counts.update(into)
    file.counts = {verdict: count for verdict, count in counts.items() if count}
    session.flush()


def _verdict_rows(
    import_file_id: int,
    entries: Iterable[Entry],
    subject_of: Callable[[Entry], Subject],
    now: datetime,
) -> Iterable[tuple[object, ...]]:
    for entry in entries:
        is_refused = entry.verdict is Verdict.REFUSED
        kind, subject_id = ("", None) if is_refused else subject_of(entry)
        yield (
            *(import_file_id, entry.line, entry.verdict, kind, subject_id, entry.reason),
            *(entry.raw, entry.before, now, now),
        )


def end_import(
    session: Session, file: ImportFile, state: ImportState, *, now: datetime, error: str = ""
) -> None:
    """Note how an import or an undo ended."""
    file.state, file.finished_at, file.error = state, now, error
    if state is ImportState.DONE:
        file.row_count = sum(file.counts.values())
    session.flush()
