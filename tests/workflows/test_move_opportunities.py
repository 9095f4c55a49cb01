"""Adding prospects to campaigns and moving them, with the prospect's stage kept true."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.campaigns.words import Stage
from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict, NotFound
from outreach.prospects.models import Prospect
from outreach.sequences.models import Enrollment, Sequence
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.workflows import move_opportunities
from tests import factories
from tests.factories_campaigns import (
    NOW,
    make_approved,
    make_campaign,
    make_contact,
    make_mailbox,
    make_opportunity,
)


def stage_of(database: Database, scope: Scope, prospect_id: int) -> str:
    with database.reading(scope) as session:
        statement = select(Prospect.stage).where(Prospect.id == prospect_id)
        return str(session.exec(statement).one())


def test_adding_in_chunks_notes_every_stage_and_can_be_undone(
    database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move_opportunities, "CHUNK", 2)
    with database.writing(scope) as session:
        campaign_id = make_campaign(session).key
        ids = [make_approved(session).key for _ in range(5)]

    added = move_opportunities.add_to_campaign(database, scope, campaign_id, ids, now=NOW)
    again = move_opportunities.add_to_campaign(database, scope, campaign_id, ids, now=NOW)

    assert (len(added.opportunity_ids), len(again.opportunity_ids), again.known) == (5, 0, 5)
    assert {stage_of(database, scope, key) for key in ids} == {"qualified"}

    gone = move_opportunities.take_out_again(database, scope, added.opportunity_ids)
    assert gone == 5
    assert {stage_of(database, scope, key) for key in ids} == {""}


def test_adding_to_a_campaign_that_is_not_ours_is_refused(database: Database, scope: Scope) -> None:
    with database.writing(factories.make_workspace(database)) as session:
        foreign = make_campaign(session).key

    with pytest.raises(NotFound):
        move_opportunities.add_to_campaign(database, scope, foreign, [], now=NOW)


def test_a_move_keeps_the_prospects_stage_true_over_all_its_campaigns(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        prospect = make_approved(session)
        one = make_opportunity(session, prospect=prospect, stage=Stage.READY)
        make_opportunity(session, prospect=prospect, stage=Stage.QUALIFIED)

    def move(stage: Stage) -> Stage:
        return move_opportunities.move_by_hand(
            database, scope, one.key, stage, now=NOW, reason="They told us."
        )

    assert move(Stage.COMMITTED) is Stage.READY
    assert stage_of(database, scope, prospect.key) == "committed"
    move(Stage.WON)
    assert stage_of(database, scope, prospect.key) == "qualified"


@pytest.mark.parametrize(
    ("stage", "cause"),
    [
        (Stage.IN_CONVERSATION, StopCause.REPLIED),
        (Stage.WON, StopCause.WON),
        (Stage.LOST, StopCause.LOST),
        (Stage.DECLINED, StopCause.MANUAL),
    ],
)
def test_nobody_is_chased_after_the_pitching_is_over(
    database: Database, scope: Scope, stage: Stage, cause: StopCause
) -> None:
    with database.writing(scope) as session:
        contact = make_contact(session)
        opportunity = make_opportunity(session, contact_id=contact.key, stage=Stage.PITCHED)
        sequence = Sequence(name="Three steps")
        factories.add(session, sequence)
        enrollment = Enrollment(
            sequence_id=sequence.key, opportunity_id=opportunity.key, contact_id=contact.key,
            mailbox_id=make_mailbox(session).key, domain="firm.example",
            due_at=NOW + timedelta(days=3),
        )  # fmt: skip
        factories.add(session, enrollment)

    move_opportunities.move_by_hand(
        database, scope, opportunity.key, stage, now=NOW, reason="They told us."
    )

    with database.reading(scope) as session:
        row = session.get_one(Enrollment, enrollment.key)
    assert (row.state, row.stopped_because) == (EnrollmentState.STOPPED, cause)


def test_a_refused_move_leaves_the_sequence_running(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        opportunity = make_opportunity(session, stage=Stage.PITCHED)

    with pytest.raises(Conflict, match="Say why"):
        move_opportunities.move_by_hand(database, scope, opportunity.key, Stage.LOST, now=NOW)

    assert stage_of(database, scope, opportunity.prospect_id) == ""
