"""The tally of the pipeline equals a recount, whatever people and processes do."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from outreach.campaigns import services
from outreach.campaigns.models import Campaign, Opportunity, PipelineTally
from outreach.campaigns.rules import moves_from
from outreach.campaigns.tally import Place, Total, tally
from outreach.campaigns.words import Stage
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.desk.recount_pipeline import wrong_tallies
from outreach.workflows.move_opportunities import add_to_campaign, move, take_out_again
from tests import factories
from tests.factories_campaigns import NOW, make_approved, make_campaign, make_opportunity

DRIVER = """
import random, sys
from outreach.core.db import Database, Scope, make_engine
from tests.services import test_pipeline_tally

url, work, workspace_id, user_id, seed = *sys.argv[1:3], *map(int, sys.argv[3:])
database = Database(make_engine(url))
do = getattr(test_pipeline_tally, work)
do(database, Scope(workspace_id, user_id), random.Random(seed), rounds=40)
"""


def shuffle(database: Database, scope: Scope, dice: random.Random, *, rounds: int) -> None:
    """Do at random what people do to opportunities."""
    with database.reading(scope) as session:
        prospects = sorted(session.exec(select(Opportunity.prospect_id)).all())
        campaigns = sorted(key for key in session.exec(select(Campaign.id)).all() if key)
    for turn in range(rounds):
        now = NOW + timedelta(seconds=turn)
        match dice.randrange(6):
            case 0:
                chosen = dice.sample(prospects, 5)
                added = add_to_campaign(database, scope, dice.choice(campaigns), chosen, now=now)
                if dice.random() < 0.5:
                    take_out_again(database, scope, added.opportunity_ids)
            case kind:
                # Another process may have moved or removed the same one at this moment.
                with suppress(NotFound, Conflict), database.writing(scope) as session:
                    _change_one(session, dice, kind)


def move_two_at_once(database: Database, scope: Scope, dice: random.Random, *, rounds: int) -> None:
    """Move two opportunities one after the other, their campaigns in any order."""
    for _ in range(rounds):
        with database.writing(scope) as session:
            rows = session.exec(select(Opportunity).order_by(col(Opportunity.id))).all()
            for number in sorted(dice.sample(range(len(rows)), 2)):
                stage = dice.choice(moves_from(rows[number].stage))
                with suppress(Conflict):
                    move(session, rows[number], stage, now=NOW, reason="By the dice.")


def _change_one(session: Session, dice: random.Random, kind: int) -> None:
    rows = session.exec(select(Opportunity).order_by(col(Opportunity.id))).all()
    row = dice.choice(rows)
    if kind == 1:
        owner = dice.choice([None, session.scope.user_id])
        services.assign_opportunity(session, row, owner, now=NOW)
    elif kind == 2:
        services.value_opportunity(session, row, dice.randrange(100_000), now=NOW)
    elif kind == 3:
        services.remove_with_prospects(session, [row.prospect_id])
    else:
        stage = dice.choice(moves_from(row.stage))
        move(session, row, stage, now=NOW, reason="By the dice.")


def fill(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        campaigns = [make_campaign(session) for _ in range(3)]
        for number in range(30):
            prospect = make_approved(session)
            make_opportunity(
                session, campaign=campaigns[number % 3], prospect=prospect, value_cents=number
            )


def assert_true(database: Database, scope: Scope) -> None:
    with database.reading(scope) as session:
        assert wrong_tallies(session) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_tally_equals_a_recount_after_anything(
    database: Database, scope: Scope, seed: int
) -> None:
    fill(database, scope)
    shuffle(database, scope, random.Random(seed), rounds=40)
    assert_true(database, scope)


@pytest.mark.parametrize("work", ["shuffle", "move_two_at_once"])
def test_the_tally_equals_a_recount_after_four_processes_at_once(
    database: Database, database_url: str, scope: Scope, work: str
) -> None:
    fill(database, scope)
    place = [str(scope.workspace_id), str(scope.user_id)]
    command = [sys.executable, "-c", DRIVER, database_url, work, *place]
    workers = [
        subprocess.Popen([*command, str(seed)], stderr=subprocess.PIPE, text=True)
        for seed in range(4)
    ]
    said = [worker.communicate(timeout=60)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4, "\n".join(said)
    assert_true(database, scope)


def test_what_was_noted_is_forgotten_with_its_transaction(database: Database, scope: Scope) -> None:
    fill(database, scope)
    with suppress(NotFound), database.writing(scope) as session:
        make_opportunity(session)
        raise NotFound("Something else failed.")
    assert_true(database, scope)


def test_two_people_moving_one_card_count_it_once(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        opportunity_id = make_opportunity(session, stage=Stage.READY).key
    with database.reading(scope) as session:
        stale = session.exec(select(Opportunity).where(Opportunity.id == opportunity_id)).one()
    with database.writing(scope) as session:
        mine = session.exec(select(Opportunity).where(Opportunity.id == opportunity_id)).one()
        services.move_opportunity(session, mine, Stage.PITCHED, now=NOW)
    with database.writing(scope) as session:
        session.add(stale)  # still says "ready", as the page of a slow colleague does
        services.move_opportunity(session, stale, Stage.COMMITTED, now=NOW)
    assert_true(database, scope)


def test_a_value_moves_with_its_opportunity(session: Session) -> None:
    opportunity = make_opportunity(session, stage=Stage.READY, value_cents=250_00)
    campaign_id = opportunity.campaign_id

    services.move_opportunity(session, opportunity, Stage.PITCHED, now=NOW)
    services.value_opportunity(session, opportunity, 300_00, now=NOW)

    assert tally(session) == {Place(campaign_id, 0, Stage.PITCHED): Total(1, 300_00)}


@pytest.mark.parametrize("cents", [-1, 100_000_000_01])
def test_a_value_nobody_would_pay_is_refused(session: Session, cents: int) -> None:
    opportunity = make_opportunity(session)
    with pytest.raises(Invalid):
        services.value_opportunity(session, opportunity, cents, now=NOW)


def test_a_wrong_tally_is_found_and_named(session: Session) -> None:
    make_opportunity(session, stage=Stage.READY, value_cents=100)
    assert tally(session)  # what was noted is written now
    session.execute(update(PipelineTally).values(opportunity_count=7))
    (said,) = wrong_tallies(session)
    assert "ready" in said
    assert "kept 7 worth 1.00, counted 1 worth 1.00" in said


def test_one_workspaces_tally_knows_nothing_of_anothers(database: Database, scope: Scope) -> None:
    with database.writing(factories.make_workspace(database)) as session:
        make_opportunity(session)
    with database.reading(scope) as session:
        assert tally(session) == {}
