"""Files dropped: told columns hold, bytes that others need stay, and work under way stops."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict, Invalid
from outreach.imports.drafts import is_unmapped
from outreach.imports.mapping import ColumnMap
from outreach.imports.models import ImportFile
from outreach.imports.queries import get_import_file, latest_job_of
from outreach.imports.rows import RowKind
from outreach.imports.storage import path_of
from outreach.imports.words import ImportState
from outreach.workflows.drop_file import (
    cancel_import,
    discard_import,
    map_columns,
    read_as,
    take_file,
)
from outreach.workflows.import_file import run_import
from tests.factories import make_workspace
from tests.factories_imports import import_text, start_file, tools_in

UNKNOWN = "Wo es steht;Wer\nhttps://moss.example.org/lawn;Ann\nhttps://fern.example.net/;Bo\n"
PAGES = "URL,Title\nhttps://soil.example.org/,Soil\n"


def take(database: Database, scope: Scope, folder: Path, text: str, **given: RowKind) -> int:
    stream = BytesIO(text.encode())
    return take_file(database, scope, stream, "garden.csv", data_dir=folder, kind=given.get("kind"))


def get(database: Database, scope: Scope, import_file_id: int) -> ImportFile:
    with database.reading(scope) as session:
        return get_import_file(session, import_file_id)


def test_what_one_workspace_told_about_a_header_is_not_used_in_another(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    other = make_workspace(database)
    told = ColumnMap(RowKind.PAGE, {"url": "Wo es steht"})
    first = take(database, scope, tmp_path, UNKNOWN)
    assert is_unmapped(get(database, scope, first))
    map_columns(database, scope, first, told, data_dir=tmp_path)

    here = get(database, scope, take(database, scope, tmp_path, UNKNOWN))
    there = get(database, other, take(database, other, tmp_path, UNKNOWN))

    assert here.recognised["mapping"] == {"url": "Wo es steht"}
    assert here.recognised["told_at"]
    assert is_unmapped(there)


def test_bytes_stay_while_an_import_of_any_workspace_needs_them(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    other = make_workspace(database)
    ours = take(database, scope, tmp_path, PAGES)
    theirs = take(database, other, tmp_path, PAGES)
    path = path_of(tmp_path, get(database, scope, ours))

    discard_import(database, scope, ours, data_dir=tmp_path)
    assert path.exists()
    discard_import(database, other, theirs, data_dir=tmp_path)

    assert not path.exists()


def test_a_file_nobody_can_import_is_not_kept(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    own_pages = "Target page,Incoming links\nhttps://a.example/,3\n"
    with pytest.raises(Invalid, match="your own pages"):
        take(database, scope, tmp_path, own_pages)

    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix == ".csv"] == []


def test_a_file_that_was_imported_cannot_be_left_and_is_read_differently_as_a_new_import(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    done = import_text(database, scope, tmp_path, PAGES).key

    with pytest.raises(Conflict, match="has been imported"):
        discard_import(database, scope, done, data_dir=tmp_path)
    again = read_as(database, scope, done, RowKind.PAGE, data_dir=tmp_path)

    assert again != done
    assert get(database, scope, done).state is ImportState.DONE
    assert get(database, scope, again).state is ImportState.PREVIEWED


def test_an_import_a_worker_has_is_stopped_by_that_worker(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file_id = take(database, scope, tmp_path, PAGES)
    job_id = start_file(database, scope, file_id, utc_now())

    with database.writing(scope) as session:
        cancel_import(session, file_id, now=utc_now())
    assert get(database, scope, file_id).state is ImportState.RUNNING
    run_import(database, scope, job_id, tools_in(tmp_path))

    assert get(database, scope, file_id).state is ImportState.CANCELLED
    with database.reading(scope) as session:
        job = latest_job_of(session, file_id)
    assert job is not None
    assert job.is_over
    with database.writing(scope) as session, pytest.raises(Conflict, match="Nothing is under way"):
        cancel_import(session, file_id, now=utc_now())
