"""Bulk actions: chunks, kills, stops and exact undo, on the moves of the pipeline."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from outreach.activity.models import Activity, BulkAction, BulkChange, Job
from outreach.activity.services import claim_job, finish_job, get_job, note_progress
from outreach.activity.words import BulkState, JobState
from outreach.campaigns.models import Opportunity
from outreach.campaigns.queries import get_opportunity
from outreach.campaigns.tally import stage_counts
from outreach.campaigns.words import Stage
from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.desk.recount_pipeline import wrong_tallies
from outreach.workflows import bulk
from outreach.workflows.bulk import Chosen, begin_bulk, begin_bulk_undo, resume_bulk, run_bulk
from outreach.workflows.bulk_kinds import KINDS
from outreach.workflows.bulk_opportunities import ASSIGN, MOVE, VALUE
from outreach.workflows.move_opportunities import move_by_hand
from tests import factories
from tests.factories_campaigns import NOW, make_campaign, make_opportunity

LATER = NOW + timedelta(hours=1)
TO_PITCHED: dict[str, Any] = {"stage": "pitched"}


def clock() -> datetime:
    return LATER


@pytest.fixture
def ready(database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seven opportunities, five of them ready; chunks of two."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    with database.writing(scope) as session:
        campaign = make_campaign(session)
        stages = [*[Stage.READY] * 5, Stage.PITCHED, Stage.WON]
        return [make_opportunity(session, campaign=campaign, stage=at).key for at in stages]


def begin(database: Database, scope: Scope, chosen: Chosen, **given: Any) -> tuple[int, int]:
    with database.writing(scope) as session:
        kind, arguments = given.get("kind", MOVE), given.get("arguments", TO_PITCHED)
        action, job = begin_bulk(session, kind, chosen, arguments)
        return action.key, job.key


def work(database: Database, scope: Scope, job_id: int, *, at: datetime = LATER) -> Job:
    with database.writing(scope) as session:
        assert claim_job(session, job_id, now=at) is not None
    run_bulk(database, scope, job_id, KINDS, clock)
    with database.reading(scope) as session:
        return get_job(session, job_id)


def undo(database: Database, scope: Scope, action_id: int) -> Job:
    with database.writing(scope) as session:
        job_id = begin_bulk_undo(session, action_id).key
    return work(database, scope, job_id)


def stages(database: Database, scope: Scope, ids: list[int]) -> list[Stage]:
    with database.reading(scope) as session:
        assert wrong_tallies(session) == []
        return [get_opportunity(session, key).stage for key in ids]


def test_a_plan_says_what_moves_and_what_stays_and_why(
    database: Database, scope: Scope, ready: list[int]
) -> None:
    with database.reading(scope) as session:
        plan = MOVE.plan(session, Chosen(is_all=True), TO_PITCHED)
    assert (plan.count, plan.total, plan.up_to_id) == (5, 7, ready[-1])
    assert plan.sentence == (
        "Move 5 to pitched. 1 stays: it is pitched already. "
        "1 stays: say why a won link is no longer won."
    )


def test_all_that_a_filter_finds_moves_in_chunks_and_comes_back(
    database: Database, scope: Scope, ready: list[int]
) -> None:
    action_id, job_id = begin(database, scope, Chosen(query={"stage": "ready"}, is_all=True))
    job = work(database, scope, job_id)

    assert stages(database, scope, ready) == [*[Stage.PITCHED] * 6, Stage.WON]
    assert (job.state, job.sentence) == (JobState.DONE, "Moved 5.")

    job = undo(database, scope, action_id)
    assert stages(database, scope, ready) == [*[Stage.READY] * 5, Stage.PITCHED, Stage.WON]
    assert job.sentence == "Took back 5."
    with database.reading(scope) as session:
        assert get_opportunity(session, ready[0]).stage_changed_at == NOW
        verbs = session.exec(
            select(Activity.verb)
            .where(Activity.subject_type == "opportunity", Activity.subject_id == ready[0])
            .order_by(col(Activity.id))
        ).all()
    assert list(verbs) == ["moved", "put back"]


def test_an_undo_leaves_what_somebody_has_moved_since(
    database: Database, scope: Scope, ready: list[int]
) -> None:
    action_id, job_id = begin(database, scope, Chosen(ids=tuple(ready)))
    work(database, scope, job_id)
    move_by_hand(database, scope, ready[1], Stage.COMMITTED, now=LATER)

    job = undo(database, scope, action_id)

    found = stages(database, scope, ready)
    assert found[:3] == [Stage.READY, Stage.COMMITTED, Stage.READY]
    assert "1 was changed by somebody since; 1 stays as it was." in job.sentence


def test_what_comes_later_is_not_touched(
    database: Database, scope: Scope, ready: list[int]
) -> None:
    _, job_id = begin(database, scope, Chosen(is_all=True))
    with database.writing(scope) as session:
        late = make_opportunity(session, stage=Stage.READY).key
    work(database, scope, job_id)
    assert stages(database, scope, [ready[0], late]) == [Stage.PITCHED, Stage.READY]


class Killed(BaseException):
    """A worker's end that nothing catches."""


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_killed_action_goes_on_where_it_stopped(
    database: Database,
    scope: Scope,
    ready: list[int],
    monkeypatch: pytest.MonkeyPatch,
    chunks: int,
) -> None:
    action_id, job_id = begin(database, scope, Chosen(is_all=True))
    left = [chunks]

    def dying(*given: Any, **named: Any) -> bool:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return real(*given, **named)

    real = note_progress
    monkeypatch.setattr(bulk, "note_progress", dying)
    with pytest.raises(Killed):
        work(database, scope, job_id)
    monkeypatch.setattr(bulk, "note_progress", real)

    job = work(database, scope, job_id, at=LATER + timedelta(hours=1))

    assert job.state is JobState.DONE
    assert job.done_count == 7
    with database.reading(scope) as session:
        action = session.exec(select(BulkAction).where(BulkAction.id == action_id)).one()
        changed = session.exec(select(BulkChange.subject_id)).all()
        moved = session.exec(select(Activity.id).where(Activity.verb == "moved")).all()
    assert (action.changed_count, sorted(changed), len(moved)) == (5, ready[:5], 5)
    assert stages(database, scope, ready) == [*[Stage.PITCHED] * 6, Stage.WON]


