"""What stands around every page is drawn once, and yet tells each person the truth at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.accounts.models import Membership, User, Workspace
from outreach.accounts.words import Role
from tests.factories import make_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from outreach.core.db import Database, Scope


def test_a_new_name_is_on_the_next_page(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    assert "Renamed & sons" not in client.get("/prospects/").text
    with database.system() as session:
        session.exec(
            select(Workspace).where(Workspace.id == scope.workspace_id)
        ).one().name = "Renamed & sons"
        session.exec(select(User).where(User.id == scope.user_id)).one().name = "Zoë <b>"
    page = client.get("/prospects/").text
    assert "Renamed &amp; sons" in page
    assert "Zoë &lt;b&gt;" in page
    assert "Zoë <b>" not in page


def test_people_do_not_see_each_others_frame(
    client_as: Callable[[Role], FlaskClient], client: FlaskClient
) -> None:
    own = client.get("/prospects/").text
    other = client_as(Role.VIEWER).get("/prospects/").text
    assert _person_in(own) != _person_in(other)
    assert _person_in(client.get("/prospects/").text) == _person_in(own)


def _person_in(page: str) -> str:
    after = page.split('rail__initial--person" aria-hidden="true">')[1]
    return after.split("</summary>", maxsplit=1)[0]


def test_each_page_has_a_nonce_of_its_own_in_all_scripts(client: FlaskClient) -> None:
    answers = [client.get("/prospects/") for _ in range(2)]
    nonces = []
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        nonce = policy.split("'nonce-")[1].split("'")[0]
        assert answer.text.count("<script ") == answer.text.count(f'<script nonce="{nonce}"') > 2
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


def test_a_person_removed_from_the_workspace_sees_nothing_of_it_any_more(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    assert client.get("/prospects/").status_code == 200
    with database.system() as session:
        row = session.exec(
            select(Membership).where(
                col(Membership.user_id) == scope.user_id,
                col(Membership.workspace_id) == scope.workspace_id,
            )
        ).one()
        session.delete(row)
    answer = client.get("/prospects/")
    assert answer.status_code == 302
    assert "/workspaces/" in answer.headers["Location"]


def test_a_changed_role_counts_from_the_next_request(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    assert client.get("/prospects/new").status_code == 200
    with database.system() as session:
        row = session.exec(
            select(Membership).where(
                col(Membership.user_id) == scope.user_id,
                col(Membership.workspace_id) == scope.workspace_id,
            )
        ).one()
        row.role = Role.VIEWER
    assert client.get("/prospects/new").status_code == 403


def test_a_workspace_joined_is_offered_at_once(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    foreign = make_workspace(database)
    with database.system() as session:
        name = (
            session.exec(select(Workspace).where(Workspace.id == foreign.workspace_id)).one().name
        )
        assert f'value="{foreign.workspace_id}"' not in _switcher(client)
        session.add(
            Membership(
                user_id=scope.user_id or 0,
                workspace_id=foreign.workspace_id or 0,
                role=Role.VIEWER,
            )
        )
    assert name in _switcher(client)
    assert f'value="{foreign.workspace_id}"' in _switcher(client)


def _switcher(client: FlaskClient) -> str:
    return client.get("/prospects/").text.partition('<div class="rail__scroll">')[0]
