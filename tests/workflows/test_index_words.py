"""The search index: what is found, by whom, and what happens when words change meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlmodel import col, select

from outreach.contacts.models import Contact
from outreach.contacts.search import SEARCHED_CONTACTS, plan_contact_search
from outreach.contacts.services import merge_contacts
from outreach.core import words as core_words
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Scope, search_plan
from outreach.core.db.words import _owner
from outreach.core.words import parse_question
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import count_prospects, prospect_page
from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.search import SEARCHED_PROSPECTS, plan_prospect_search
from outreach.workflows import index_words as work
from outreach.workflows.index_words import (
    count_waiting,
    forget_the_gone,
    index_words,
    rebuild,
    tidy_index,
    workspaces_waiting,
)
from tests import factories

if TYPE_CHECKING:
    from outreach.core.db import Database, Session


def _add(database: Database, scope: Scope, domain: str, title: str = "", notes: str = "") -> int:
    with database.writing(scope) as session:
        return factories.make_prospect(session, domain=domain, title=title, notes=notes).key


@pytest.fixture
def other_scope(database: Database) -> Scope:
    return factories.make_workspace(database)


def _found(database: Database, scope: Scope, text: str) -> set[str]:
    with database.reading(scope) as session:
        return _domains(session, text)


def _domains(session: Session, text: str) -> set[str]:
    plan = plan_prospect_search(session, parse_question(text))
    keys = (col(Prospect.score_order), col(Prospect.id))
    rows = plan.first_rows(session, select(Prospect.domain), keys, keys[1], 1_000)
    fetched = session.exec(select(Prospect.domain).where(plan.condition(keys[1])))
    assert {domain for (domain,) in rows} == set(fetched)
    return {domain for (domain,) in rows}


def _index(database: Database, scope: Scope) -> int:
    return index_words(database, scope, 1_000)


def test_a_prospect_is_found_by_domain_title_notes_and_page(
    database: Database, scope: Scope
) -> None:
    key = _add(database, scope, "garden-journal.example", "Roses and more", "call Ann in spring")
    with database.writing(scope) as session:
        session.add(
            ProspectPage(
                prospect_id=key,
                url="https://garden-journal.example/a",
                url_key="garden-journal.example/a",
                text="Compost explained",
            )
        )
    assert _index(database, scope) == 1
    for text in ("garden", "gardenjourn", "roses", "SPRING", "compost", "compost roses", "ros"):
        assert _found(database, scope, text) == {"garden-journal.example"}, text
    assert _found(database, scope, "compost tulips") == set()
    assert _found(database, scope, "roses -compost") == set()


@pytest.mark.parametrize("text", ["spring", "compost", "roses", "gard", "new-one"])
def test_the_list_finds_words_and_what_is_not_indexed_yet(
    database: Database, scope: Scope, text: str
) -> None:
    key = _add(database, scope, "garden-journal.example", "Roses", "call Ann in spring")
    with database.writing(scope) as session:
        row = session.exec(select(Prospect).where(Prospect.id == key)).one()
        factories.make_page(session, row, text="Compost explained")
    _index(database, scope)
    _add(database, scope, "new-one.example")
    wanted = ProspectFilter(search=text)
    with database.reading(scope) as session:
        rows = prospect_page(session, wanted, now=utc_now(), needs=()).rows
        assert count_prospects(session, wanted, now=utc_now()) == (1, False)
    expected = "new-one.example" if text == "new-one" else "garden-journal.example"
    assert [row.domain for row in rows] == [expected]


def test_words_of_one_workspace_are_not_found_in_another(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    _add(database, scope, "secret-garden.example")
    _index(database, scope)
    assert _found(database, other_scope, "secret") == set()


@pytest.mark.parametrize("way", ["fetched", "walked", "probed"])
def test_common_words_find_the_same_as_rare_ones(
    database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way != "fetched":
        monkeypatch.setattr(search_plan, "FEW", 0)
    costs = search_plan._Costs(probe=0.01 if way == "probed" else 99, collect=1, walk=1, most=99)
    monkeypatch.setattr(search_plan, "_SQLITE", costs)
    monkeypatch.setattr(search_plan, "_POSTGRES", costs)
    for name in ("one", "two", "three"):
        _add(database, scope, f"{name}.example", "A garden" if name != "two" else "A casino")
    _index(database, scope)
    with database.reading(scope) as session:
        plan = plan_prospect_search(session, parse_question("garden"))
    assert (plan.is_probed, plan.look > 0) == (way == "probed", way != "fetched")
    assert _found(database, scope, "garden") == {"one.example", "three.example"}
    assert _found(database, scope, "garden example") == {"one.example", "three.example"}
    assert _found(database, scope, "example -casino") == {"one.example", "three.example"}
    assert _found(database, scope, "-casino") == {"one.example", "three.example"}
    assert len(_found(database, scope, "")) == 3


def test_what_stands_behind_the_rows_that_are_tested_is_found_too(
    database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_plan, "FEW", 0)
    costs = search_plan._Costs(probe=1, collect=1, walk=1, most=2)
    monkeypatch.setattr(search_plan, "_SQLITE", costs)
    monkeypatch.setattr(search_plan, "_POSTGRES", costs)
    for number in range(12):
        _add(database, scope, f"{number}.example", "garden" if number > 5 else "casino")
    _index(database, scope)
    with database.reading(scope) as session:
        assert plan_prospect_search(session, parse_question("garden")).look == 2
    assert len(_found(database, scope, "garden")) == 6


def test_changes_are_found_before_they_are_indexed(database: Database, scope: Scope) -> None:
    _add(database, scope, "one.example", "A garden")
    _index(database, scope)
    _add(database, scope, "two.example", "Another garden")
    assert _found(database, scope, "gard") == {"one.example", "two.example"}
    assert _found(database, scope, "two -garden") == set()
    assert _found(database, scope, "garden -another") == {"one.example"}


def test_what_changes_while_it_is_indexed_stays_on_the_list(
    database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _add(database, scope, "one.example", "before")
    taken_apart = core_words.index_words

    def edit_meanwhile(*given: object) -> list[str]:
        monkeypatch.setattr(work, "taken_apart", taken_apart)
        with database.writing(scope) as session:
            row = session.exec(select(Prospect).where(Prospect.id == key)).one()
            row.title = "after"
        return taken_apart(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "taken_apart", edit_meanwhile)
    assert _index(database, scope) == 0
    assert count_waiting(database) == 1
    assert _index(database, scope) == 1
    assert _found(database, scope, "after") == {"one.example"}
    assert _found(database, scope, "before") == set()


def test_indexing_is_no_change_of_the_record(database: Database, scope: Scope) -> None:
    key = _add(database, scope, "one.example")
    with database.reading(scope) as session:
        before = session.exec(select(Prospect.updated_at).where(Prospect.id == key)).one()
    _index(database, scope)
    with database.reading(scope) as session:
        after = session.exec(select(Prospect.updated_at).where(Prospect.id == key)).one()
    assert before == after


def test_words_of_deleted_records_are_forgotten(database: Database, scope: Scope) -> None:
    key = _add(database, scope, "one.example")
    _add(database, scope, "two.example")
    _index(database, scope)
    with database.writing(scope) as session:
        session.delete(session.exec(select(Prospect).where(Prospect.id == key)).one())
    assert forget_the_gone(database) == 1
    assert forget_the_gone(database) == 0
    with database.reading(SYSTEM) as session:
        assert key not in SEARCHED_PROSPECTS.index.all_ids(session, after=0, limit=10)


def test_an_erased_person_is_found_by_nothing(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        contact = Contact(name="Ann Lee", address="ann@one.example")
        session.add(contact)
        session.flush()
        key = contact.key
    _index(database, scope)
    with database.reading(scope) as session:
        plan = plan_contact_search(session, parse_question("lee one"), records=100)
        found = select(Contact.id).where(plan.condition(col(Contact.id)))
        assert session.exec(found).all() == [key]
    with database.writing(scope) as session:
        row = session.exec(select(Contact).where(Contact.id == key)).one()
        row.name, row.address, row.is_search_stale = "", None, True
        row.erased_at = row.created_at
    assert _index(database, scope) == 1
    with database.reading(SYSTEM) as session:
        assert SEARCHED_CONTACTS.index.all_ids(session, after=0, limit=10) == []


def test_a_contact_merged_into_another_leaves_the_index(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        kept, gone = Contact(name="Ann Lee"), Contact(name="Anna Lee")
        session.add_all([kept, gone])
        session.flush()
        ids = [kept.key, gone.key]
    _index(database, scope)
    with database.writing(scope) as session:
        rows = [session.exec(select(Contact).where(Contact.id == key)).one() for key in ids]
        merge_contacts(session, rows[0], rows[1], key="k" * 40, now=rows[0].created_at)
    _index(database, scope)
    with database.reading(SYSTEM) as session:
        assert SEARCHED_CONTACTS.index.all_ids(session, after=0, limit=10) == ids[:1]


def test_only_workspaces_in_which_something_waits_are_woken(
    database: Database, scope: Scope, other_scope: Scope
) -> None:
    both = [scope.workspace_id or 0, other_scope.workspace_id or 0]
    _add(database, scope, "one.example")
    assert workspaces_waiting(database, both) == both[:1]
    _index(database, scope)
    assert workspaces_waiting(database, both) == []


def test_a_rebuilt_and_tidied_index_finds_the_same(database: Database, scope: Scope) -> None:
    for number in range(30):
        _add(database, scope, f"garden{number}.example")
        _index(database, scope)
    tidy_index(database)
    assert len(_found(database, scope, "gard")) == 30
    assert rebuild(database, scope) == 30
    assert len(_found(database, scope, "gard")) == 30


@pytest.mark.sqlite_only
def test_waiting_records_are_found_by_their_own_index(database: Database, scope: Scope) -> None:
    with database.writing(SYSTEM) as session:
        plan = session.connection().exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM prospect WHERE is_search_stale "
            "AND workspace_id = 1 ORDER BY id LIMIT 1"
        )
        assert "ix_prospect_search_stale" in str(plan.all())
    with database.reading(scope) as session:
        statement = select(Prospect.id).where(SEARCHED_PROSPECTS._is_stale)
        sql = str(statement.compile(dialect=session.get_bind().dialect))
    assert sql.rstrip().endswith("WHERE prospect.is_search_stale")


def test_no_word_of_one_workspace_is_written_like_another_workspaces() -> None:
    pairs = [(1, "1garden"), (11, "garden"), (1, "w1garden"), (111, "garden"), (1, "garden")]

    assert len({f"{_owner(workspace_id)}{word}" for workspace_id, word in pairs}) == len(pairs)