def test_a_stopped_action_keeps_what_it_did_and_can_be_undone(
    database: Database, scope: Scope, ready: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    action_id, job_id = begin(database, scope, Chosen(is_all=True))
    with database.writing(scope) as session, pytest.raises(Conflict):
        begin_bulk_undo(session, action_id)
    times = iter([LATER, LATER])  # when it begins, and its first chunk

    def stopping() -> datetime:
        now = next(times, None)
        if now is None:
            with database.writing(scope) as session:
                finish_job(session, job_id, JobState.CANCELLED, "Stopped.", now=LATER)
        return now or LATER

    with database.writing(scope) as session:
        assert claim_job(session, job_id, now=LATER) is not None
    run_bulk(database, scope, job_id, KINDS, stopping)

    with database.reading(scope) as session:
        assert stage_counts(session)[Stage.PITCHED] == 3
    undo(database, scope, action_id)
    assert stages(database, scope, ready) == [*[Stage.READY] * 5, Stage.PITCHED, Stage.WON]


def test_owner_and_value_are_set_and_put_back(
    database: Database, scope: Scope, ready: list[int]
) -> None:
    owner, _ = begin(database, scope, Chosen(ids=tuple(ready)), kind=ASSIGN,
                     arguments={"owner_id": scope.user_id})  # fmt: skip
    value, _ = begin(database, scope, Chosen(ids=tuple(ready)), kind=VALUE,
                     arguments={"value_cents": 120_00})  # fmt: skip
    with database.reading(scope) as session:
        jobs = session.exec(select(Job.id).order_by(col(Job.id))).all()
    for job_id in jobs:
        work(database, scope, job_id or 0)
    with database.reading(scope) as session:
        row = get_opportunity(session, ready[0])
        assert (row.owner_id, row.value_cents) == (scope.user_id, 120_00)
        assert wrong_tallies(session) == []
    undo(database, scope, owner)
    undo(database, scope, value)
    with database.reading(scope) as session:
        rows = session.exec(select(Opportunity)).all()
        assert {(row.owner_id, row.value_cents) for row in rows} == {(None, 0)}
        assert wrong_tallies(session) == []


@pytest.mark.parametrize(
    ("kind", "chosen", "arguments"),
    [
        (MOVE, Chosen(), TO_PITCHED),
        (MOVE, Chosen(ids=tuple(range(1, 6_000))), TO_PITCHED),
        (MOVE, Chosen(is_all=True), {"stage": "nowhere"}),
        (MOVE, Chosen(query={"stage": "pitched"}, is_all=True), TO_PITCHED),
        (ASSIGN, Chosen(is_all=True), {"owner_id": 999_999}),
        (VALUE, Chosen(is_all=True), {"value_cents": -1}),
        (VALUE, Chosen(is_all=True), {}),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_queued(
    database: Database, scope: Scope, ready: list[int], kind: Any, chosen: Chosen, arguments: Any
) -> None:
    with pytest.raises(Invalid), database.writing(scope) as session:
        begin_bulk(session, kind, chosen, arguments)
    with database.reading(scope) as session:
        assert session.exec(select(Job.id)).all() == []


def test_an_action_is_undone_once_and_by_its_own_workspace_only(
    database: Database, scope: Scope, ready: list[int]
) -> None:
    action_id, job_id = begin(database, scope, Chosen(ids=tuple(ready)))
    work(database, scope, job_id)
    other = factories.make_workspace(database)
    with database.writing(other) as session, pytest.raises(NotFound):
        begin_bulk_undo(session, action_id)
    undo(database, scope, action_id)
    with database.writing(scope) as session, pytest.raises(Conflict):
        begin_bulk_undo(session, action_id)
    with database.reading(scope) as session:
        action = session.exec(select(BulkAction)).one()
    assert action.state is BulkState.UNDONE


@pytest.mark.parametrize("is_undo", [False, True])
def test_an_action_that_failed_is_resumed_after_its_last_whole_chunk(
    database: Database, scope: Scope, ready: list[int], is_undo: bool
) -> None:
    action_id, job_id = begin(database, scope, Chosen(query={"stage": "ready"}, is_all=True))
    if is_undo:
        work(database, scope, job_id)
        with database.writing(scope) as session:
            job_id = begin_bulk_undo(session, action_id).key
    calls = 0

    def breaking() -> datetime:
        nonlocal calls
        calls += 1
        if calls == 3:  # its own beginning, one chunk, and then
            raise OSError("No space left on device")
        return LATER

    with database.writing(scope) as session:
        claim_job(session, job_id, now=LATER)
    with pytest.raises(OSError, match="No space"):
        run_bulk(database, scope, job_id, KINDS, breaking)
    with database.writing(scope) as session:
        with pytest.raises(Conflict, match="did not fail"):
            resume_bulk(session, action_id)
        finish_job(session, job_id, JobState.FAILED, "It broke.", now=LATER)

    with database.writing(scope) as session:
        resumed = resume_bulk(session, action_id)
        assert (resumed.done_count, resumed.total_count) == (2, 5)
    with database.writing(scope) as session, pytest.raises(Conflict, match="did not fail"):
        resume_bulk(session, action_id)
    job = work(database, scope, resumed.key)

    assert (job.state, job.done_count) == (JobState.DONE, 5)
    moved = Stage.READY if is_undo else Stage.PITCHED
    assert stages(database, scope, ready) == [*[moved] * 5, Stage.PITCHED, Stage.WON]
