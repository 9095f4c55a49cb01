"""Imports that have not begun: tables with columns nobody named yet, other ways to read one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.core.errors import Conflict
from outreach.imports.mapping import ColumnMap
from outreach.imports.models import ImportFile
from outreach.imports.words import ImportState

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.imports.recognition import Recognised
    from outreach.imports.rows import RowKind
    from outreach.imports.sampling import TableSample
    from outreach.imports.storage import KeptFile

UNMAPPED = "unmapped"


def add_unmapped_file(session: Session, kept: KeptFile, sample: TableSample) -> ImportFile:
    """Note a table nobody knows; it can be imported once its columns are named."""
    file = ImportFile(
        filename=kept.filename[-255:],
        sha256=kept.sha256,
        size_bytes=kept.size_bytes,
        layout=UNMAPPED,
        recognised={
            "title": "Unknown table",
            "kind": "",
            "said": "",
            "encoding": sample.file.encoding,
            "delimiter": sample.delimiter,
            "columns": list(sample.headers),
            "about_rows": max(1, kept.line_ends - sample.header_line),
        },
        user_id=session.scope.user_id,
    )
    session.add(file)
    session.flush()
    return file


def is_unmapped(file: ImportFile) -> bool:
    """Tell whether a person has to name a file's columns before it can be imported."""
    return file.layout == UNMAPPED


def note_reading(
    session: Session, file: ImportFile, recognised: Recognised, said: ColumnMap | RowKind | None
) -> None:
    """Keep that a file that has not begun is read another way.

    Raises:
        Conflict: It has begun.
    """
    _refuse_begun(file)
    kept = {
        name: value
        for name, value in file.recognised.items()
        if name not in {"mapping", "told_at", "said"}
    }
    file.layout = recognised.layout.name
    file.recognised = {
        **kept,
        "title": recognised.layout.title,
        "kind": recognised.layout.kind.value,
        "said": "" if said is None or isinstance(said, ColumnMap) else said.value,
        "columns": list(recognised.columns),
        "delimiter": recognised.delimiter,
        **({"mapping": dict(said.columns)} if isinstance(said, ColumnMap) else {}),
    }
    session.flush()


def note_told(session: Session, file: ImportFile, told_at: datetime) -> None:
    """Keep when a person told how this file's header is read, for the pages to say so."""
    file.recognised = {**file.recognised, "told_at": told_at.isoformat()}
    session.flush()


def discard(session: Session, file: ImportFile) -> None:
    """Forget an import that has not begun.

    Raises:
        Conflict: It has begun.
    """
    _refuse_begun(file)
    session.delete(file)
    session.flush()


def _refuse_begun(file: ImportFile) -> None:
    if file.state is not ImportState.PREVIEWED:
        raise Conflict(f"“{file.filename}” has been imported; undo it, or import it again.")
