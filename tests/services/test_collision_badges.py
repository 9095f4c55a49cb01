"""What the collision guard's badges say, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from outreach.accounts.models import Membership, User
from outreach.accounts.words import Role
from outreach.core.db import Database, Scope
from outreach.desk.collisions import guards_of_people, guards_of_sites
from outreach.suppression.models import ContactTouch, Suppression
from outreach.suppression.words import SuppressionKind, SuppressionReason, TouchOutcome
from tests.factories import make_workspace

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def touch(database: Database, by: Scope, domain: str, days: int, **given: object) -> None:
    with database.system() as session:
        session.add(
            ContactTouch(
                domain=domain,
                in_workspace_id=by.workspace_id,
                user_id=by.user_id,
                at=NOW - timedelta(days=days),
                source_key=f"outbox:{domain}:{days}",
                **given,  # type: ignore[arg-type]
            )
        )


def name_of(database: Database, by: Scope) -> str:
    with database.system() as session:
        return session.get_one(User, by.user_id).name


def test_the_newest_touch_is_told_with_who_when_what_and_until_when(
    database: Database, scope: Scope
) -> None:
    touch(database, scope, "example.org", 40, outcome=TouchOutcome.DECLINED)
    touch(database, scope, "example.org", 12)
    touch(database, scope, "old.example", 101)

    with database.reading(scope) as session:
        found = guards_of_sites(session, ["example.org", "old.example", "new.example"], now=NOW)

    assert list(found) == ["example.org"]
    assert found["example.org"].text == f"{name_of(database, scope)}, 12 days ago, awaiting answer"
    assert found["example.org"].rests_until == NOW + timedelta(days=88)


def test_another_team_stays_unnamed_until_one_is_a_member_there(
    database: Database, scope: Scope
) -> None:
    other = make_workspace(database)
    touch(database, other, "example.org", 1, outcome=TouchOutcome.REPLIED)

    with database.reading(scope) as session:
        assert guards_of_sites(session, ["example.org"], now=NOW)["example.org"].text == (
            "another team, 1 day ago, they replied"
        )
    with database.system() as session:
        session.add(
            Membership(
                user_id=scope.user_id or 0, workspace_id=other.workspace_id or 0, role=Role.VIEWER
            )
        )
    with database.reading(scope) as session:
        text = guards_of_sites(session, ["example.org"], now=NOW)["example.org"].text
    assert text == f"{name_of(database, other)}, 1 day ago, they replied"


def test_a_suppression_outranks_a_touch(database: Database, scope: Scope) -> None:
    touch(database, scope, "example.org", 3)
    with database.system() as session:
        session.add(
            Suppression(
                kind=SuppressionKind.DOMAIN, match_key="example.org",
                reason=SuppressionReason.UNSUBSCRIBED,
            )
        )  # fmt: skip

    with database.reading(scope) as session:
        guard = guards_of_sites(session, ["example.org"], now=NOW)["example.org"]

    assert (guard.text, guard.tone) == ("never written to: unsubscribed", "bad")


def test_a_person_is_guarded_by_themselves_then_by_their_company_never_by_their_mail_host(
    database: Database, scope: Scope
) -> None:
    touch(database, scope, "example.org", 3, person_key="ann")
    touch(database, scope, "gmail.com", 2, person_key="bob")
    people = [("ann", "example.org"), ("cleo", "example.org"), ("dan", "gmail.com")]

    with database.reading(scope) as session:
        found = guards_of_people(session, people, now=NOW)

    assert set(found) == {("ann", "example.org"), ("cleo", "example.org")}


@pytest.mark.parametrize("count", [1, 50])
def test_a_page_of_rows_costs_two_statements(
    database: Database, scope: Scope, count_statements: Callable[[], list[str]], count: int
) -> None:
    domains = [f"site{number}.example" for number in range(count)]
    touch(database, scope, domains[0], 3)

    with database.reading(scope) as session:
        count_statements()
        guards_of_sites(session, domains, now=NOW)
        assert len(count_statements()) == 2
