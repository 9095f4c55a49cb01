"""The review: who gets which prospect next, and taking decisions back exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from outreach.accounts.models import Membership
from outreach.accounts.words import Role
from outreach.activity.models import Activity
from outreach.core.db import SYSTEM, Database, Scope
from outreach.core.errors import Conflict, Invalid
from outreach.desk import review
from outreach.desk.elsewhere import conversations_with_site
from outreach.desk.prospect_filter import ProspectFilter
from outreach.mail.models import Conversation, Mailbox
from outreach.prospects.models import Prospect, ProspectTag
from outreach.prospects.queries import get_prospect
from outreach.prospects.reviews import Verdict
from outreach.prospects.rules import CLAIM, Decision
from outreach.prospects.words import Review
from outreach.tags.models import Tag
from outreach.workflows.review_prospects import (
    claim_next,
    decide,
    decide_many,
    reopen_many,
    undo_last,
)
from tests.factories import add, make_member, make_prospect, make_workspace

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


def fill(database: Database, scope: Scope, *scores: int | None, **given: Any) -> list[int]:
    """Make prospects with these scores; return their ids."""
    with database.writing(scope) as session:
        return [
            make_prospect(
                session, score=score, score_order=101 if score is None else 100 - score, **given
            ).key
            for score in scores
        ]


def verdict(database: Database, scope: Scope, prospect_id: int) -> Verdict:
    with database.reading(scope) as session:
        return Verdict.on(get_prospect(session, prospect_id))


def test_the_best_comes_first_and_the_next_is_held_for_the_same_person(
    database: Database, scope: Scope
) -> None:
    low, none, high, middle = fill(database, scope, 10, None, 90, 50)
    colleague = make_member(database, scope, Role.MEMBER)

    assert claim_next(database, scope, now=NOW) == [high, middle]
    assert claim_next(database, colleague, now=NOW) == [low, none]
    assert claim_next(database, make_member(database, scope, Role.MEMBER), now=NOW) == []


def test_claims_lapse_after_three_minutes(database: Database, scope: Scope) -> None:
    (only,) = fill(database, scope, 10)
    colleague = make_member(database, scope, Role.MEMBER)
    claim_next(database, scope, now=NOW)

    assert claim_next(database, colleague, now=NOW + CLAIM) == []
    assert claim_next(database, colleague, now=NOW + CLAIM + timedelta(seconds=1)) == [only]


def test_what_was_put_aside_comes_back_on_its_day_in_its_place(
    database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    low, high = fill(database, scope, 10, 90)
    until = NOW + timedelta(days=7)
    with database.writing(scope) as session:
        decide(session, high, Decision(Review.LATER, until=until), now=NOW)

    assert claim_next(database, scope, now=NOW) == [low]
    assert claim_next(database, scope, now=until) == [high, low]
    monkeypatch.setattr(review, "_FEW", 0)  # as when thousands are due on one day
    assert claim_next(database, scope, now=until) == [high, low]


def test_a_day_that_has_passed_is_no_day_to_put_aside_until(
    database: Database, scope: Scope
) -> None:
    (only,) = fill(database, scope, 10)
    with pytest.raises(Invalid), database.writing(scope) as session:
        decide(session, only, Decision(Review.LATER, until=NOW), now=NOW)


@pytest.mark.parametrize("few", [2_000, 0])
def test_only_what_the_filter_finds_is_reviewed(
    database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(review, "_FEW", few)
    tagged, other = fill(database, scope, 10, 90, country="DE")
    with database.writing(scope) as session:
        tag = Tag(name="Soil", name_key="soil")
        add(session, tag)
        session.add(ProspectTag(prospect_id=tagged, tag_id=tag.key))
    of_tag = ProspectFilter.from_arguments({"tag": str(tag.key), "review": "approved"})
    of_country = ProspectFilter.from_arguments({"country": "DE", "min": "50"})

    assert claim_next(database, scope, of_tag, now=NOW) == [tagged]
    assert claim_next(database, scope, of_country, now=NOW) == [other]


@pytest.mark.parametrize(
    "decision",
    [
        Decision(Review.APPROVED),
        Decision(Review.REJECTED, "Low quality or spam"),
        Decision(Review.LATER, until=NOW + timedelta(days=90)),
    ],
)
def test_an_undo_restores_exactly_what_stood_before(
    database: Database, scope: Scope, decision: Decision
) -> None:
    (only,) = fill(database, scope, 10)
    aside = Decision(Review.LATER, until=NOW + timedelta(days=3, seconds=7))
    with database.writing(scope) as session:
        decide(session, only, aside, now=NOW)
    before = verdict(database, scope, only)
    with database.writing(scope) as session:
        decide(session, only, decision, now=SOON)

    with database.writing(scope) as session:
        assert undo_last(session, now=SOON).key == only

    assert verdict(database, scope, only) == before
    with database.reading(scope) as session:
        told = session.exec(select(Activity.verb).order_by(Activity.id)).all()  # type: ignore[arg-type]
    assert told[-1] == "reopened"


def test_undo_goes_back_one_decision_after_the_other_of_this_person_only(
    database: Database, scope: Scope
) -> None:
    first, second, theirs = fill(database, scope, 30, 20, 10)
    colleague = make_member(database, scope, Role.MEMBER)
    for who, prospect_id in ((scope, first), (scope, second), (colleague, theirs)):
        with database.writing(who) as session:
            decide(session, prospect_id, Decision(Review.APPROVED), now=NOW)

    undone = []
    for _ in range(2):
        with database.writing(scope) as session:
            undone.append(undo_last(session, now=SOON).key)

    assert undone == [second, first]
    assert verdict(database, scope, theirs).review is Review.APPROVED
    with pytest.raises(Conflict), database.writing(scope) as session:
        undo_last(session, now=SOON)


def test_a_decision_somebody_else_changed_since_is_not_undone(
    database: Database, scope: Scope
) -> None:
    (only,) = fill(database, scope, 10)
    with database.writing(scope) as session:
        decide(session, only, Decision(Review.LATER), now=NOW)
    with database.writing(make_member(database, scope, Role.MEMBER)) as session:
        decide(session, only, Decision(Review.APPROVED), now=SOON)

    with pytest.raises(Conflict, match="again since"), database.writing(scope) as session:
        undo_last(session, now=SOON)
    assert verdict(database, scope, only).review is Review.APPROVED


def test_decisions_about_a_selection_are_taken_back_to_what_each_was(
    database: Database, scope: Scope
) -> None:
    fresh, aside = fill(database, scope, 20, 10)
    with database.writing(scope) as session:
        decide(session, aside, Decision(Review.LATER, until=SOON + CLAIM), now=NOW)
    before = verdict(database, scope, aside)
    with database.writing(scope) as session:
        ids = decide_many(session, [fresh, aside], Decision(Review.APPROVED), now=NOW)

    with database.writing(scope) as session:
        assert reopen_many(session, ids, now=SOON) == 2

    assert verdict(database, scope, aside) == before
    assert verdict(database, scope, fresh) == Verdict(Review.NEW)


def test_progress_counts_ones_own_decisions_of_today_and_what_is_left(
    database: Database, scope: Scope
) -> None:
    first, *_ = fill(database, scope, 30, 20, 10)
    with database.writing(scope) as session:
        decide(session, first, Decision(Review.APPROVED), now=NOW)

    with database.reading(scope) as session:
        all_of_it = review.review_progress(session, ProspectFilter(), since=NOW, now=NOW)
        good = ProspectFilter.from_arguments({"min": "15"})
        narrowed = review.review_progress(session, good, since=SOON, now=NOW)

    assert (all_of_it.reviewed_today, all_of_it.left) == (1, 2)
    assert (narrowed.reviewed_today, narrowed.left) == (0, 1)


def test_taking_the_next_costs_few_statements(
    database: Database, scope: Scope, count_statements: Callable[[], list[str]]
) -> None:
    fill(database, scope, *range(30))
    count_statements()

    claim_next(database, scope, now=NOW)

    assert len(count_statements()) <= 5


def test_conversations_are_told_of_workspaces_one_is_a_member_of_only(
    database: Database, scope: Scope
) -> None:
    other = make_workspace(database, name="Other client")
    with database.writing(other) as session:
        prospect = make_prospect(session, domain="example.org")
        box = Mailbox(address="b@outreach.example")
        add(session, box)
        session.add(
            Conversation(
                mailbox_id=box.key, prospect_id=prospect.key, subject="Soil", last_message_at=NOW
            )
        )
        site_id = prospect.site_id

    def told() -> list[tuple[str, str]]:
        with database.reading(SYSTEM) as session:
            found = conversations_with_site(session, site_id, user_id=scope.user_id or 0)
        return [(line.subject, line.workspace) for line in found]

    assert told() == []
    with database.system() as session:
        session.add(
            Membership(
                user_id=scope.user_id or 0, workspace_id=other.workspace_id or 0, role=Role.VIEWER
            )
        )
    assert told() == [("Soil", "Other client")]
    with database.reading(scope) as session:
        assert session.exec(select(Prospect)).all() == []
