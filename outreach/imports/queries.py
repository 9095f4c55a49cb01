"""Reading imported files and the verdicts on their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.activity.models import Job
from outreach.core.errors import NotFound
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.imports.models import ImportFile, ImportRow
from outreach.imports.verdicts import GUARDS
from outreach.imports.words import ImportState, Verdict
from outreach.suppression.models import ContactTouch

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from outreach.core.db import Session

_WITNESSES = (Verdict.KNOWN.value, Verdict.UPDATED.value)
_SUBJECTS_AT_ONCE = 5_000


def get_import_file(session: Session, import_file_id: int) -> ImportFile:
    """Return an import.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(
        select(ImportFile)
        .where(ImportFile.id == import_file_id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("There is no such import here.")
    return found


def first_import_of(session: Session, file: ImportFile) -> ImportFile:
    """Return the first import of the same bytes that still stands: the file itself if none does."""
    found = session.exec(
        select(ImportFile)
        .where(
            ImportFile.sha256 == file.sha256,
            ImportFile.state == ImportState.DONE,
            col(ImportFile.id) < file.key,
        )
        .order_by(col(ImportFile.id))
        .limit(1)
    ).first()
    return found or file


def earlier_import_of(session: Session, file: ImportFile) -> ImportFile | None:
    """Return the first import of the same bytes that still stands, if another one does."""
    first = first_import_of(session, file)
    return None if first.key == file.key else first


def are_bytes_used(session: Session, sha256: str) -> bool:
    """Tell whether any import needs these bytes; across workspaces in a system session."""
    return (
        session.exec(select(ImportFile.id).where(ImportFile.sha256 == sha256).limit(1)).first()
        is not None
    )


def recent_imports(session: Session, *, cursor: str = "", limit: int = 50) -> Page[ImportFile]:
    """Return the workspace's imports, newest first."""
    statement = select(ImportFile).order_by(col(ImportFile.id).desc()).limit(limit + 1)
    if cursor:
        statement = statement.where(col(ImportFile.id) < int(decode_cursor(cursor, 1)[0]))
    rows = list(session.exec(statement).all())
    following = encode_cursor(rows[limit - 1].key) if len(rows) > limit else None
    return Page(rows=rows[:limit], next_cursor=following)


def rows_of(
    session: Session,
    import_file_id: int,
    *,
    verdict: Verdict | None = None,
    cursor: str = "",
    limit: int = 100,
) -> Page[ImportRow]:
    """Return the verdicts on an import's rows, in the order of the file."""
    statement = (
        select(ImportRow)
        .where(ImportRow.import_file_id == import_file_id)
        .order_by(col(ImportRow.line_number))
        .limit(limit + 1)
    )
    if verdict is not None:
        # written out, so that the partial index on refused rows is used
        wanted = sa.literal(verdict.value, sa.String, literal_execute=True)
        statement = statement.where(sa.type_coerce(col(ImportRow.verdict), sa.String) == wanted)
    if cursor:
        statement = statement.where(col(ImportRow.line_number) > int(decode_cursor(cursor, 1)[0]))
    rows = list(session.exec(statement).all())
    following = encode_cursor(rows[limit - 1].line_number) if len(rows) > limit else None
    return Page(rows=rows[:limit], next_cursor=following)


def refused_rows(
    session: Session, import_file_id: int, *, cursor: str = "", limit: int = 50
) -> Page[ImportRow]:
    """Return the rows in quarantine: refused, and neither mended nor left out."""
    return rows_of(session, import_file_id, verdict=Verdict.REFUSED, cursor=cursor, limit=limit)


def rows_among(
    session: Session, import_file_id: int, import_row_ids: Collection[int]
) -> Sequence[ImportRow]:
    """Return those of the rows that are this import's, in the file's order."""
    return session.exec(
        select(ImportRow)
        .where(
            col(ImportRow.id).in_(sorted(import_row_ids)),
            ImportRow.import_file_id == import_file_id,
        )
        .order_by(col(ImportRow.line_number))
    ).all()


def refused_among(
    session: Session, import_file_id: int, import_row_ids: Collection[int]
) -> Sequence[ImportRow]:
    """Return those of the rows that are this import's and still refused, in the file's order."""
    return session.exec(
        select(ImportRow)
        .where(
            col(ImportRow.id).in_(sorted(import_row_ids)),
            ImportRow.import_file_id == import_file_id,
            ImportRow.verdict == Verdict.REFUSED,
        )
        .order_by(col(ImportRow.line_number))
    ).all()


def mended_rows(session: Session, import_file_id: int, *, limit: int) -> Sequence[ImportRow]:
    """Return rows that were taken in as a person mended them, the last first."""
    return session.exec(
        select(ImportRow)
        .where(ImportRow.import_file_id == import_file_id, col(ImportRow.mended_at).is_not(None))
        .order_by(col(ImportRow.mended_at).desc(), col(ImportRow.line_number).desc())
        .limit(limit)
    ).all()


def count_verdicts(session: Session, import_file_id: int) -> dict[str, int]:
    """Count an import's verdicts from its rows: what its own counts must equal."""
    rows = session.exec(
        select(ImportRow.verdict, sa.func.count())
        .where(ImportRow.import_file_id == import_file_id)
        .group_by(col(ImportRow.verdict))
    ).all()
    return {Verdict(verdict).value: count for verdict, count in rows}


def last_rows_before(
    session: Session, import_file_id: int, line: int, *, limit: int
) -> Sequence[ImportRow]:
    """Return rows above a line, last first: the order in which an undo goes."""
    return session.exec(
        select(ImportRow)
        .where(ImportRow.import_file_id == import_file_id, col(ImportRow.line_number) < line)
        .order_by(col(ImportRow.line_number).desc())
        .limit(limit)
    ).all()


def witnesses_of(
    session: Session, kind: str, subjects: Collection[int], *, but: int
) -> dict[int, int]:
    """Return, for those of the subjects that other standing imports reported, the first of them."""
    rows = session.exec(
        select(ImportRow.subject_id, sa.func.min(ImportRow.import_file_id))
        .join(ImportFile, col(ImportFile.id) == ImportRow.import_file_id)
        .where(
            ImportRow.subject_type == kind,
            col(ImportRow.subject_id).in_(list(subjects)),
            _is_witness(),
            ImportRow.import_file_id != but,
            _stands(),
        )
        .group_by(col(ImportRow.subject_id))
    ).all()
    return {subject: file_id for subject, file_id in rows if subject is not None}


def rows_about(
    session: Session, kind: str, subjects: Collection[int], *, but: int
) -> list[tuple[int, int, int, bool, dict[str, Any]]]:
    """Read what the standing rows of other imports say about pages or prospects they did not bring.

    Returns:
        (subject, row, import, whether a person mended it, its `before`) of each row.
    """
    found: list[tuple[int, int, int, bool, dict[str, Any]]] = []
    asked = sorted(subjects)
    about: Any = select(  # type: ignore[call-overload]
        ImportRow.subject_id, ImportRow.id, ImportRow.import_file_id, ImportRow.mended_at,
        ImportRow.before,
    )  # fmt: skip
    about = about.join(ImportFile, col(ImportFile.id) == ImportRow.import_file_id)
    for start in range(0, len(asked), _SUBJECTS_AT_ONCE):
        rows = session.exec(
            about.where(
                ImportRow.subject_type == kind,
                col(ImportRow.subject_id).in_(asked[start : start + _SUBJECTS_AT_ONCE]),
                sa.or_(_is_witness(), col(ImportRow.before).is_not(sa.null())),
                ImportRow.import_file_id != but,
                _stands(),
            )
        )
        found += [
            (subject, key, file_id, mended_at is not None, before or {})
            for subject, key, file_id, mended_at, before in rows
        ]
    return found


def repeats_of(session: Session, import_file_id: int) -> set[int]:
    """Return the standing imports of the same bytes."""
    mine = select(ImportFile.sha256).where(ImportFile.id == import_file_id).scalar_subquery()
    found = session.exec(
        select(ImportFile.id).where(
            ImportFile.sha256 == mine,
            ImportFile.id != import_file_id,
            ImportFile.state == ImportState.DONE,
        )
    )
    return {key for key in found if key is not None}


def guarded_by_others(session: Session, kind: str, *, but: int) -> dict[str, tuple[int, int]]:
    """Return what rows of other standing lists say too: name → (the first list, its line)."""
    rows = session.exec(
        select(ImportRow.import_file_id, ImportRow.line_number, ImportRow.before)
        .join(ImportFile, col(ImportFile.id) == ImportRow.import_file_id)
        .where(
            ImportRow.subject_type == kind,
            col(ImportRow.before).is_not(sa.null()),
            ImportRow.import_file_id != but,
            _stands(),
        )
        .order_by(col(ImportRow.id).desc())
    )
    return {
        str(before[GUARDS]): (file_id, line)
        for file_id, line, before in rows
        if before and GUARDS in before
    }


def _is_witness() -> sa.ColumnElement[bool]:
    found: sa.BindParameter[str] = sa.bindparam(
        "witness", _WITNESSES, expanding=True, literal_execute=True
    )
    # written out, so that the partial index on just these words is used
    return sa.type_coerce(col(ImportRow.verdict), sa.String).in_(found)


def _stands() -> sa.ColumnElement[bool]:
    """Whether a row counts: its import was not taken back, or not yet as far as this row."""
    return sa.or_(
        col(ImportFile.state).not_in((ImportState.UNDONE, ImportState.UNDOING)),
        sa.and_(
            col(ImportFile.state) == ImportState.UNDOING,
            col(ImportRow.line_number) < col(ImportFile.next_line),
        ),
    )


def known_touches(session: Session, source_keys: Collection[str]) -> set[str]:
    """Return those of the source keys under which a past contact is known."""
    return set(
        session.exec(
            select(ContactTouch.source_key).where(
                col(ContactTouch.source_key).in_(list(source_keys))
            )
        )
    )


def latest_job_of(session: Session, import_file_id: int) -> Job | None:
    """Return the newest long work on an import: the import itself or its undoing."""
    return session.exec(
        select(Job)
        .where(Job.subject_type == "import_file", Job.subject_id == import_file_id)
        .order_by(col(Job.id).desc())
        .limit(1)
    ).first()
