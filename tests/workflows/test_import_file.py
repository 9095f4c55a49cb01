"""Importing files: what each row becomes, twice over, and after being stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from outreach.activity.models import Activity, Job
from outreach.activity.services import claim_job, finish_job
from outreach.activity.words import JobState
from outreach.assets.properties import add_property
from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict, Invalid, OutreachError
from outreach.imports.models import ImportFile, ImportRow
from outreach.imports.queries import count_verdicts, get_import_file, rows_of
from outreach.imports.rows import RowKind
from outreach.imports.words import ImportState, Verdict
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.prospects.page_texts import PageText, note_page_texts
from outreach.sites.models import Site
from outreach.suppression.models import ContactTouch, Suppression
from outreach.workflows import import_file
from outreach.workflows.import_file import begin_import, run_import
from outreach.workflows.import_preview import preview_import, preview_path
from tests.factories import make_workspace
from tests.factories_imports import (
    NOW,
    clock_from,
    drop_file,
    import_text,
    start_file,
    tools_in,
)

PAGES = """URL,Title,Description,Topic
https://soil.example.org/guide,Soil guide,All about soil,Gardening
https://www.soil.example.org/guide/?utm_source=x,Soil guide again,,Gardening
https://bees.example.net/,Bees,Keeping bees,Gardening
https://soil.example.org/worms,Worms,,Gardening
not an address at all,,,
"""

AHREFS = (
    "Referring page title\tReferring page URL\tDomain rating\tUR\tTarget URL\tAnchor\t"
    "Nofollow\tUGC\tSponsored\tFirst seen\tLast seen\tDomain traffic\n"
    "Soil links\thttps://links.example.org/soil\t54\t20\thttps://garden.example/soil\tgood soil\t"
    "true\tfalse\tfalse\t2026-01-02 10:00:00\t2026-11-01 10:00:00\t1200\n"
    "More links\thttps://links.example.org/more\t54\t11\thttps://garden.example/\tgarden\t"
    "false\tfalse\tfalse\t2026-02-02 10:00:00\t2026-11-02 10:00:00\t1200\n"
)


def everything(database: Database, scope: Scope) -> dict[str, list[Any]]:
    """Every row of prospects, pages and figures, without ids and times."""
    hidden = {"id", "created_at", "updated_at", "import_file_id", "source"}
    found = {}
    with database.reading(scope) as session:
        for model in (Prospect, ProspectPage, VendorMetric):
            rows = session.exec(select(model)).all()
            found[model.__name__] = sorted(str(row.model_dump(exclude=hidden)) for row in rows)
    return found


def test_every_row_gets_one_verdict(database: Database, scope: Scope, tmp_path: Path) -> None:
    file = import_text(database, scope, tmp_path, PAGES)

    assert file.state is ImportState.DONE
    assert file.counts == {"added": 2, "page_added": 1, "known": 1, "refused": 1}
    assert file.row_count == 5
    with database.reading(scope) as session:
        assert count_verdicts(session, file.key) == file.counts
        refused = rows_of(session, file.key, verdict=Verdict.REFUSED).rows[0]
        assert (refused.line_number, refused.raw) == (6, "not an address at all")
        assert "is not a web address" in refused.reason
        pages = session.exec(select(ProspectPage.url_key)).all()
        assert set(pages) == {
            "soil.example.org/guide",
            "soil.example.org/worms",
            "bees.example.net",
        }
        prospects = session.exec(select(Prospect)).all()
        assert {row.domain: row.page_count for row in prospects} == {
            "example.org": 2,
            "example.net": 1,
        }
        jobs = [job.kind for job in session.exec(select(Job).where(Job.state == JobState.QUEUED))]
        assert jobs == ["score_prospects"]


def test_the_same_file_twice_changes_nothing(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, AHREFS)
    before = everything(database, scope)

    again = import_text(database, scope, tmp_path, AHREFS)

    assert again.counts == {"known": 2}
    assert everything(database, scope) == before


def test_an_older_file_imported_again_does_not_undo_a_newer_one(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    newer = PAGES.replace("Soil guide,All about soil", "The soil guide,All about soil")
    import_text(database, scope, tmp_path, PAGES)
    changed = import_text(database, scope, tmp_path, newer)
    before = everything(database, scope)

    again = import_text(database, scope, tmp_path, PAGES)

    assert changed.counts["updated"] == 1
    assert again.counts == {"known": 4, "refused": 1}
    assert everything(database, scope) == before


def test_a_vendors_figures_and_the_link_it_saw_are_kept(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, AHREFS)

    with database.reading(scope) as session:
        figures = {row.source: row for row in session.exec(select(VendorMetric))}
        page = session.exec(select(ProspectPage).order_by(ProspectPage.url)).all()[1]
    assert figures["ahrefs_dr"].value == 54
    assert figures["ahrefs_domain_traffic"].value == 1200
    assert figures["ahrefs_dr"].measured_on == file.created_at.date()
    assert (page.links_to, page.anchor, page.rel) == (
        "https://garden.example/soil",
        "good soil",
        "nofollow",
    )
    assert str(page.first_seen_on) == "2026-01-02"


def test_what_was_read_from_the_live_page_is_never_overwritten(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    with database.writing(scope) as session:
        page = session.exec(select(ProspectPage).where(ProspectPage.title == "Bees")).one()
        read = PageText(page.key, "Bees today", "As it says", "en", "Words of the page")
        note_page_texts(session, [read], now=NOW)

    newer = import_text(database, scope, tmp_path, PAGES.replace("Bees,Keeping bees", "Wasps,No"))

    assert "updated" not in newer.counts
    with database.reading(scope) as session:
        page = session.exec(select(ProspectPage).where(ProspectPage.id == page.key)).one()
        assert (page.title, page.text) == ("Bees today", "Words of the page")


def test_pages_of_our_own_are_refused(database: Database, scope: Scope, tmp_path: Path) -> None:
    with database.writing(scope) as session:
        add_property(session, "example.net", brand_aliases=[], now=NOW)

    file = import_text(database, scope, tmp_path, PAGES)

    assert file.counts["refused"] == 2
    with database.reading(scope) as session:
        reasons = [row.reason for row in rows_of(session, file.key, verdict=Verdict.REFUSED).rows]
        assert any("property of your own" in reason for reason in reasons)


def test_a_preview_counts_what_the_import_then_does_and_writes_nothing(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(
        database, scope, tmp_path, PAGES.splitlines(keepends=True)[0] + PAGES.splitlines()[3]
    )
    import_file_id = drop_file(database, scope, tmp_path, PAGES)
    before = everything(database, scope)

    preview = preview_import(database, scope, import_file_id, tools_in(tmp_path))

    assert everything(database, scope) == before
    assert preview.is_whole
    assert preview.examples["added"] == ["https://soil.example.org/guide"]
    assert preview.refusals[0][0] == 6
    run_import(database, scope, start_file(database, scope, import_file_id), tools_in(tmp_path))
    with database.reading(scope) as session:
        assert dict(preview.counts) == get_import_file(session, import_file_id).counts


def test_a_dry_run_keeps_neither_file_nor_row(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    path = tmp_path / "pages.csv"
    path.write_text(PAGES)

    preview = preview_path(database, scope, path, tools_in(tmp_path), kind=None)

    assert preview.counts == {"added": 2, "page_added": 1, "known": 1, "refused": 1}
    assert not (tmp_path / "imports").exists()
    with database.reading(scope) as session:
        assert session.exec(select(ImportFile)).all() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "none of the layouts we know"),
        ("Target page,Incoming links\nhttps://a.example/,3\n", "your own pages"),
    ],
)
def test_a_broken_file_gets_one_sentence_and_leaves_nothing(
    database: Database, scope: Scope, tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        drop_file(database, scope, tmp_path, text)

    assert [path for path in (tmp_path / "imports").rglob("*") if path.is_file()] == []
    with database.reading(scope) as session:
        assert session.exec(select(ImportFile)).all() == []


def test_an_import_that_was_interrupted_goes_on_at_the_next_row(
    database: Database, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file, "ROWS_AT_ONCE", 2)
    expected = import_text(database, make_workspace(database), tmp_path, PAGES).counts
    import_file_id = drop_file(database, scope, tmp_path, PAGES)
    job_id = start_file(database, scope, import_file_id)

    def die(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    dying = import_file.ImportTools(tmp_path, "k", clock_from(), die)
    with pytest.raises(KeyboardInterrupt):
        run_import(database, scope, job_id, dying)
    with database.reading(scope) as session:
        half = get_import_file(session, import_file_id)
        assert (half.state, sum(half.counts.values())) == (ImportState.RUNNING, 2)

    run_import(database, scope, job_id, tools_in(tmp_path))

    with database.reading(scope) as session:
        done = get_import_file(session, import_file_id)
        assert (done.state, done.counts) == (ImportState.DONE, expected)
        assert count_verdicts(session, import_file_id) == expected
        assert session.exec(select(sa.func.count()).select_from(ProspectPage)).one() == 3


def test_a_stopped_import_says_so_and_can_go_on(
    database: Database, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file, "ROWS_AT_ONCE", 2)
    import_file_id = drop_file(database, scope, tmp_path, PAGES)
    job_id = start_file(database, scope, import_file_id)

    def stop(_done: int, _total: int) -> None:
        with database.writing(scope) as session:
            finish_job(session, job_id, JobState.CANCELLED, "Stopped by a person.", now=NOW)

    stopping = import_file.ImportTools(tmp_path, "k", clock_from(), stop)
    run_import(database, scope, job_id, stopping)

    with database.reading(scope) as session:
        stopped = get_import_file(session, import_file_id)
        assert stopped.state is ImportState.CANCELLED
        assert "after 2 rows" in stopped.error
        assert count_verdicts(session, import_file_id) == stopped.counts
    run_import(database, scope, start_file(database, scope, import_file_id), tools_in(tmp_path))
    with database.reading(scope) as session:
        assert get_import_file(session, import_file_id).state is ImportState.DONE


def test_two_workers_never_import_the_same_rows(
    database: Database, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_file, "ROWS_AT_ONCE", 2)
    import_file_id = drop_file(database, scope, tmp_path, PAGES)
    job_id = start_file(database, scope, import_file_id)

    def second_worker(done: int, _total: int) -> None:
        if done == 2:
            with database.writing(scope) as session:
                assert claim_job(session, job_id, now=NOW.replace(year=2027)) is not None
            run_import(database, scope, job_id, tools_in(tmp_path))

    slow = import_file.ImportTools(tmp_path, "k", clock_from(), second_worker)
    run_import(database, scope, job_id, slow)

    with database.reading(scope) as session:
        done = get_import_file(session, import_file_id)
        assert done.counts == {"added": 2, "page_added": 1, "known": 1, "refused": 1}
        assert count_verdicts(session, import_file_id) == done.counts


def test_an_import_is_started_once(database: Database, scope: Scope, tmp_path: Path) -> None:
    file = import_text(database, scope, tmp_path, PAGES)

    with pytest.raises(Conflict, match="imported already"), database.writing(scope) as session:
        begin_import(session, file.key, now=NOW)


def test_a_file_that_has_gone_fails_with_a_sentence(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_file_id = drop_file(database, scope, tmp_path, PAGES)
    job_id = start_file(database, scope, import_file_id)
    next((tmp_path / "imports").rglob("prospects.csv")).unlink()

    with pytest.raises(OutreachError, match="There is no file"):
        run_import(database, scope, job_id, tools_in(tmp_path))

    with database.reading(scope) as session:
        failed = get_import_file(session, import_file_id)
        assert (failed.state, failed.counts) == (ImportState.FAILED, {})


def test_workspaces_share_sites_but_not_prospects(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    other = make_workspace(database)
    import_text(database, scope, tmp_path, PAGES)
    file = import_text(database, other, tmp_path, PAGES)

    assert file.counts == {"added": 2, "page_added": 1, "known": 1, "refused": 1}
    with database.system() as session:
        assert len(session.exec(select(Site)).all()) == 2
        assert len(session.exec(select(Prospect)).all()) == 4


def test_a_suppression_list_guards_everybody_and_is_known_the_second_time(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    text = "email,reason\nann@paper.example.org,asked\n@quiet.example.net,rude\nnobody,\n"
    first = import_text(database, scope, tmp_path, text)
    again = import_text(database, scope, tmp_path, text)

    assert first.counts == {"added": 2, "refused": 1}
    assert again.counts == {"known": 2, "refused": 1}
    with database.system() as session:
        assert len(session.exec(select(Suppression)).all()) == 2
        assert session.exec(select(Prospect)).all() == []


def test_past_contacts_let_their_sites_rest(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    text = "domain,contacted on,outcome\nexample.org,2026-11-01,declined\n"

    first = import_text(database, scope, tmp_path, text, name="past.csv")
    again = import_text(database, scope, tmp_path, text, name="past.csv")

    assert (first.counts, again.counts) == ({"added": 1}, {"known": 1})
    with database.reading(scope) as session:
        touch = session.exec(select(ContactTouch)).one()
        row = session.exec(select(Prospect).where(Prospect.domain == "example.org")).one()
        assert touch.outcome == "declined"
        assert row.last_contact_at == touch.at
        assert row.cool_down_until is not None


def test_a_new_prospect_knows_it_was_written_to_before(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    text = "domain,contacted on\nexample.org,2026-11-01\n"
    import_text(database, scope, tmp_path, text, name="past.csv")

    import_text(database, scope, tmp_path, PAGES)

    with database.reading(scope) as session:
        row = session.exec(select(Prospect).where(Prospect.domain == "example.org")).one()
        assert row.last_contact_at is not None


def test_a_plain_list_may_be_said_to_be_suppressions(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    text = "quiet.example.net\nsilent.example.org\n"

    file = import_text(database, scope, tmp_path, text, kind=RowKind.SUPPRESSION)

    assert file.counts == {"added": 2}
    with database.reading(scope) as session:
        assert session.exec(select(Prospect)).all() == []


def test_one_activity_tells_of_the_whole_import(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    file = import_text(database, scope, tmp_path, PAGES)

    with database.reading(scope) as session:
        told = session.exec(select(Activity)).all()
        assert [(row.subject_type, row.subject_id) for row in told] == [("import_file", file.key)]
        assert "2 new" in told[0].sentence
        assert session.exec(select(ImportRow)).first() is not None
