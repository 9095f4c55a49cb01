"""Saved views, columns and the panel of the prospects list, as the web app answers them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.core.db import Database, Scope
from outreach.prospects.models import Prospect
from outreach.views.models import SavedView
from tests.factories import make_prospect


@pytest.fixture
def prospect_id(database: Database, scope: Scope) -> int:
    with database.writing(scope) as session:
        return make_prospect(session, domain="garden.example", country="DE").key


def view_ids(database: Database, scope: Scope) -> dict[str, int]:
    with database.reading(scope) as session:
        return {row.name: row.key for row in session.exec(select(SavedView))}


def test_a_private_view_is_its_owners_and_a_shared_one_everybodys(
    client: FlaskClient, client_as: Callable[[Role], FlaskClient]
) -> None:
    client.post("/prospects/views/?country=DE", data={"name": "Mine"})
    client.post("/prospects/views/?country=FR", data={"name": "Ours", "is_shared": "y"})

    mine, theirs = client.get("/prospects/").text, client_as(Role.VIEWER).get("/prospects/").text

    assert ">Mine <" in mine
    assert ">Ours <" in mine
    assert ">Mine <" not in theirs
    assert ">Ours <" in theirs


def test_a_view_changes_its_name_and_place(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    for name in ("First", "Second"):
        client.post("/prospects/views/?country=DE", data={"name": name})
    ids = view_ids(database, scope)

    client.post(f"/prospects/views/{ids['Second']}", data={"name": "Better"})
    client.post(f"/prospects/views/{ids['Second']}/moves", data={"to": "up"})

    page = client.get("/prospects/").text
    assert page.index(">Better <") < page.index(">First <")


def test_a_name_that_is_taken_or_empty_is_refused_with_the_form(client: FlaskClient) -> None:
    client.post("/prospects/views/?country=DE", data={"name": "Mine"})

    taken = client.post("/prospects/views/?country=DE", data={"name": " Mine "})

    assert taken.status_code == 422
    assert "already" in taken.text
    assert client.post("/prospects/views/", data={"name": " "}).status_code == 422


def test_somebody_elses_view_is_not_theirs_to_change(
    client: FlaskClient,
    client_as: Callable[[Role], FlaskClient],
    database: Database,
    scope: Scope,
) -> None:
    client.post("/prospects/views/?country=DE", data={"name": "Ours", "is_shared": "y"})
    url = f"/prospects/views/{view_ids(database, scope)['Ours']}"
    other = client_as(Role.OWNER)

    assert other.post(f"{url}/deletion").status_code == 403
    assert other.post(url, data={"name": "X"}).status_code == 403


def test_a_nonsense_restoration_is_refused(client: FlaskClient) -> None:
    assert client.post("/prospects/views/restoration?kept=[1]").status_code == 422


def test_columns_are_each_persons_own(
    client: FlaskClient, client_as: Callable[[Role], FlaskClient], prospect_id: int
) -> None:
    client.post("/prospects/columns", data={"column": ["country", "score", "nonsense"]})

    assert ">Country</a>" in client.get("/prospects/").text
    assert ">Review<" not in client.get("/prospects/").text.split("<thead>")[1]
    assert ">Country</a>" not in client_as(Role.MEMBER).get("/prospects/").text


def test_every_column_can_be_shown(client: FlaskClient, prospect_id: int) -> None:
    names = [part.split('"')[0] for part in _columns(client).split('name="column" value="')[1:]]
    client.post("/prospects/columns", data={"column": names})

    answer = client.get("/prospects/")

    assert answer.status_code == 200
    assert answer.text.count("<td") == len(names) + 1
    assert len(names) >= 20


def _columns(client: FlaskClient) -> str:
    return client.get("/prospects/columns").text


def test_the_arrows_change_the_order_without_javascript(client: FlaskClient) -> None:
    page = client.get("/prospects/columns?column=score&column=review&up=review").text

    assert page.index('value="review" checked') < page.index('value="score" checked')


def test_empty_parts_of_a_sent_form_leave_the_address(client: FlaskClient) -> None:
    answer = client.get("/prospects/?country=DE&stage=&score_min=")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/prospects/?country=DE"


def test_nothing_that_fits_names_the_parts_to_take_away(
    client: FlaskClient, prospect_id: int
) -> None:
    page = client.get("/prospects/?country=DE&stage=won").text

    assert "Without “stage is won”" in page
    assert "Without “country is DE”" in page


def test_the_panel_is_part_of_the_page_where_the_address_names_a_row(
    client: FlaskClient, prospect_id: int
) -> None:
    page = client.get(f"/prospects/?country=DE&open={prospect_id}").text
    part = client.get(f"/prospects/{prospect_id}/panel").text

    assert f'data-panel-of="{prospect_id}"' in page
    assert 'href="/prospects/?country=DE"' in page.split("panel__tools")[1]
    assert "<html" not in part
    assert client.get("/prospects/?open=999999").status_code == 200


def test_counts_of_views_are_capped_and_come_after_the_list(
    client: FlaskClient, prospect_id: int, database: Database, scope: Scope
) -> None:
    client.post("/prospects/views/?country=FR", data={"name": "French"})
    key = view_ids(database, scope)["French"]

    counted = client.get("/prospects/views/counts").text

    assert f'id="view-{key}" hx-swap-oob="true">0<' in counted
    assert 'id="view-all" hx-swap-oob="true">1<' in counted
    with database.reading(scope) as session:
        assert len(session.exec(select(Prospect)).all()) == 1
