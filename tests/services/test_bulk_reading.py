"""Finding many rows by one key stays inside the workspace."""

from __future__ import annotations

from sqlmodel import select

from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, bulk_update, reserve_ids, rows_by_key
from outreach.prospects.models import Prospect
from outreach.prospects.services import PageDraft, add_prospect
from tests.factories import make_workspace


def add(database: Database, scope: Scope, domain: str) -> None:
    with database.writing(scope) as session:
        add_prospect(session, domain, PageDraft(title="T"), now=utc_now())


def test_rows_are_found_by_many_keys_and_only_in_their_workspace(
    database: Database, scope: Scope
) -> None:
    other = make_workspace(database)
    add(database, scope, "mine.example")
    add(database, other, "theirs.example")

    with database.reading(scope) as session:
        names = ["mine.example", "theirs.example", "nobody's.example"]
        found = list(rows_by_key(session, Prospect, "domain", names, ("title", "review")))
        assert found == [("mine.example", "T", "new")]
        assert list(rows_by_key(session, Prospect, "domain", [], ("title",))) == []


def test_an_added_column_counts_on_and_leaves_other_workspaces_alone(
    database: Database, scope: Scope
) -> None:
    other = make_workspace(database)
    add(database, scope, "mine.example")
    add(database, other, "theirs.example")
    with database.system() as session:
        ids = [row for row in session.exec(select(Prospect.id)) if row is not None]

    with database.writing(scope) as session:
        rows = [(2, found) for found in ids]
        bulk_update(session, Prospect, ("page_count",), rows, add=("page_count",))

    with database.system() as session:
        counts = dict(session.exec(select(Prospect.domain, Prospect.page_count)).all())
    assert counts == {"mine.example": 2, "theirs.example": 0}


def test_reserved_ids_are_free_and_in_order(database: Database, scope: Scope) -> None:
    add(database, scope, "mine.example")

    with database.writing(scope) as session:
        taken = session.exec(select(Prospect.id)).one()
        ids = reserve_ids(session, Prospect, 3)
        assert len(set(ids)) == 3
        assert sorted(ids) == ids
        assert taken is not None
        assert ids[0] > taken
