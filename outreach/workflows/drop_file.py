"""Take a dropped file: recognise it, else read it as its header was read before, else ask.

What a person says about a header holds for every file that has it, also for one we would know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from outreach.activity.services import finish_job
from outreach.activity.words import JobState
from outreach.core.errors import Conflict, Invalid
from outreach.imports.drafts import (
    add_unmapped_file,
    discard,
    note_reading,
    note_told,
)
from outreach.imports.mapping import ColumnMap, header_key
from outreach.imports.mappings import (
    check_mapping,
    column_map,
    find_mapping,
    note_mapping_used,
    remember_mapping,
)
from outreach.imports.queries import get_import_file, latest_job_of
from outreach.imports.recognition import UnknownLayout, read_sample, recognise
from outreach.imports.services import add_import_again, add_import_file, end_import
from outreach.imports.storage import KeptFile, keep_file, path_of
from outreach.imports.words import ImportState
from outreach.workflows.import_file import forget_bytes

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from outreach.core.db import Database, Scope, Session
    from outreach.imports.models import ImportFile
    from outreach.imports.recognition import Recognised
    from outreach.imports.rows import RowKind


def take_file(
    database: Database,
    scope: Scope,
    stream: BinaryIO,
    filename: str,
    *,
    data_dir: Path,
    kind: RowKind | None = None,
) -> int:
    """Keep a dropped file and note it; nothing of it is imported yet.

    A table nobody knows is kept too, and waits for a person to name its columns.

    Returns:
        The id of the import.

    Raises:
        Invalid: It cannot be imported; nothing is kept then.
    """
    kept = keep_file(data_dir, stream, filename)
    try:
        return _note(database, scope, kept, kind)
    except Invalid:
        forget_bytes(database, kept)
        raise


def _note(database: Database, scope: Scope, kept: KeptFile, kind: RowKind | None) -> int:
    try:
        said, told_at = how_to_read(database, scope, kept.path, kind)
    except UnknownLayout as unknown:
        with database.writing(scope) as session:
            return add_unmapped_file(session, kept, unknown.sample).key
    mapping = said if isinstance(said, ColumnMap) else None
    recognised = recognise(kept.path, None if mapping else kind, mapping=mapping)
    with database.writing(scope) as session:
        file = add_import_file(session, kept, recognised, kind=said)
        if told_at is not None:
            note_told(session, file, told_at)
            _count_use(session, recognised)
        return file.key


def how_to_read(
    database: Database, scope: Scope, path: Path, kind: RowKind | None
) -> tuple[ColumnMap | RowKind | None, datetime | None]:
    """Say how a file is to be read: as somebody told us about its header, else as it shows itself.

    Returns:
        The mapping and when it was told, else the kind that was asked for.

    Raises:
        UnknownLayout: Its columns have to be named.
        Invalid: It cannot be imported.
    """
    unknown: UnknownLayout | None = None
    try:
        columns = recognise(path, kind).columns
        key = header_key(columns) if columns and kind is None else ""
    except UnknownLayout as problem:
        unknown, key = problem, problem.header_key
    if key:
        with database.reading(scope) as session:
            if (remembered := find_mapping(session, key)) is not None:
                return column_map(remembered), remembered.updated_at
    if unknown is not None:
        raise unknown
    return kind, None


def _count_use(session: Session, recognised: Recognised) -> None:
    mapping = find_mapping(session, header_key(recognised.columns))
    if mapping is not None:
        note_mapping_used(session, mapping)


def map_columns(
    database: Database, scope: Scope, import_file_id: int, mapping: ColumnMap, *, data_dir: Path
) -> int:
    """Read a kept file as a person says, and remember it for the next with this header.

    Returns:
        The id of the import to preview: a new one where the old has begun.

    Raises:
        Invalid: The mapping does not fit the file.
    """
    path = _path(database, scope, import_file_id, data_dir)
    sample = read_sample(path)
    check_mapping(mapping, sample.headers)
    recognised = recognise(path, mapping=mapping)
    with database.writing(scope) as session:
        if sample.has_header:
            remember_mapping(session, sample.headers, mapping)
        file = _unbegun(session, import_file_id)
        note_reading(session, file, recognised, mapping)
        return file.key


def read_as(
    database: Database, scope: Scope, import_file_id: int, kind: RowKind | None, *, data_dir: Path
) -> int:
    """Read a kept file as rows of one kind, or find out; return the id of the import to preview.

    Raises:
        UnknownLayout: Its columns have to be named for that.
        Invalid: It cannot be read so.
    """
    recognised = recognise(_path(database, scope, import_file_id, data_dir), kind)
    with database.writing(scope) as session:
        file = _unbegun(session, import_file_id)
        note_reading(session, file, recognised, kind)
        return file.key


def discard_import(database: Database, scope: Scope, import_file_id: int, *, data_dir: Path) -> str:
    """Forget a file that was dropped and never imported; return its name.

    Raises:
        Conflict: It has been imported.
    """
    with database.writing(scope) as session:
        file = get_import_file(session, import_file_id)
        kept = KeptFile(path_of(data_dir, file), file.filename, file.sha256, file.size_bytes, 0)
        discard(session, file)
    forget_bytes(database, kept)
    return kept.filename


def cancel_import(session: Session, import_file_id: int, *, now: datetime) -> None:
    """Stop an import or an undo under way; a worker that has it stops after its set of rows.

    Raises:
        Conflict: Nothing is under way.
    """
    file = get_import_file(session, import_file_id)
    job = latest_job_of(session, import_file_id)
    if job is None or job.is_over:
        raise Conflict(f"Nothing is under way with “{file.filename}”.")
    is_worked_on = job.lease_until is not None and job.lease_until > now
    finish_job(session, job.key, JobState.CANCELLED, "Stopped by a person.", now=now)
    if file.state is ImportState.RUNNING and not is_worked_on:
        rows = sum(file.counts.values())
        error = f"Stopped by a person after {rows:,} rows; undo them, or let it go on."
        end_import(session, file, ImportState.CANCELLED, now=now, error=error)


def _path(database: Database, scope: Scope, import_file_id: int, data_dir: Path) -> Path:
    with database.reading(scope) as session:
        return path_of(data_dir, get_import_file(session, import_file_id))


def _unbegun(session: Session, import_file_id: int) -> ImportFile:
    file = get_import_file(session, import_file_id)
    return file if file.state is ImportState.PREVIEWED else add_import_again(session, file)
