"""The pages of assets."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlmodel import select

from outreach.activity.models import Job
from outreach.assets.models import Asset
from outreach.core.db import Database, Scope
from tests.factories import make_workspace
from tests.factories_imports import make_asset

GIVEN = {
    "url": "https://garden.example/soil",
    "title": "Soil",
    "kind": "guide",
    "topics": "soil, compost; Soil",
    "keywords": "clay",
    "suggested_anchors": "good soil\nsoil, tested",
}


def only_asset(database: Database, scope: Scope) -> Asset:
    with database.reading(scope) as session:
        return session.exec(select(Asset)).one()


def test_an_asset_is_added_and_prospects_are_scored_against_it(
    client: FlaskClient, database: Database, scope: Scope, woken: list[tuple[str, str, int, int]]
) -> None:
    answer = client.post("/assets/", data=GIVEN)

    asset = only_asset(database, scope)
    assert answer.headers["Location"] == f"/assets/{asset.key}"
    assert (asset.topics, asset.keywords) == (["soil", "compost"], ["clay"])
    assert asset.suggested_anchors == ["good soil", "soil, tested"]
    assert woken[-1][:2] == ("io", "run_job_io")
    with database.reading(scope) as session:
        assert session.exec(select(Job.kind)).all() == ["score_prospects"]
    assert "Soil" in client.get("/assets/").text
    assert "good soil" in client.get(f"/assets/{asset.key}").text


def test_the_same_page_is_listed_once(client: FlaskClient) -> None:
    client.post("/assets/", data=GIVEN)

    answer = client.post("/assets/", data={**GIVEN, "url": "http://www.garden.example/soil/"})

    assert answer.status_code == 422
    assert "listed already, as “Soil”" in answer.text


def test_what_is_missing_is_said(client: FlaskClient) -> None:
    answer = client.post("/assets/", data={"url": "nonsense here", "kind": "guide"})

    assert answer.status_code == 422
    assert "Give it a title." in answer.text
    assert "Type a web address" in answer.text


def test_a_new_address_forgets_what_was_read(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    asset = make_asset(database, scope)
    with database.writing(scope) as session:
        session.add(asset)
        asset.page_text = "Words"
    form = client.get(f"/assets/{asset.key}/edit").text
    assert 'value="garden soil, compost"' in form

    client.post(f"/assets/{asset.key}", data={**GIVEN, "url": "https://garden.example/other"})

    changed = only_asset(database, scope)
    assert (changed.url_key, changed.page_text) == ("garden.example/other", "")


def test_an_archived_asset_leaves_the_list_and_comes_back(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    asset = make_asset(database, scope)

    client.post(f"/assets/{asset.key}/archiving", data={"archived": "1"})
    assert asset.title not in client.get("/assets/").text.split("toasts")[0]
    assert asset.title in client.get("/assets/?archived=1").text

    client.post(f"/assets/{asset.key}/archiving", data={"archived": "0"})
    assert asset.title in client.get("/assets/").text


def test_another_workspaces_asset_is_not_found(client: FlaskClient, database: Database) -> None:
    foreign = make_asset(database, make_workspace(database)).key

    assert client.get(f"/assets/{foreign}").status_code == 404
    assert client.get(f"/assets/{foreign}/edit").status_code == 404
    assert client.post(f"/assets/{foreign}", data=GIVEN).status_code == 404
    assert client.post(f"/assets/{foreign}/archiving").status_code == 404
