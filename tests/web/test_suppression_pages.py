"""The suppressions page, and the unsubscribe link that anybody may follow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from outreach.accounts.words import Role
from outreach.core.db import Database, Scope
from outreach.suppression.queries import find_suppression, find_unsubscribe_token, suppression_page
from outreach.suppression.rules import person_key
from outreach.suppression.services import issue_unsubscribe_token, suppress_domain
from outreach.suppression.words import SuppressionKind, SuppressionReason
from tests import factories
from tests.factories_campaigns import NOW, address, make_contact
from tests.web.conftest import TEST_KEY

PERSON = person_key(TEST_KEY, address("mia@firm.example"))


@pytest.fixture
def token(database: Database, scope: Scope) -> str:
    with database.writing(scope) as session:
        make_contact(session, "mia@firm.example")
        return issue_unsubscribe_token(session, PERSON, "firm.example")


def is_suppressed(database: Database, scope: Scope) -> bool:
    with database.reading(scope) as session:
        return find_suppression(session, person_key=PERSON, domain="") is not None


@pytest.mark.parametrize(
    ("typed", "kind", "label"),
    [
        ("Mia@firm.example", SuppressionKind.ADDRESS, "Mia@firm.example"),
        ("https://www.firm.example/about", SuppressionKind.DOMAIN, "firm.example"),
    ],
)
def test_an_address_or_a_domain_is_suppressed(
    client: FlaskClient,
    database: Database,
    scope: Scope,
    typed: str,
    kind: SuppressionKind,
    label: str,
) -> None:
    answer = client.post("/suppressions/", data={"what": typed, "reason": "asked", "note": "Phone"})

    assert answer.status_code == 303
    with database.reading(scope) as session:
        (row,) = suppression_page(session).rows
    assert (row.kind, row.label, row.note) == (kind, label, "Phone")
    assert label in client.get("/suppressions/").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [("nonsense", "neither an address nor a domain"), ("mia@", "neither an address"),
     ("gmail.com", "shared by millions"), ("", "This field is required")],
)  # fmt: skip
def test_nonsense_and_shared_hosts_are_refused(client: FlaskClient, typed: str, said: str) -> None:
    answer = client.post("/suppressions/", data={"what": typed, "reason": "asked"})

    assert answer.status_code == 422
    assert said in answer.text


def test_lifting_needs_a_reason_and_a_manager(
    client: FlaskClient, client_as: Callable[[Role], FlaskClient], database: Database, scope: Scope
) -> None:
    client.post("/suppressions/", data={"what": "mia@firm.example", "reason": "manual"})
    url = "/suppressions/1/lifting"

    assert client_as(Role.MEMBER).post(url, data={"reason": "She wrote."}).status_code == 403
    client.post(url, data={"reason": ""})
    assert is_suppressed(database, scope)
    client.post(url, data={"reason": "She wrote to us."})
    assert not is_suppressed(database, scope)


def test_a_refusal_of_the_person_is_not_lifted(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    client.post("/suppressions/", data={"what": "mia@firm.example", "reason": "unsubscribed"})
    assert "/suppressions/1/lifting" not in client.get("/suppressions/").text

    answer = client.post("/suppressions/1/lifting", data={"reason": "We like her."})

    assert is_suppressed(database, scope)
    assert "only they can undo that" in client.get(answer.location).text


def test_another_teams_suppression_cannot_be_lifted(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(factories.make_workspace(database)) as session:
        row = suppress_domain(session, "firm.example", SuppressionReason.MANUAL, now=NOW)

    page = client.get("/suppressions/").text
    answer = client.post(f"/suppressions/{row.key}/lifting", data={"reason": "We like them."})

    assert "added by another team" in page
    assert answer.status_code == 404
    with database.reading(scope) as session:
        assert find_suppression(session, person_key="", domain="firm.example") is not None


def test_following_the_link_alone_changes_nothing(
    stranger: FlaskClient, database: Database, scope: Scope, token: str
) -> None:
    page = stranger.get(f"/u/{token}")

    assert page.status_code == 200
    assert "Unsubscribe" in page.text
    assert "mia" not in page.text.lower()
    assert not is_suppressed(database, scope)


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"data": {"List-Unsubscribe": "One-Click"}, "content_type": "multipart/form-data"},
        {"data": {}},
    ],
)
def test_one_click_counts_at_once_from_anywhere_and_twice_is_once(
    stranger: FlaskClient, database: Database, scope: Scope, token: str, sent: dict[str, object]
) -> None:
    foreign = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}

    for _ in range(2):
        answer = stranger.post(f"/u/{token}", headers=foreign, **sent)
        assert answer.status_code == 200
        assert "You are unsubscribed" in answer.text
        assert "Set-Cookie" not in answer.headers

    assert is_suppressed(database, scope)
    with database.reading(scope) as session:
        found = find_unsubscribe_token(session, token)
    assert found is not None
    assert found.used_at is not None
    assert "You are unsubscribed" in stranger.get(f"/u/{token}").text


def test_the_page_tells_nobody_and_leaves_nothing(stranger: FlaskClient, token: str) -> None:
    for answer in (stranger.get(f"/u/{token}"), stranger.post(f"/u/{token}")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        assert "csrf" not in answer.text


def test_a_wrong_link_is_not_found_and_silences_nobody(
    stranger: FlaskClient, database: Database, scope: Scope, token: str
) -> None:
    for answer in (stranger.get(f"/u/{token}x"), stranger.post(f"/u/{token}x")):
        assert answer.status_code == 404
        assert "not known here" in answer.text
        assert "Set-Cookie" not in answer.headers

    assert not is_suppressed(database, scope)
