"""Scoring a workspace: relevance, authority, what is unknown, and writing only what changed."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select

from outreach.activity.models import Job
from outreach.activity.services import claim_job, finish_job
from outreach.activity.words import JobState
from outreach.assets.services import archive_asset
from outreach.core.db import Database, Scope
from outreach.prospects.models import PageVector, Prospect, ProspectPage
from outreach.prospects.page_texts import PageText, note_page_texts
from outreach.scoring.models import ScoreCard
from outreach.workflows.import_metrics import import_metrics
from outreach.workflows.score_prospects import request_scoring, score_prospects
from tests.factories_imports import NOW, clock_from, import_text, make_asset, score

PAGES = """URL,Title,Description
https://soil.example.org/guide,Garden soil and compost,Test the soil of your garden and make compost
https://soil.example.org/cars,Racing cars,Engines of racing cars explained by mechanics
https://bees.example.net/,Keeping bees,How to keep bees and harvest honey through the year
https://short.example.com/,Soil,
"""
MAJESTIC = (
    "GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs\n"
    "1,1,example.org,org,500000,900000\n"
    "2,1,elsewhere.example,example,400000,800000\n"
)


def prospects(database: Database, scope: Scope) -> dict[str, Prospect]:
    with database.reading(scope) as session:
        return {row.domain: row for row in session.exec(select(Prospect))}


def test_the_best_page_of_a_site_makes_its_score(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    asset = make_asset(database, scope)

    scored = score(database, scope)

    assert (scored.vector_count, scored.card_count, scored.prospect_count) == (4, 3, 3)
    rows = prospects(database, scope)
    soil, bees = rows["example.org"], rows["example.net"]
    assert soil.score is not None
    assert bees.score is not None
    assert soil.score > bees.score
    assert soil.score_order == 100 - soil.score
    assert soil.best_asset_id == asset.key
    with database.reading(scope) as session:
        best = session.exec(select(ProspectPage).where(ProspectPage.id == soil.best_page_id)).one()
        assert best.url_key == "soil.example.org/guide"
        assert best.relevance == soil.relevance


def test_unknown_stays_unknown(database: Database, scope: Scope, tmp_path: Path) -> None:
    import_text(database, scope, tmp_path, PAGES)
    make_asset(database, scope)

    score(database, scope)

    short = prospects(database, scope)["example.com"]
    assert (short.score, short.relevance, short.authority) == (None, None, None)
    assert short.score_order == short.authority_order == 101
    with database.reading(scope) as session:
        card = session.exec(select(ScoreCard).where(ScoreCard.prospect_id == short.key)).one()
        assert card.relevance_state == "not enough text"


def test_a_card_names_its_reasons_with_source_and_date(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    path = tmp_path / "majestic_2026-11-01.csv"
    path.write_text(MAJESTIC)
    import_metrics(database, path, clock_from())
    make_asset(database, scope)

    score(database, scope)

    soil = prospects(database, scope)["example.org"]
    with database.reading(scope) as session:
        card = session.exec(select(ScoreCard).where(ScoreCard.prospect_id == soil.key)).one()
    parts = card.parts
    assert isinstance(parts["relevance"], dict)
    assert isinstance(parts["authority"], dict)
    assert isinstance(parts["total"], dict)
    words = [word for word, _, _ in parts["relevance"]["terms"]]
    assert "compost" in words
    assert parts["authority"]["parts"][0]["name"] == "Majestic Million"
    assert parts["authority"]["parts"][0]["on"] == "2026-11-01"
    assert sum(part["share"] for part in parts["authority"]["parts"]) > 0.99
    assert round(parts["total"]["value"]) == card.score


def test_scoring_again_writes_nothing(database: Database, scope: Scope, tmp_path: Path) -> None:
    import_text(database, scope, tmp_path, PAGES)
    make_asset(database, scope)
    score(database, scope)

    again = score(database, scope)

    assert (again.vector_count, again.card_count, again.prospect_count) == (0, 0, 0)


def test_a_page_that_was_read_is_scored_by_its_text(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    make_asset(database, scope)
    score(database, scope)
    before = prospects(database, scope)["example.net"]
    text = "Bees love compost and clay soil in a vegetable garden full of worms. " * 10
    with database.writing(scope) as session:
        page = session.exec(select(ProspectPage).where(ProspectPage.title == "Keeping bees")).one()
        note_page_texts(session, [PageText(page.key, "", "", "en", text)], now=NOW)

    scored = score(database, scope)

    assert scored.vector_count == 1
    after = prospects(database, scope)["example.net"]
    assert (after.score or 0) > (before.score or 0)


def test_pages_in_another_language_are_not_compared_by_their_words(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    german = (
        "URL,Title,Description,Language\n"
        "https://boden.example.org/,Boden und Kompost,Kompost compost soil garden und Erde,de\n"
    )
    import_text(database, scope, tmp_path, german)
    make_asset(database, scope, language="en")

    score(database, scope)

    assert prospects(database, scope)["example.org"].score is None
    with database.reading(scope) as session:
        assert session.exec(select(ScoreCard.relevance_state)).one() == "different language"


def test_an_archived_asset_no_longer_counts(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, PAGES)
    asset = make_asset(database, scope)
    score(database, scope)
    with database.writing(scope) as session:
        session.add(asset)
        archive_asset(session, asset, is_archived=True, now=NOW)

    score(database, scope)

    assert {row.score for row in prospects(database, scope).values()} == {None}
    with database.reading(scope) as session:
        assert session.exec(select(ScoreCard)).all() == []


def test_a_prospect_without_any_page_is_unknown(
    database: Database, scope: Scope, tmp_path: Path
) -> None:
    import_text(database, scope, tmp_path, "Domain\nexample.org\n")
    make_asset(database, scope)

    score(database, scope)

    with database.reading(scope) as session:
        card = session.exec(select(ScoreCard)).one()
        assert (card.score, card.relevance_state) == (None, "no page")


def test_only_one_scoring_waits(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        first = request_scoring(session)
        second = request_scoring(session)

    assert first.key == second.key


def test_a_cancelled_scoring_stops(database: Database, scope: Scope, tmp_path: Path) -> None:
    import_text(database, scope, tmp_path, PAGES)
    make_asset(database, scope)
    with database.writing(scope) as session:
        job = request_scoring(session)
        claim_job(session, job.key, now=NOW)
        finish_job(session, job.key, JobState.CANCELLED, "Stopped by a person.", now=NOW)

    assert score_prospects(database, scope, job.key, clock_from()) is None

    with database.reading(scope) as session:
        assert session.exec(select(PageVector)).all() == []
        states = session.exec(select(Job.state).where(Job.id == job.key)).all()
        assert states == [JobState.CANCELLED]
