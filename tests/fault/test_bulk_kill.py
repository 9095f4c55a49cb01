"""Workers killed in the middle of a bulk action: nothing done twice, nothing lost, undo exact.

Real processes and a real database; each worker dies after a statement of its own choosing, and the
next one goes on where it stopped.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from outreach.activity.models import Activity, BulkAction, BulkChange, Job
from outreach.activity.services import JOB_LEASE
from outreach.activity.words import BulkState
from outreach.core.db import Database, Scope
from outreach.prospects.models import Prospect
from outreach.prospects.words import Review
from outreach.workflows.bulk import begin_bulk, begin_bulk_undo, get_bulk_action
from outreach.workflows.bulk_choice import all_that_match
from outreach.workflows.bulk_prospects import DECIDE
from tests.factories import make_prospect
from tests.factories_imports import NOW

pytestmark = [pytest.mark.fault, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
COUNT, KILLS = 120, 3  # of an approval and as many of its undo, on each engine


def test_an_action_and_its_undo_survive_kills(
    database: Database, database_url: str, scope: Scope
) -> None:
    with database.writing(scope) as session:
        for number in range(COUNT):
            review = Review.REJECTED if number % 10 == 0 else Review.NEW
            make_prospect(
                session, review=review, rejected_because="Spam" if number % 10 == 0 else ""
            )
    before = decided(database, scope)
    with database.writing(scope) as session:
        chosen = all_that_match({}, NOW)
        action, job = begin_bulk(session, DECIDE, chosen, {"review": "approved"})
        action_id, job_id = action.key, job.key
    open_count = before.count((Review.NEW, ""))

    kill_often(database, database_url, scope, job_id)

    assert decided(database, scope).count((Review.APPROVED, "")) == open_count
    assert state(database, scope, action_id) == (BulkState.DONE, open_count)
    assert told(database, scope, "decided") == open_count
    with database.reading(scope) as session:
        assert len(session.exec(select(BulkChange.id)).all()) == open_count

    with database.writing(scope) as session:
        job_id = begin_bulk_undo(session, action_id).key
    kill_often(database, database_url, scope, job_id)

    assert decided(database, scope) == before
    assert state(database, scope, action_id) == (BulkState.UNDONE, open_count)
    assert told(database, scope, "put back") == open_count


def kill_often(database: Database, url: str, scope: Scope, job_id: int) -> None:
    """Let workers die one after the other, and one come to the end."""
    dice, now = random.Random(job_id), NOW
    endings = []
    for turn in range(KILLS + 1):
        now += JOB_LEASE + timedelta(minutes=1)
        statement = dice.randrange(4, 22) if turn < KILLS else 0
        command = [sys.executable, "-m", "tests.fault.bulk_driver", "--database", url]
        command += ["--workspace", str(scope.workspace_id), "--user", str(scope.user_id)]
        command += ["--job", str(job_id), "--now", now.isoformat(), "--statement", str(statement)]
        endings.append(subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode)
        with database.reading(scope) as session:
            job = session.exec(select(Job).where(Job.id == job_id)).one()
            assert job.done_count <= COUNT
    assert endings == [-signal.SIGKILL] * KILLS + [0]


def decided(database: Database, scope: Scope) -> list[tuple[str, str]]:
    with database.reading(scope) as session:
        rows = select(Prospect.review, Prospect.rejected_because).order_by(col(Prospect.id))
        return [(review, reason) for review, reason in session.exec(rows)]


def state(database: Database, scope: Scope, action_id: int) -> tuple[BulkState, int]:
    with database.reading(scope) as session:
        action: BulkAction = get_bulk_action(session, action_id)
        return action.state, action.changed_count


def told(database: Database, scope: Scope, verb: str) -> int:
    with database.reading(scope) as session:
        return len(session.exec(select(Activity.id).where(Activity.verb == verb)).all())
