"""Headers, cross-site requests, forged forms, permissions."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient

from outreach.accounts.words import Role
from outreach.core.db import Database
from outreach.web.security import STATIC_HEADERS

# Who may come in without signing in. Adding to it is a decision.
PUBLIC = {
    "auth.sign_in", "auth.open_session", "auth.setup", "auth.create_owner", "auth.invitation",
    "auth.join", "auth.password_reset", "auth.reset_password", "static",
    "unsubscribe.show", "unsubscribe.confirm", "capture.show", "capture.add",
}  # fmt: skip

# The link of a mail, and the token of a bookmark, are the proof; cookies count for nothing there.
PROVEN_OTHERWISE = {"unsubscribe.confirm", "capture.add"}

CSP = re.compile(
    r"default-src 'self'; script-src 'nonce-[\w\-]{24}' 'strict-dynamic'; style-src 'self'; "
    r"img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    r"frame-ancestors 'none'"
)


def test_every_route_needs_a_person_or_is_on_the_public_list(app: Flask) -> None:
    public = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, "policy", ("public", ""))[0] == "public"
    }
    assert public <= PUBLIC
    assert len(public) >= len(PUBLIC) - 2


def test_a_stranger_gets_no_page_but_the_public_ones(app: Flask, stranger: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        url = app.url_map.bind("localhost").build(
            rule.endpoint, {name: 1 if name.endswith("_id") else "x" for name in rule.arguments}
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = stranger.open(url, method=method)
            assert answer.status_code == 302, f"{method} {url}"
            assert answer.location.startswith("/sign-in"), f"{method} {url}"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/sign-in", 200), ("/settings/", 302), ("/nowhere", 404), ("/static/css/base.css", 200)],
)
def test_every_answer_carries_the_headers(stranger: FlaskClient, path: str, status: int) -> None:
    answer = stranger.get(path)
    answer.close()
    assert answer.status_code == status
    for name, value in STATIC_HEADERS.items():
        assert answer.headers[name] == value
    assert CSP.fullmatch(answer.headers["Content-Security-Policy"])


def test_pages_of_signed_in_people_are_not_stored(client: FlaskClient) -> None:
    assert client.get("/settings/").headers["Cache-Control"] == "no-store"


def test_a_form_without_its_token_is_refused(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = True
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint in PROVEN_OTHERWISE:
            continue
        url = app.url_map.bind("localhost").build(
            rule.endpoint, {name: 1 if name.endswith("_id") else "x" for name in rule.arguments}
        )
        answer = client.post(url)
        assert answer.status_code == 400, url
        assert "open for too long" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ],
)
def test_a_request_from_another_site_is_refused(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = client.post("/sign-out", headers=headers)
    assert answer.status_code == 403
    assert client.get("/profile/").status_code == 200


def test_reading_pages_writes_nothing(
    app: Flask, client: FlaskClient, count_statements: Callable[[], list[str]]
) -> None:
    writes = re.compile(r"(?i)^\s*(insert|update|delete)")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            client.get(rule.rule)
    assert [statement for statement in count_statements() if writes.match(statement)] == []


def test_a_role_below_the_policy_is_refused(client_as: Callable[[Role], FlaskClient]) -> None:
    data = {"domain": "ours.example"}
    assert client_as(Role.MEMBER).post("/workspaces/current/properties", data=data).status_code == (
        403
    )
    assert (
        client_as(Role.MANAGER).post("/workspaces/current/properties", data=data).status_code == 303
    )


def test_an_unforeseen_error_is_a_page_without_details(app: Flask, client: FlaskClient) -> None:
    @app.before_request
    def _break() -> None:
        if not g.get("broken"):
            g.broken = True
            raise RuntimeError("a secret detail")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False
    answer = client.get("/profile/")
    assert answer.status_code == 500
    assert "a secret detail" not in answer.text


def test_switches_of_the_installation_are_for_operators(
    client: FlaskClient, database: Database
) -> None:
    assert client.post("/settings/web-access", data={"on": "y"}).status_code == 403
    with database.system() as session:
        assert session.execute(sa.text("select count(*) from installation_setting")).scalar() == 0
