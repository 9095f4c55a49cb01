"""The review's queue: who comes next however it is narrowed, along which index, and the tally."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import col, update

from outreach.core.db import Database, Scope
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.review import decided_since, next_to_review
from outreach.prospects.models import Prospect
from outreach.prospects.rules import Decision
from outreach.prospects.search import SEARCHED_PROSPECTS
from outreach.prospects.words import Review
from outreach.scoring.models import ScoreCard
from outreach.workflows.review_prospects import decide, undo_last
from tests.factories import make_prospect
from tests.factories_imports import make_asset

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def queue(database: Database, scope: Scope) -> dict[str, int]:
    """Four open prospects, the last put aside until yesterday; for the asset, the other way round.

    The third has no score for the asset.
    """
    asset_id = make_asset(database, scope).key
    found: dict[str, int] = {"asset": asset_id}
    with database.writing(scope) as session:
        for number, for_asset in enumerate((10, 20, None, 30)):
            prospect = make_prospect(
                session, domain=f"soil-{number}.example", score=90 - number, score_order=10 + number
            )
            session.add(
                ScoreCard(
                    prospect_id=prospect.key, asset_id=asset_id, score=for_asset,
                    engine="test", scored_at=NOW,
                )
            )  # fmt: skip
            found[str(number)] = prospect.key
        session.execute(
            update(Prospect)
            .where(col(Prospect.id) == found["3"])
            .values(review=Review.LATER, review_after=NOW - timedelta(days=1))
        )
    return found


def asked(queue: dict[str, int], numbers: str) -> list[int]:
    return [queue[number] for number in numbers]


def test_for_an_asset_the_best_for_it_comes_first_and_the_unknown_last(
    database: Database, scope: Scope, queue: dict[str, int]
) -> None:
    with database.reading(scope) as session:
        plain = next_to_review(session, now=NOW)
        for_asset = next_to_review(session, ProspectFilter(asset_id=queue["asset"]), now=NOW)

    assert plain == asked(queue, "0123")
    assert for_asset == asked(queue, "3102")


def test_words_narrow_the_queue_as_they_narrow_the_list(
    database: Database, scope: Scope, queue: dict[str, int]
) -> None:
    with database.writing(scope) as session:
        SEARCHED_PROSPECTS.index.put(session, {queue["2"]: ["wsoil", "wrare"], queue["3"]: []})
        session.execute(sa.update(Prospect).values(is_search_stale=False))

    with database.reading(scope) as session:
        assert next_to_review(session, ProspectFilter(search="rare"), now=NOW) == [queue["2"]]
        assert next_to_review(session, ProspectFilter(search="unheard"), now=NOW) == []


@pytest.mark.parametrize(
    ("by_asset", "index"),
    [(False, "ix_prospect_workspace_id_review_score_order_id"),
     (True, "ix_score_card_workspace_id_asset_id_score_prospect_id")],
)  # fmt: skip
def test_the_next_is_read_along_an_index_and_never_sorted(
    database: Database, scope: Scope, queue: dict[str, int], by_asset: bool, index: str
) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("the plan of SQLite")
    statements: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        statements.append((statement, given))

    wanted = ProspectFilter(asset_id=queue["asset"] if by_asset else None)
    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading(scope) as session:
        next_to_review(session, wanted, now=NOW)
    event.remove(database.engine, "before_cursor_execute", note)

    rows = [
        each
        for each in statements
        if "claimed_until" in each[0] and "review_after IS" not in each[0]
    ]
    cursor = database.engine.raw_connection().cursor()
    walked = [
        [line[3] for line in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)]
        for statement, given in rows
    ]
    assert len(rows) == 2
    assert all("TEMP B-TREE" not in line for line in walked[0])
    assert index in walked[0][0]
    assert not [line for plan in walked for line in plan if line.startswith("SCAN")]


def test_what_was_decided_today_and_taken_back_is_not_counted(
    database: Database, scope: Scope, queue: dict[str, int]
) -> None:
    with database.writing(scope) as session:
        for number in "012":
            decide(session, queue[number], Decision(Review.APPROVED), now=NOW)
        undo_last(session, now=NOW)

    with database.reading(scope) as session:
        assert decided_since(session, NOW - timedelta(hours=1)) == 2
        assert decided_since(session, NOW + timedelta(hours=1)) == 0
