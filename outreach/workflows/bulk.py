"""One action on everything a filter found: in chunks, resumed after a kill, and undone exactly.

An action walks the ids of its subjects upwards, `AT_ONCE` for each transaction, never beyond the
highest id there was when it was asked for. Each chunk is one transaction: the changes, what every
record was before and after (`BulkChange`), and how far the action is. A kill therefore loses
nothing and does nothing twice. Undoing walks those changes in the same way and restores a record
only while it still is what the action made of it.

What an action does to its subjects is a `BulkKind`; `bulk_kinds.KINDS` lists them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import col, func, select, update

from outreach.activity.models import BulkAction, BulkChange, Job
from outreach.activity.services import Subject, finish_job, get_job, note_progress, queue_job
from outreach.activity.words import BulkState, JobState
from outreach.core.db import bulk_write
from outreach.core.errors import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from outreach.core.db import Database, Scope, Session

    Clock = Callable[[], datetime]

BULK_JOB = "bulk"
UNDO_BULK_JOB = "undo_bulk"
AT_ONCE = 300  # records for each transaction, some 20 ms of the writer's lock
MOST_IDS = 5_000  # a selection by hand; more is asked for by a filter

_WORKING = {BULK_JOB: BulkState.RUNNING, UNDO_BULK_JOB: BulkState.UNDOING}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which records an action is for: these ids, or what a filter finds among all of them."""

    ids: tuple[int, ...] = ()
    query: dict[str, object] = field(default_factory=dict)  # the list's filter, as its URL says it
    is_all: bool = False  # everything the filter finds

    def to_json(self) -> dict[str, object]:
        """Give what is kept with the action."""
        return {"query": self.query} if self.is_all else {"ids": sorted(self.ids)}

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Chosen:
        """Read what was kept with an action."""
        ids, query = kept.get("ids", ()), kept.get("query")
        if isinstance(query, dict):
            return cls(query=query, is_all=True)
        return cls(ids=tuple(ids) if isinstance(ids, (list, tuple)) else ())


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action would do, before anybody has agreed to it."""

    count: int  # records it would change
    total: int  # records chosen
    sentence: str  # "Move 37 opportunities to pitched. 2 stay: …"
    up_to_id: int  # the highest id there is now


@dataclass(frozen=True, slots=True)
class Change:
    """What one record was before an action and is after it, in words JSON knows."""

    subject_id: int
    before: dict[str, object]
    after: dict[str, object]


Arguments = dict[str, object]


@dataclass(frozen=True, slots=True)
class BulkKind:
    """One thing that can be done to many records; every function works in the caller's session.

    Attributes:
        name: Kept with the action, such as "move_opportunities".
        subject: The table, such as "opportunity".
        done: "Moved", for the progress.
        plan: Say what would happen; raises `Invalid` for arguments that make no sense.
        find: Return at most `limit` ids above `after_id` up to `up_to_id`, ascending.
        change: Change these records, leaving those the action is not for; returns what changed.
        restore: Put back those that still are what the action made of them; returns how many.
    """

    name: str
    subject: str
    done: str
    plan: Callable[[Session, Chosen, Arguments], Plan]
    find: Callable[[Session, Chosen, int, int, int], list[int]]
    change: Callable[[Session, Sequence[int], Arguments, datetime], list[Change]]
    restore: Callable[[Session, Sequence[Change], datetime], int]


def begin_bulk(
    session: Session, kind: BulkKind, chosen: Chosen, arguments: Arguments
) -> tuple[BulkAction, Job]:
    """Keep an action a person agreed to and queue its job.

    Raises:
        Invalid: Nothing is chosen, more than a selection holds, or nothing would change.
    """
    if not chosen.is_all and not chosen.ids:
        raise Invalid("Choose at least one row first.")
    if len(chosen.ids) > MOST_IDS:
        raise Invalid(f"Select at most {MOST_IDS:,} rows, or all that a filter finds.")
    plan = kind.plan(session, chosen, arguments)
    if not plan.count:
        raise Invalid(plan.sentence)
    action = BulkAction(
        kind=kind.name,
        subject_type=kind.subject,
        chosen=chosen.to_json(),
        arguments=arguments,
        sentence=plan.sentence,
        state=BulkState.RUNNING,
        up_to_id=plan.up_to_id,
        user_id=session.scope.user_id,
    )
    session.add(action)
    session.flush()
    subject = Subject("bulk_action", action.key)
    return action, queue_job(session, BULK_JOB, subject=subject, total=plan.total)


def begin_bulk_undo(session: Session, bulk_action_id: int) -> Job:
    """Queue the undoing of an action that has ended, whether it came to its end or was stopped.

    Raises:
        NotFound: There is no such action in this workspace.
        Conflict: It is still at work, or was taken back already.
    """
    action = get_bulk_action(session, bulk_action_id)
    if action.state in {BulkState.UNDOING, BulkState.UNDONE}:
        raise Conflict("This was taken back already.")
    if any(not job.is_over for job in _jobs_of(session, action.key)):
        raise Conflict("This is still at work. Stop it first, then undo it.")
    taken = session.execute(
        update(BulkAction)
        .where(col(BulkAction.id) == action.key, col(BulkAction.state) == action.state)
        .values(state=BulkState.UNDOING, next_id=0, changed_count=0)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("This was taken back already.")
    total = session.exec(
        select(func.count()).select_from(BulkChange).where(BulkChange.bulk_action_id == action.key)
    ).one()
    return queue_job(
        session, UNDO_BULK_JOB, subject=Subject("bulk_action", action.key), total=total
    )


def resume_bulk(session: Session, bulk_action_id: int) -> Job:
    """Queue an action, or its undo, whose job failed: it goes on after its last whole chunk.

    Raises:
        NotFound: There is no such action in this workspace.
        Conflict: It did not fail.
    """
    held = select(BulkAction.id).where(BulkAction.id == bulk_action_id).with_for_update()
    session.exec(held).first()  # of two people who click at once, one finds it at work
    action = get_bulk_action(session, bulk_action_id)
    last = next(iter(_jobs_of(session, action.key)), None)
    if last is None or last.state is not JobState.FAILED:
        raise Conflict("This did not fail, so there is nothing to resume.")
    subject = Subject("bulk_action", action.key)
    job = queue_job(session, last.kind, subject=subject, total=last.total_count)
    job.done_count = last.done_count
    session.flush()
    return job


def _jobs_of(session: Session, bulk_action_id: int) -> Sequence[Job]:
    """Return the jobs of an action, the newest first."""
    return session.exec(
        select(Job)
        .where(Job.subject_type == "bulk_action", Job.subject_id == bulk_action_id)
        .order_by(col(Job.id).desc())
        .execution_options(populate_existing=True)
    ).all()


def get_bulk_action(session: Session, bulk_action_id: int) -> BulkAction:
    """Return an action as the database has it now.

    Raises:
        NotFound: There is none in this workspace.
    """
    action = session.exec(
        select(BulkAction)
        .where(BulkAction.id == bulk_action_id)
        .execution_options(populate_existing=True)
    ).first()
    if action is None:
        raise NotFound("There is no such action in this workspace.")
    return action


def run_bulk(
    database: Database, scope: Scope, job_id: int, kinds: Mapping[str, BulkKind], clock: Clock
) -> None:
    """Do an action, or undo it, from where it stopped; the job was claimed by the caller."""
    with database.reading(scope) as session:
        job = get_job(session, job_id)
        action = get_bulk_action(session, job.subject_id or 0)
    kind = kinds.get(action.kind)
    if kind is None:
        raise Invalid(f"Nothing here knows how to {action.kind.replace('_', ' ')}.")
    work, pace = _Work(job, action, kind), _Pace(clock(), job.done_count)
    while True:
        now = clock()
        with database.writing(scope) as session:
            go_on = _step(session, work, pace, now)
            if go_on is None:
                session.rollback()
                break
        if not go_on:
            return
    _note_stop(database, scope, work)


@dataclass(slots=True)
class _Work:
    job: Job
    action: BulkAction
    kind: BulkKind

    @property
    def is_undo(self) -> bool:
        return self.job.kind == UNDO_BULK_JOB


@dataclass(frozen=True, slots=True)
class _Pace:
    """How fast this attempt is, for the sentence people watch."""

    since: datetime
    done_before: int

    def sentence(self, work: _Work, now: datetime) -> str:
        """Say how far it is, how fast, and how long it will take."""
        done, total = work.job.done_count, work.job.total_count
        verb = "Took back" if work.is_undo else work.kind.done
        said = f"{verb} {work.action.changed_count:,}; looked at {done:,}"
        said += f" of {total:,}" if total else ""
        took = (now - self.since).total_seconds()
        rate = (done - self.done_before) / took if took > 0 else 0
        if rate < 1 or not total:
            return said + "."
        left = max(0, total - done) / rate
        return f"{said} · {rate:,.0f} a second · {_time(left)} left."


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def _step(session: Session, work: _Work, pace: _Pace, now: datetime) -> bool | None:
    """Do one chunk; False at the end, None when somebody stopped it or has it taken over."""
    action, job, start = work.action, work.job, work.action.next_id
    ids, changed = (_undo_chunk if work.is_undo else _do_chunk)(session, work, now)
    if not ids:
        _end(session, work, now)
        return False
    action.next_id, action.changed_count = ids[-1], action.changed_count + changed
    job.done_count += len(ids)
    if not _advance(session, work, start):
        return None
    if not note_progress(session, job, now=now, sentence=pace.sentence(work, now)):
        return None
    return True


def _do_chunk(session: Session, work: _Work, now: datetime) -> tuple[list[int], int]:
    action = work.action
    chosen = Chosen.from_json(action.chosen)
    ids = work.kind.find(session, chosen, action.next_id, action.up_to_id, AT_ONCE)
    changes = work.kind.change(session, ids, action.arguments, now) if ids else []
    bulk_write(
        session,
        BulkChange,
        ("bulk_action_id", "subject_id", "before", "after", "created_at", "updated_at"),
        [(action.key, row.subject_id, row.before, row.after, now, now) for row in changes],
    )
    return ids, len(changes)


def _undo_chunk(session: Session, work: _Work, now: datetime) -> tuple[list[int], int]:
    rows = session.exec(
        select(BulkChange.subject_id, BulkChange.before, BulkChange.after)
        .where(
            BulkChange.bulk_action_id == work.action.key,
            BulkChange.subject_id > work.action.next_id,
        )
        .order_by(col(BulkChange.subject_id))
        .limit(AT_ONCE)
    ).all()
    changes = [Change(key, dict(before), dict(after)) for key, before, after in rows]
    return [change.subject_id for change in changes], work.kind.restore(session, changes, now)


def _advance(session: Session, work: _Work, start: int) -> bool:
    """Move the action's own mark; False when another worker moved it meanwhile."""
    action = work.action
    moved = session.execute(
        update(BulkAction)
        .where(
            col(BulkAction.id) == action.key,
            col(BulkAction.state) == _WORKING[work.job.kind],
            col(BulkAction.next_id) == start,
        )
        .values(next_id=action.next_id, changed_count=action.changed_count)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount == 1)  # type: ignore[attr-defined]


def _end(session: Session, work: _Work, now: datetime) -> None:
    action = get_bulk_action(session, work.action.key)
    action.state = BulkState.UNDONE if work.is_undo else BulkState.DONE
    action.finished_at = now
    session.flush()
    finish_job(session, work.job.key, JobState.DONE, sentence_of_end(work), now=now)


def sentence_of_end(work: _Work) -> str:
    """Say what an action came to."""
    changed, seen = work.action.changed_count, work.job.done_count
    verb = "Took back" if work.is_undo else work.kind.done
    said = f"{verb} {changed:,}."
    left = seen - changed
    stay = "1 stays as it was" if left == 1 else f"{left:,} stay as they were"
    if left and work.is_undo:
        said += f" {left:,} {'was' if left == 1 else 'were'} changed by somebody since; {stay}."
    elif left:
        said += f" {stay}."
    return said


def _note_stop(database: Database, scope: Scope, work: _Work) -> None:
    """Let a stopped action say so; what it did, and what its undo left, can still be undone."""
    with database.writing(scope) as session:
        if get_job(session, work.job.key).state is not JobState.CANCELLED:
            return
        action = get_bulk_action(session, work.action.key)
        action.state = BulkState.CANCELLED
        session.flush()
