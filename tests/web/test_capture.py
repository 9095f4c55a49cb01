"""The bookmarklet: what a token may do, and what hostile pages may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from outreach.accounts.models import AccessToken
from outreach.accounts.words import Role
from outreach.core.db import SYSTEM
from outreach.prospects.models import Prospect, ProspectPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from outreach.core.db import Database, Scope

OURS = {"Origin": "http://localhost"}
PAGE = {"url": "https://garden.example/soil?utm_source=x", "title": "Soil", "text": "Said there."}


@pytest.fixture
def token(client: FlaskClient) -> str:
    page = client.post("/capture/tokens", data={"name": "Laptop"}).get_data(as_text=True)
    found = re.search(r"token:&#34;([\w-]+)&#34;", page)
    assert found
    return found[1]


def _add(client: FlaskClient, token: str, **given: Any) -> Any:
    headers = {**OURS, "Authorization": f"Bearer {token}", **given.pop("headers", {})}
    return client.post("/capture/", data={**PAGE, **given}, headers=headers)


def test_a_page_is_added_without_a_cookie_and_known_the_second_time(
    stranger: FlaskClient, token: str, database: Database, scope: Scope
) -> None:
    answer = _add(stranger, token).json
    assert answer["sentence"] == "garden.example is a new prospect."
    again = _add(stranger, token).json
    assert again["sentence"].endswith("This page was known too.")
    with database.reading(scope) as session:
        prospect = session.exec(select(Prospect)).one()
        page = session.exec(select(ProspectPage)).one()
    assert answer["url"] == f"/prospects/{prospect.id}"
    assert (prospect.owner_id, page.description) == (scope.user_id, "Said there.")


def test_only_the_hash_of_a_token_is_kept(token: str, database: Database) -> None:
    with database.reading(SYSTEM) as session:
        row = session.exec(select(AccessToken)).one()
    assert token not in str(row.model_dump())


@pytest.mark.parametrize("wrong", ["", "x", "é", "a" * 100_000])
def test_a_wrong_token_adds_nothing(
    stranger: FlaskClient, database: Database, scope: Scope, wrong: str
) -> None:
    answer = _add(stranger, wrong)
    assert answer.status_code == 403
    assert "does not work any more" in answer.json["sentence"]
    with database.reading(scope) as session:
        assert session.exec(select(Prospect)).all() == []


def test_guessing_tokens_is_slowed(stranger: FlaskClient) -> None:
    codes = [_add(stranger, f"guess{number}").status_code for number in range(35)]
    assert codes[0] == 403
    assert codes[-1] == 429


def test_a_revoked_token_adds_nothing(
    client: FlaskClient, stranger: FlaskClient, token: str, database: Database
) -> None:
    with database.reading(SYSTEM) as session:
        key = session.exec(select(AccessToken.id)).one()
    assert client.post("/capture/tokens/revoked", data={"id": key}).status_code == 303
    assert _add(stranger, token).status_code == 403


def test_nobody_revokes_a_token_that_is_not_theirs(
    client_as: Callable[[Role], FlaskClient], stranger: FlaskClient, token: str, database: Database
) -> None:
    other = client_as(Role.MEMBER)
    with database.reading(SYSTEM) as session:
        key = session.exec(select(AccessToken.id)).one()
    assert other.post("/capture/tokens/revoked", data={"id": key}).status_code == 404
    assert _add(stranger, token).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_only_our_own_page_may_send_it(stranger: FlaskClient, token: str, origin: str) -> None:
    answer = _add(stranger, token, headers={"Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("javascript:alert(1)", "no web address"),
        ("about:blank", "no web address"),
        ("file:///etc/passwd", "no web address"),
        ("", "no web address"),
        ("http://localhost/prospects/1", "page of Outreach itself"),
        ("https://", "no web address"),
    ],
)
def test_what_is_no_page_of_a_site_is_refused_in_a_sentence(
    stranger: FlaskClient, token: str, url: str, sentence: str
) -> None:
    answer = _add(stranger, token, url=url)
    assert answer.status_code in {400, 422}
    assert sentence in answer.json["sentence"]


def test_long_titles_are_cut_and_monsters_refused(stranger: FlaskClient, token: str) -> None:
    assert _add(stranger, token, title="x" * 100_000).status_code == 200
    assert _add(stranger, token, title="x" * 10_000_000).status_code == 413
    answer = _add(stranger, token, title="x" * 500_000)
    assert answer.status_code == 422
    assert "too long" in answer.json["sentence"]


def test_a_viewer_gets_no_bookmark(client_as: Callable[[Role], FlaskClient]) -> None:
    assert client_as(Role.VIEWER).get("/capture/tokens").status_code == 403
