"""Taking an import back restores exactly what was, but for what people built on since."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from outreach.activity.services import Subject, record
from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict
from outreach.desk.recount import wrong_columns
from outreach.imports.words import ImportState
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.prospects.page_texts import PageText, note_page_texts
from outreach.prospects.reviews import decide
from outreach.prospects.rules import Decision
from outreach.prospects.services import PageDraft, edit_page
from outreach.prospects.words import Review
from outreach.suppression.models import ContactTouch, Suppression
from outreach.workflows import undo_import
from outreach.workflows.undo_import import begin_undo
from tests.factories_imports import NOW, drop_file, import_text, undo
from tests.workflows.test_import_file import AHREFS, PAGES, everything

NEWER = (
    AHREFS.replace("54", "61")
    .replace("Soil links", "Better soil links")
    .replace("2026-11-01", "2026-11-20")
)


def domains(database: Database, scope: Scope) -> set[str]:
    with database.reading(scope) as session:
        return set(session.exec(select(Prospect.domain)))


def test_undoing_the_first_import_leaves_nothing(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    empty = everything(database, scope)
    file = import_text(database, scope, tmp_path, AHREFS)

    undone = undo(database, scope, file.key)

    assert undone.state is ImportState.UNDONE
    assert everything(database, scope) == empty


def test_undoing_a_newer_export_restores_every_fact_and_figure(
    database: Database, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_import, "ROWS_AT_ONCE", 1)
    import_text(database, scope, tmp_path, AHREFS)
    before = everything(database, scope)
    newer = import_text(database, scope, tmp_path, NEWER)
    changed = everything(database, scope)

    undo(database, scope, newer.key)

    assert newer.counts == {"updated": 1, "known": 1}
    assert changed != before
    assert everything(database, scope) == before


def test_what_was_changed_since_is_not_restored(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, AHREFS)
    newer = import_text(database, scope, tmp_path, NEWER)
    with database.writing(scope) as session:
        page = session.exec(
            select(ProspectPage).where(ProspectPage.title == "Better soil links")
        ).one()
        edit_page(session, page, PageDraft(title="My own title"))

    undo(database, scope, newer.key)

    with database.reading(scope) as session:
        kept = session.exec(select(ProspectPage).where(ProspectPage.id == page.key)).one()
        assert kept.title == "My own title"
        assert str(kept.last_seen_on) == "2026-11-01"
        assert (
            session.exec(select(VendorMetric.value).where(VendorMetric.source == "ahrefs_dr")).one()
            == 54
        )


def test_a_prospect_somebody_decided_on_stays_with_its_pages(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    with database.writing(scope) as session:
        row = session.exec(select(Prospect).where(Prospect.domain == "example.org")).one()
        decide(session, row, Decision(Review.APPROVED), now=NOW)

    undo(database, scope, file.key)

    assert domains(database, scope) == {"example.org"}
    with database.reading(scope) as session:
        assert len(session.exec(select(ProspectPage)).all()) == 2
        assert wrong_columns(session) == []


def test_a_prospect_with_a_timeline_of_its_own_stays(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    with database.writing(scope) as session:
        row = session.exec(select(Prospect).where(Prospect.domain == "example.net")).one()
        record(session, "edited", Subject("prospect", row.key), "Edited it.", now=NOW)

    undo(database, scope, file.key)

    assert domains(database, scope) == {"example.net"}


def test_a_page_that_was_read_stays(database: Database, scope: Scope, tmp_path: Path) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    with database.writing(scope) as session:
        page = session.exec(select(ProspectPage).where(ProspectPage.title == "Worms")).one()
        note_page_texts(session, [PageText(page.key, "Worms!", "", "en", "Text")], now=NOW)

    undo(database, scope, file.key)

    with database.reading(scope) as session:
        assert session.exec(select(ProspectPage.title)).all() == ["Worms!"]
        assert wrong_columns(session) == []


def test_what_another_file_reported_too_stays_until_that_is_undone(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    lines = PAGES.splitlines(keepends=True)
    first = import_text(database, scope, tmp_path, PAGES)
    second = import_text(database, scope, tmp_path, lines[0] + lines[3], name="other.csv")

    undo(database, scope, first.key)
    assert domains(database, scope) == {"example.net"}

    undo(database, scope, second.key)
    assert domains(database, scope) == set()


def test_undoing_a_repeat_takes_nothing_away(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, AHREFS)
    before = everything(database, scope)
    again = import_text(database, scope, tmp_path, AHREFS)

    undo(database, scope, again.key)

    assert everything(database, scope) == before


def test_an_undone_file_can_be_imported_afresh(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)
    undo(database, scope, file.key)

    again = import_text(database, scope, tmp_path, PAGES)

    assert again.counts == file.counts


def test_lists_that_guard_people_are_withdrawn(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    guard = import_text(database, scope, tmp_path, "email,reason\nann@example.org,asked\n")
    past = import_text(
        database, scope, tmp_path, "email,contacted on\nbo@example.net,2026-10-01\n", name="p.csv"
    )

    undo(database, scope, guard.key)
    undo(database, scope, past.key)

    with database.system() as session:
        assert session.exec(select(Suppression)).all() == []
        assert session.exec(select(ContactTouch)).all() == []


def test_what_the_same_file_imported_again_stands_for_stays_until_that_is_undone(
    database: Database, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_import, "ROWS_AT_ONCE", 1)
    import_text(database, scope, tmp_path, AHREFS)
    before = everything(database, scope)
    newer = import_text(database, scope, tmp_path, NEWER)
    after = everything(database, scope)
    again = import_text(database, scope, tmp_path, NEWER)

    undo(database, scope, newer.key)
    assert everything(database, scope) == after
    undo(database, scope, again.key)
    assert everything(database, scope) == before


def test_a_file_imported_twice_leaves_nothing_once_both_are_undone(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    empty = everything(database, scope)
    first = import_text(database, scope, tmp_path, AHREFS)
    full = everything(database, scope)
    again = import_text(database, scope, tmp_path, AHREFS)

    undo(database, scope, first.key)
    assert everything(database, scope) == full
    undo(database, scope, again.key)
    assert everything(database, scope) == empty


def test_whom_another_list_guards_too_stays_guarded_until_that_is_undone(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    text = "email,reason\nann@example.org,asked\nbo@example.org,asked\n"
    first = import_text(database, scope, tmp_path, text)
    other = import_text(database, scope, tmp_path, text.replace("bo@", "cy@"), name="other.csv")
    again = import_text(database, scope, tmp_path, text, name="again.csv")

    def guarded() -> int:
        with database.system() as session:
            return len(session.exec(select(Suppression)).all())

    undo(database, scope, again.key)
    assert guarded() == 3
    undo(database, scope, first.key)
    assert guarded() == 2
    undo(database, scope, other.key)
    assert guarded() == 0


def test_a_file_that_was_only_looked_at_cannot_be_undone(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_file_id = drop_file(database, scope, tmp_path, PAGES)

    with pytest.raises(Conflict, match="cannot be undone"), database.writing(scope) as session:
        begin_undo(session, import_file_id)
