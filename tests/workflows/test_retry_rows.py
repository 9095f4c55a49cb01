"""Refused rows: mended and taken in as rows of the same import, or left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict
from outreach.desk.recount import wrong_columns
from outreach.imports.models import ImportRow
from outreach.imports.queries import count_verdicts, get_import_file, refused_rows
from outreach.imports.words import Verdict
from outreach.prospects.models import Prospect, ProspectPage
from outreach.workflows.import_file import recognise_again, rerun_import
from outreach.workflows.retry_rows import cells_of, retry_rows, skip_rows
from tests.factories_imports import import_text, tools_in, undo
from tests.workflows.test_import_file import PAGES, everything


def quarantined(database: Database, scope: Scope, import_file_id: int) -> list[ImportRow]:
    with database.reading(scope) as session:
        return refused_rows(session, import_file_id).rows


def mend(database: Database, scope: Scope, data_dir: Path, file_id: int, url: str) -> None:
    row = quarantined(database, scope, file_id)[0]
    retry_rows(database, scope, file_id, {row.key: {"URL": url}}, tools_in(data_dir))


def test_a_mended_row_is_taken_in_as_a_row_of_its_import(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)

    mend(database, scope, tmp_path, file.key, "https://wasps.example.com/nest")

    with database.reading(scope) as session:
        file = get_import_file(session, file.key)
        assert file.counts == {"added": 3, "page_added": 1, "known": 1}
        assert count_verdicts(session, file.key) == file.counts
        row = session.exec(select(ImportRow).where(ImportRow.line_number == 6)).one()
        assert (row.verdict, row.reason) == (Verdict.ADDED, "")
        assert row.mended_at is not None
        page = session.exec(select(ProspectPage).where(ProspectPage.id == row.subject_id)).one()
        assert page.url == "https://wasps.example.com/nest"
        assert wrong_columns(session) == []


def test_a_row_mended_badly_stays_refused_with_the_new_reason(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)

    mend(database, scope, tmp_path, file.key, "still no address")

    row = quarantined(database, scope, file.key)[0]
    assert "still no address" in row.reason
    assert "still no address" in row.raw
    with database.reading(scope) as session:
        assert count_verdicts(session, file.key) == file.counts


def test_undo_takes_mended_rows_back_too(database: Database, scope: Scope, tmp_path: Path) -> None:
    before = everything(database, scope)
    file = import_text(database, scope, tmp_path, PAGES)
    mend(database, scope, tmp_path, file.key, "https://wasps.example.com/nest")

    undone = undo(database, scope, file.key)

    assert everything(database, scope) == before
    with database.reading(scope) as session:
        assert count_verdicts(session, file.key) == undone.counts == file.counts


def test_a_mended_row_fills_gaps_and_replaces_nothing(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    row = quarantined(database, scope, file.key)[0]
    cells = {"URL": "soil.example.org/worms", "Title": "Other", "Description": "About worms"}

    counts = retry_rows(database, scope, file.key, {row.key: cells}, tools_in(tmp_path))

    assert counts == {"updated": 1}
    with database.reading(scope) as session:
        page = session.exec(select(ProspectPage).where(ProspectPage.title == "Worms")).one()
        assert page.description == "About worms"


def test_the_cells_of_a_refused_row_are_shown_by_their_headers(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    recognised = recognise_again(file, tools_in(tmp_path))

    cells = cells_of(recognised, quarantined(database, scope, file.key)[0])

    assert cells == {"URL": "not an address at all", "Title": "", "Description": "", "Topic": ""}


def test_a_row_that_was_left_out_is_no_longer_in_quarantine(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    row = quarantined(database, scope, file.key)[0]

    with database.writing(scope) as session:
        assert skip_rows(session, file.key, [row.key]) == 1
        assert skip_rows(session, file.key, [row.key]) == 0

    assert quarantined(database, scope, file.key) == []
    with database.reading(scope) as session:
        assert get_import_file(session, file.key).counts["skipped"] == 1
        assert count_verdicts(session, file.key)["skipped"] == 1


def test_rows_of_an_import_that_was_taken_back_cannot_be_mended(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    undo(database, scope, file.key)

    with pytest.raises(Conflict, match="cannot be mended"):
        mend(database, scope, tmp_path, file.key, "https://wasps.example.com/")


def test_an_import_can_be_run_again_from_its_kept_bytes(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    undo(database, scope, file.key)

    again = rerun_import(database, scope, file.key, tools_in(tmp_path))

    with database.reading(scope) as session:
        fresh = get_import_file(session, again)
        assert (fresh.state, fresh.sha256) == ("previewed", file.sha256)
        assert session.exec(select(Prospect)).all() == []
