"""Bulk actions on prospects and contacts: what is said, done, left alone and taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from outreach.activity.models import Activity, Job
from outreach.activity.services import claim_job, get_job
from outreach.campaigns.models import Opportunity
from outreach.campaigns.words import Stage
from outreach.contacts.tagging import tags_of_contacts
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.errors import Invalid
from outreach.desk.recount_pipeline import wrong_tallies
from outreach.fields.queries import values_of_records
from outreach.fields.services import add_field, set_value
from outreach.fields.words import FieldKind, FieldSubject
from outreach.prospects.models import Prospect
from outreach.prospects.reviews import decide
from outreach.prospects.rules import Decision
from outreach.prospects.tagging import add_tags, tags_of_prospects
from outreach.prospects.words import Review
from outreach.tags.models import Tag
from outreach.tags.services import ensure_tag
from outreach.workflows import bulk
from outreach.workflows.bulk import BulkKind, Chosen, begin_bulk, begin_bulk_undo, run_bulk
from outreach.workflows.bulk_additions import FILL_IN, JOIN
from outreach.workflows.bulk_choice import all_that_match
from outreach.workflows.bulk_kinds import KINDS
from outreach.workflows.bulk_prospects import ASSIGN, DECIDE, DESCRIBE, REOPEN
from outreach.workflows.bulk_tags import (
    TAG_CONTACTS,
    TAG_PROSPECTS,
    UNTAG_CONTACTS,
    UNTAG_PROSPECTS,
)
from outreach.workflows.move_opportunities import move_by_hand
from tests.factories import add, make_prospect, make_workspace
from tests.factories_campaigns import make_campaign, make_contact

NOW = utc_now()
APPROVE: dict[str, Any] = {"review": "approved"}


@pytest.fixture
def five(database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Three new prospects, one put aside, one rejected; chunks of two."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    reviews = [Review.NEW, Review.NEW, Review.NEW, Review.LATER, Review.REJECTED]
    with database.writing(scope) as session:
        return [make_prospect(session, review=review, country="DE").key for review in reviews]


def everything(**arguments: str) -> Chosen:
    return all_that_match(arguments, NOW)


def do(
    database: Database, scope: Scope, kind: BulkKind, chosen: Chosen, arguments: dict[str, Any]
) -> tuple[int, str, str]:
    """Do an action to its end; return its id, what it said it would do and what it said it did."""
    with database.writing(scope) as session:
        action, job = begin_bulk(session, kind, chosen, arguments)
        action_id, said = action.key, action.sentence
    return action_id, said, _work(database, scope, job.key)


def undo(database: Database, scope: Scope, action_id: int) -> str:
    with database.writing(scope) as session:
        job_id = begin_bulk_undo(session, action_id).key
    return _work(database, scope, job_id)


def _work(database: Database, scope: Scope, job_id: int) -> str:
    with database.writing(scope) as session:
        assert claim_job(session, job_id, now=NOW) is not None
    run_bulk(database, scope, job_id, KINDS, utc_now)
    with database.reading(scope) as session:
        return get_job(session, job_id).sentence


def column(database: Database, scope: Scope, name: str) -> list[Any]:
    with database.reading(scope) as session:
        return list(session.exec(select(getattr(Prospect, name)).order_by(col(Prospect.id))).all())


def test_approving_all_that_match_changes_the_open_ones_and_comes_back_exactly(
    database: Database, scope: Scope, five: list[int]
) -> None:
    before = column(database, scope, "review")

    action_id, said, done = do(database, scope, DECIDE, everything(country="DE"), APPROVE)

    assert said == "Approve 4 prospects. 1 stays: it was decided on before."
    assert done == "Decided on 4. 1 stays as it was."
    assert column(database, scope, "review") == [*[Review.APPROVED] * 4, Review.REJECTED]
    assert undo(database, scope, action_id) == "Took back 4."
    assert column(database, scope, "review") == before


def test_a_filter_that_the_action_empties_is_walked_to_its_end(
    database: Database, scope: Scope, five: list[int]
) -> None:
    *_, done = do(database, scope, DECIDE, everything(review="new"), APPROVE)
    assert done == "Decided on 3."
    assert column(database, scope, "review").count(Review.APPROVED) == 3


def test_an_undo_leaves_what_somebody_decided_since(
    database: Database, scope: Scope, five: list[int]
) -> None:
    action_id, *_ = do(database, scope, DECIDE, Chosen(ids=tuple(five[:3])), APPROVE)
    with database.writing(scope) as session:
        row = session.exec(select(Prospect).where(Prospect.id == five[1])).one()
        row.review = Review.NEW
        session.flush()
        decide(session, row, Decision(Review.REJECTED, "Spam"), now=NOW)

    assert undo(database, scope, action_id) == (
        "Took back 2. 1 was changed by somebody since; 1 stays as it was."
    )
    assert column(database, scope, "review")[:3] == [Review.NEW, Review.REJECTED, Review.NEW]


def test_rejecting_and_putting_aside_keep_their_reason_and_day(
    database: Database, scope: Scope, five: list[int]
) -> None:
    until = (NOW + timedelta(days=30)).isoformat()
    _, said, _ = do(
        database, scope, DECIDE, Chosen(ids=tuple(five[:1])), {"review": "later", "until": until}
    )
    assert said.startswith("Put aside 1 prospect until ")
    _, said, _ = do(database, scope, DECIDE, Chosen(ids=tuple(five[1:2])),
                    {"review": "rejected", "reason": "Asks for money"})  # fmt: skip
    assert said == "Reject 1 prospect: Asks for money."
    assert column(database, scope, "review_after")[0].isoformat() == until
    assert column(database, scope, "rejected_because")[1] == "Asks for money"


def test_reopening_takes_every_decision_back_and_can_be_undone(
    database: Database, scope: Scope, five: list[int]
) -> None:
    before = column(database, scope, "review")
    action_id, said, _ = do(database, scope, REOPEN, everything(), {})
    assert "Put 2 prospects back into the review" in said
    assert set(column(database, scope, "review")) == {Review.NEW}
    undo(database, scope, action_id)
    assert column(database, scope, "review") == before


def test_an_owner_and_a_fact_are_set_said_and_taken_back(
    database: Database, scope: Scope, five: list[int]
) -> None:
    owner, said, _ = do(database, scope, ASSIGN, everything(), {"owner_id": scope.user_id})
    assert said.startswith("Hand 5 prospects to ")
    tactic, said, _ = do(
        database, scope, DESCRIBE, everything(), {"name": "tactic", "value": "guest_post"}
    )
    assert said == "Set the tactic of 5 prospects to “guest post”."
    country, said, _ = do(
        database, scope, DESCRIBE, everything(), {"name": "country", "value": "at"}
    )
    assert said == "Set the country of 5 prospects to “AT”. 5 of them say otherwise now."
    assert set(column(database, scope, "country")) == {"AT"}
    for action_id in (owner, tactic, country):
        assert undo(database, scope, action_id) == "Took back 5."
    assert set(column(database, scope, "owner_id")) == {None}
    assert set(column(database, scope, "tactic")) == {""}
    assert set(column(database, scope, "country")) == {"DE"}


def test_tags_are_put_on_taken_off_and_put_back_as_they_were(
    database: Database, scope: Scope, five: list[int]
) -> None:
    with database.writing(scope) as session:
        tag_id = ensure_tag(session, "Autumn").key
        add_tags(session, five[:1], [tag_id])

    def tagged() -> set[int]:
        with database.reading(scope) as session:
            return set(tags_of_prospects(session, five))

    action_id, said, _ = do(database, scope, TAG_PROSPECTS, everything(), {"tag_id": tag_id})
    assert said == "Put the tag “Autumn” on 4 prospects. 1 carries it already."
    assert tagged() == set(five)
    undo(database, scope, action_id)
    assert tagged() == {five[0]}
    action_id, said, _ = do(database, scope, UNTAG_PROSPECTS, everything(), {"tag_id": tag_id})
    assert said == "Take the tag “Autumn” off 1 prospect."
    assert tagged() == set()
    undo(database, scope, action_id)
    assert tagged() == {five[0]}


def test_contacts_are_tagged_by_their_filter(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        ids = [make_contact(session, country=country).key for country in ("DE", "DE", "AT")]
        tag_id = ensure_tag(session, "Press").key

    def tagged() -> set[int]:
        with database.reading(scope) as session:
            return set(tags_of_contacts(session, ids))

    action_id, said, _ = do(
        database, scope, TAG_CONTACTS, everything(country="DE"), {"tag_id": tag_id}
    )
    assert said == "Put the tag “Press” on 2 contacts."
    assert tagged() == set(ids[:2])
    do(database, scope, UNTAG_CONTACTS, Chosen(ids=(ids[0],)), {"tag_id": tag_id})
    assert undo(database, scope, action_id).startswith("Took back 1. 1 was changed")
    assert tagged() == set()


def test_a_field_is_filled_in_and_what_it_held_comes_back(
    database: Database, scope: Scope, five: list[int]
) -> None:
    with database.writing(scope) as session:
        field = add_field(
            session, FieldSubject.PROSPECT, "Deal", FieldKind.CHOICE, ["Hot", "Cold"], now=NOW
        )
        set_value(session, field, five[0], "Cold", now=NOW)
        set_value(session, field, five[1], "Hot", now=NOW)
        field_id = field.key

    def texts() -> dict[int, str]:
        with database.reading(scope) as session:
            found = values_of_records(session, [field_id], FieldSubject.PROSPECT, five)
            return {key: held[field_id] for key, held in found.items()}

    arguments = {"field_id": field_id, "value": "hot"}
    action_id, said, _ = do(database, scope, FILL_IN, everything(), arguments)
    assert said == (
        "Set “Deal” of 4 prospects to “Hot”. 1 of them holds something else."
        " 1 stays: it holds that already."
    )
    assert texts() == dict.fromkeys(five, "Hot")
    undo(database, scope, action_id)
    assert texts() == {five[0]: "Cold", five[1]: "Hot"}
    emptied, *_ = do(database, scope, FILL_IN, everything(), {**arguments, "value": ""})
    assert texts() == {}
    undo(database, scope, emptied)
    assert texts() == {five[0]: "Cold", five[1]: "Hot"}


def test_joining_a_campaign_leaves_the_rejected_out_and_the_undo_leaves_what_was_worked_on(
    database: Database, scope: Scope, five: list[int]
) -> None:
    with database.writing(scope) as session:
        campaign_id = make_campaign(session).key
    arguments = {"campaign_id": campaign_id}
    action_id, said, done = do(database, scope, JOIN, everything(), arguments)
    assert "Add 4 prospects to “" in said
    assert said.endswith(" 1 stays: it was rejected.")
    assert done == "Added 4. 1 stays as it was."
    with database.reading(scope) as session:
        ids = session.exec(select(Opportunity.id).order_by(col(Opportunity.id))).all()
    move_by_hand(database, scope, ids[0] or 0, Stage.QUALIFIED, now=utc_now())

    assert undo(database, scope, action_id).startswith("Took back 3. 1 was changed")
    with database.reading(scope) as session:
        assert session.exec(select(Opportunity.id)).all() == [ids[0]]
        assert wrong_tallies(session) == []
    assert column(database, scope, "stage").count("") == 4


def test_each_change_is_on_the_records_timeline(
    database: Database, scope: Scope, five: list[int]
) -> None:
    action_id, *_ = do(database, scope, DECIDE, Chosen(ids=(five[0],)), APPROVE)
    undo(database, scope, action_id)
    with database.reading(scope) as session:
        lines = session.exec(
            select(Activity.verb, Activity.user_id).where(Activity.subject_id == five[0])
        ).all()
    assert lines == [("decided", scope.user_id), ("put back", scope.user_id)]


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (DECIDE, {"review": "new"}),
        (DECIDE, {"review": "rejected"}),
        (DECIDE, {"review": "later"}),
        (ASSIGN, {"owner_id": 999_999}),
        (DESCRIBE, {"name": "domain", "value": "x"}),
        (DESCRIBE, {"name": "country", "value": "Germany"}),
        (TAG_PROSPECTS, {}),
        (FILL_IN, {}),
        (JOIN, {}),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_queued(
    database: Database, scope: Scope, five: list[int], kind: BulkKind, arguments: dict[str, Any]
) -> None:
    with pytest.raises(Invalid), database.writing(scope) as session:
        begin_bulk(session, kind, everything(), arguments)
    with database.reading(scope) as session:
        assert session.exec(select(Job.id)).all() == []


def test_a_choice_is_only_ever_of_its_own_workspace(
    database: Database, scope: Scope, five: list[int]
) -> None:
    other = make_workspace(database)
    with database.writing(other) as session:
        add(session, Tag(name="Mine", name_key="mine"))
        plan = DECIDE.plan(session, Chosen(ids=tuple(five)), APPROVE)
    assert (plan.count, plan.total) == (0, 0)
