"""The palette and the search page: what they offer, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from outreach.accounts.words import Role
from outreach.workflows.index_words import index_words
from tests import factories
from tests.factories_campaigns import make_approved, make_campaign, make_opportunity

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from outreach.core.db import Database, Scope


@pytest.fixture
def garden(database: Database, scope: Scope) -> int:
    with database.writing(scope) as session:
        key = factories.make_prospect(session, domain="garden-journal.example").key
    index_words(database, scope, 100)
    return key


def _titles(client: FlaskClient, text: str) -> dict[str, str]:
    answer = client.get("/palette/", query_string={"q": text})
    assert answer.status_code == 200
    return {entry["title"]: entry["url"] for entry in answer.json or []}


def test_records_and_places_are_found_as_one_types(client: FlaskClient, garden: int) -> None:
    assert _titles(client, "gard")["garden-journal.example"] == f"/prospects/{garden}"
    assert _titles(client, "inb") == {"Inbox": "/conversations/"}
    assert "Import a file" in _titles(client, "imp fil")


def test_an_opportunity_is_found_by_its_site_and_by_its_campaign(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        campaign = make_campaign(session, name="Spring pitches")
        prospect = make_approved(session, domain="bees.example")
        key = make_opportunity(session, campaign=campaign, prospect=prospect).key
    index_words(database, scope, 100)
    for text in ("bees", "pitches"):
        found = client.get("/palette/", query_string={"q": text}).json or []
        assert [entry["url"] for entry in found if entry["kind"] == "opportunity"] == [
            f"/opportunities/{key}"
        ]


def test_a_viewer_is_offered_nothing_a_viewer_may_not_do(
    client_as: Callable[[Role], FlaskClient],
) -> None:
    titles = _titles(client_as(Role.VIEWER), "")
    assert "Prospects" in titles
    assert not {"Add a prospect", "Import a file", "New campaign"} & set(titles)


def test_another_workspaces_records_are_not_offered(
    client: FlaskClient, database: Database
) -> None:
    other = factories.make_workspace(database)
    with database.writing(other) as session:
        factories.make_prospect(session, domain="secret-garden.example")
    index_words(database, other, 100)
    assert "secret-garden.example" not in _titles(client, "secret")
    assert b"secret-garden.example" not in client.get("/search/?q=secret").data


def test_the_search_page_lists_what_matches(client: FlaskClient, garden: int) -> None:
    page = client.get("/search/?q=journal").get_data(as_text=True)
    assert f'href="/prospects/{garden}"' in page


@pytest.mark.parametrize("text", ["'", '"', "%", "\0", "-", "AND OR NOT", "a" * 5_000, "((("])
def test_no_text_breaks_the_search(client: FlaskClient, text: str) -> None:
    assert client.get("/palette/", query_string={"q": text}).status_code == 200
    assert client.get("/search/", query_string={"q": text}).status_code == 200
