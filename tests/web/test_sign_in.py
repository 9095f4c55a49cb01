from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from outreach.accounts import queries, services
from outreach.accounts.services import Invitation
from outreach.accounts.words import LinkPurpose, Role
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.passwords import hash_password
from tests.factories import make_user, make_workspace

PASSWORD = "walnut-lantern-42"


def test_a_stranger_is_sent_to_sign_in(stranger: FlaskClient) -> None:
    answer = stranger.get("/settings/")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/settings/"


@pytest.mark.parametrize(
    ("target", "lands"),
    [("/settings/", "/settings/"), ("//evil.example", "/"), ("/\\evil.example", "/"),
     ("https://evil.example/", "/"), ("/ok\\..", "/"), ("javascript:alert(1)", "/")],
)  # fmt: skip
def test_sign_in_leads_only_to_our_own_pages(
    stranger: FlaskClient, database: Database, target: str, lands: str
) -> None:
    _person_with_password(database)
    answer = stranger.post(
        "/sign-in", data={"email": "ana@outreach.example", "password": PASSWORD, "next": target}
    )
    assert (answer.status_code, answer.location) == (303, lands)


def test_the_answer_is_the_same_for_a_wrong_password_and_an_unknown_person(
    stranger: FlaskClient, database: Database
) -> None:
    _person_with_password(database)
    wrong = stranger.post("/sign-in", data={"email": "ana@outreach.example", "password": "x" * 12})
    unknown = stranger.post("/sign-in", data={"email": "bo@outreach.example", "password": "x" * 12})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("ana@", "") == unknown.text.replace("bo@", "") or (
        "The address or the password is wrong." in wrong.text
        and "The address or the password is wrong." in unknown.text
    )


def test_guessing_is_stopped_after_ten_tries(stranger: FlaskClient, database: Database) -> None:
    data = {"email": "ana@outreach.example", "password": "x" * 12}
    answers = [stranger.post("/sign-in", data=data).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_signing_out_ends_the_session_on_the_server(
    client: FlaskClient, database: Database
) -> None:
    cookie = client.get_cookie("sid")
    assert cookie is not None
    assert client.get("/profile/").status_code == 200
    client.post("/sign-out")
    client.set_cookie("sid", cookie.value)
    assert client.get("/profile/").status_code == 302


def test_the_first_link_makes_the_owner_once(stranger: FlaskClient, database: Database) -> None:
    with database.system() as session:
        token = services.make_link(session, LinkPurpose.SETUP, now=utc_now())
    data = {
        "name": "Ana", "email": "ana@outreach.example", "password": PASSWORD, "again": PASSWORD,
        "workspace_name": "Acme",
    }  # fmt: skip
    assert stranger.post(f"/setup/{token}", data=data).status_code == 303
    assert stranger.get("/profile/").status_code == 200
    assert stranger.get(f"/setup/{token}").status_code == 404


@pytest.mark.parametrize("password", ["short", "password1234", "ana outreach 12", "a" * 20])
def test_a_guessable_password_is_refused(
    stranger: FlaskClient, database: Database, password: str
) -> None:
    with database.system() as session:
        token = services.make_link(session, LinkPurpose.SETUP, now=utc_now())
    data = {"name": "Outreach Ana", "email": "ana@outreach.example", "password": password,
            "again": password}  # fmt: skip
    assert stranger.post(f"/setup/{token}", data=data).status_code == 422
    with database.system() as session:
        assert not queries.has_users(session)


def test_an_invited_person_joins_with_the_role_given(
    stranger: FlaskClient, database: Database, scope: Scope
) -> None:
    workspace_id = scope.workspace_id or 0
    with database.system() as session:
        token = services.make_link(
            session, LinkPurpose.INVITATION, now=utc_now(),
            invitation=Invitation("Bo@outreach.example", workspace_id, Role.VIEWER),
        )  # fmt: skip
    data = {"name": "Bo", "password": PASSWORD, "again": PASSWORD}
    assert stranger.post(f"/invitations/{token}", data=data).status_code == 303
    with database.system() as session:
        user = queries.find_user_by_email(session, "bo@outreach.example")
        assert user is not None
        membership = queries.find_membership(session, user.key, workspace_id)
    assert membership is not None
    assert membership.role is Role.VIEWER


def test_a_password_reset_ends_every_other_session(
    stranger: FlaskClient, client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.system() as session:
        token = services.make_link(
            session, LinkPurpose.PASSWORD_RESET, now=utc_now(), user_id=scope.user_id
        )
    answer = stranger.post(
        f"/password-resets/{token}", data={"password": PASSWORD, "again": PASSWORD}
    )
    assert answer.status_code == 303
    assert client.get("/profile/").status_code == 302
    assert stranger.get("/profile/").status_code == 200


def test_an_old_link_is_no_longer_good(database: Database) -> None:
    now = utc_now()
    with database.system() as session:
        token = services.make_link(session, LinkPurpose.SETUP, now=now)
        later = now + timedelta(days=8)
        assert queries.find_link(session, token, LinkPurpose.SETUP, now=later) is None


def test_a_member_of_two_workspaces_switches_between_them_only(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    foreign = make_workspace(database)
    assert (
        client.post("/workspaces/current", data={"workspace_id": foreign.workspace_id}).status_code
        == 404
    )
    with database.system() as session:
        user = queries.get_user(session, scope.user_id or 0)
        services.join_workspace(session, user, foreign.workspace_id or 0, Role.VIEWER)
    assert (
        client.post("/workspaces/current", data={"workspace_id": foreign.workspace_id}).status_code
        == 303
    )


def _person_with_password(database: Database) -> None:
    with database.system() as session:
        make_user(session, email="ana@outreach.example", password_hash=hash_password(PASSWORD))
