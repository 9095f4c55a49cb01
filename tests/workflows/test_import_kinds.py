"""Files that say more than which pages there are: vendors' figures, disavowals, open ranks."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict
from outreach.desk.recount import wrong_columns
from outreach.imports.changes import changes_in_words
from outreach.imports.mapping import ColumnMap
from outreach.imports.queries import rows_of
from outreach.imports.rows import RowKind
from outreach.imports.words import ImportState, Verdict
from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.reviews import decide
from outreach.prospects.rules import Decision
from outreach.prospects.words import Review
from outreach.sites.models import MetricList, SiteMetric
from outreach.workflows.import_preview import preview_import
from outreach.workflows.undo_import import begin_undo
from tests.factories_imports import NOW, drop_file, import_text, tools_in, undo
from tests.workflows.test_import_file import AHREFS, PAGES, everything

DISAVOW = "# links we disowned\ndomain:example.org\ndomain:spam.example\n"
RANKS = (
    "GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs\n"
    "5,1,example.org,org,100,200\n6,2,b.example,example,9,9\n"
)


def prospect(database: Database, scope: Scope, domain: str) -> Prospect:
    with database.reading(scope) as session:
        return session.exec(select(Prospect).where(Prospect.domain == domain)).one()


def test_vendors_figures_are_copied_where_lists_sort_by_them(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, AHREFS)

    row = prospect(database, scope, "example.org")
    assert (row.ahrefs_dr, row.traffic, row.moz_da) == (54, 1200, None)
    with database.reading(scope) as session:
        assert wrong_columns(session) == []


def test_doctor_finds_a_copy_that_is_wrong(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, AHREFS)
    with database.writing(scope) as session:
        session.exec(select(Prospect)).one().ahrefs_dr = 99

    with database.reading(scope) as session:
        assert wrong_columns(session) == [("example.org", "ahrefs_dr")]


def test_a_pages_own_figures_are_kept_with_their_day(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, AHREFS)
    newer = import_text(database, scope, tmp_path, AHREFS.replace("\t54\t20\t", "\t54\t33\t"))
    day = newer.created_at.date().isoformat()

    def ur() -> list[object]:
        with database.reading(scope) as session:
            page = session.exec(select(ProspectPage).where(ProspectPage.title == "Soil links"))
            return page.one().figures["ahrefs_ur"]

    assert ur() == [33.0, day]
    undo(database, scope, newer.key)
    assert ur() == [20.0, day]


def test_new_and_changed_prospects_wait_to_be_indexed(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, AHREFS)
    with database.writing(scope) as session:
        session.exec(select(Prospect)).one().is_search_stale = False

    import_text(database, scope, tmp_path, AHREFS)
    assert not prospect(database, scope, "example.org").is_search_stale

    import_text(database, scope, tmp_path, AHREFS.replace("Soil links", "Other words"))
    assert prospect(database, scope, "example.org").is_search_stale


def test_an_updated_row_says_in_words_what_it_changed(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, AHREFS)
    newer = AHREFS.replace("\t54\t", "\t61\t").replace("Soil links", "Better links")
    file = import_text(database, scope, tmp_path, newer)

    with database.reading(scope) as session:
        row = rows_of(session, file.key, verdict=Verdict.UPDATED).rows[0]
    assert changes_in_words(row.before) == "title: “Soil links” → “Better links”; DR 54 → 61"


def test_disavowed_sites_are_never_asked(database: Database, scope: Scope, tmp_path: Path) -> None:
    import_text(database, scope, tmp_path, PAGES)

    file = import_text(database, scope, tmp_path, DISAVOW, name="disavow.txt")

    assert file.counts == {"updated": 1, "added": 1}
    for domain in ("example.org", "spam.example"):
        row = prospect(database, scope, domain)
        assert (row.review, row.rejected_because) == (Review.REJECTED, "disavowed")
    assert import_text(database, scope, tmp_path, DISAVOW, name="d.txt").counts == {"known": 2}


def test_an_approved_site_is_not_rejected_by_a_file(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    with database.writing(scope) as session:
        row = session.exec(select(Prospect).where(Prospect.domain == "example.org")).one()
        decide(session, row, Decision(Review.APPROVED), now=NOW)

    file = import_text(database, scope, tmp_path, DISAVOW, name="disavow.txt")

    assert file.counts == {"refused": 1, "added": 1}
    with database.reading(scope) as session:
        refused = rows_of(session, file.key, verdict=Verdict.REFUSED).rows[0]
    assert refused.reason == "example.org is approved here: decide about it first."
    assert prospect(database, scope, "example.org").review is Review.APPROVED


def test_taking_a_disavow_file_back_restores_every_review(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    before = everything(database, scope)
    file = import_text(database, scope, tmp_path, DISAVOW, name="disavow.txt")
    assert everything(database, scope) != before

    undo(database, scope, file.key)

    assert everything(database, scope) == before


def test_dropped_ranks_give_figures_to_known_sites_and_add_none(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    name = "majestic_2026-11-01.csv"

    file_id = drop_file(database, scope, tmp_path, RANKS, name=name)
    said = preview_import(database, scope, file_id, tools_in(tmp_path)).remark
    file = import_text(database, scope, tmp_path, RANKS, name=name)
    again = import_text(database, scope, tmp_path, RANKS, name=name)

    assert "cannot be taken back" in said
    assert file.state is ImportState.DONE
    assert file.counts == {"updated": 2, "skipped": 2}
    assert again.counts == {"known": 2, "skipped": 2}
    with database.system() as session:
        figures = session.exec(select(SiteMetric.source, SiteMetric.value)).all()
        assert sorted(figures) == [("majestic_rank", 5.0), ("majestic_ref_subnets", 100.0)]
        assert {row.length for row in session.exec(select(MetricList))} == {2}
    with pytest.raises(Conflict, match="cannot be taken back"), database.writing(scope) as session:
        begin_undo(session, file.key)


def test_a_mapping_that_a_person_made_is_used_for_preview_and_import(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    text = "Wo,Was\nhttps://soil.example.org/guide,Soil guide\n"
    mapping = ColumnMap(RowKind.PAGE, {"url": "Wo", "title": "Was"})

    file = import_text(database, scope, tmp_path, text, kind=mapping)

    assert file.counts == {"added": 1}
    assert file.recognised["mapping"] == {"url": "Wo", "title": "Was"}
    with database.reading(scope) as session:
        assert session.exec(select(ProspectPage.title)).all() == ["Soil guide"]
