"""Reading the timeline and the state of long work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.activity.models import Activity, BulkAction, Job, Tick
from outreach.activity.words import JobState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session


def timeline_of(
    session: Session, kind: str, subject_id: int, *, limit: int = 100
) -> Sequence[Activity]:
    """Return what happened to one thing, newest first."""
    return session.exec(
        select(Activity)
        .where(Activity.subject_type == kind, Activity.subject_id == subject_id)
        .order_by(col(Activity.at).desc(), col(Activity.id).desc())
        .limit(limit)
    ).all()


def jobs_to_run(session: Session, *, now: datetime, limit: int = 20) -> Sequence[Job]:
    """Return queued jobs and those whose worker is gone, oldest first."""
    abandoned = (col(Job.state) == JobState.RUNNING) & (col(Job.lease_until) < now)
    return session.exec(
        select(Job)
        .where((col(Job.state) == JobState.QUEUED) | abandoned)
        .order_by(col(Job.id))
        .limit(limit)
    ).all()


def recent_jobs(session: Session, *, limit: int = 20) -> Sequence[Job]:
    """Return the workspace's jobs, newest first."""
    return session.exec(select(Job).order_by(col(Job.id).desc()).limit(limit)).all()


def latest_job_of(session: Session, kind: str, subject_id: int) -> Job | None:
    """Return the newest long work about one thing, as the database has it now."""
    return session.exec(
        select(Job)
        .where(Job.subject_type == kind, Job.subject_id == subject_id)
        .order_by(col(Job.id).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()


def bulk_actions_before(
    session: Session, before_id: int | None, *, limit: int
) -> Sequence[BulkAction]:
    """Return what was done to many at once, newest first, from below an id on."""
    statement = select(BulkAction).order_by(col(BulkAction.id).desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(col(BulkAction.id) < before_id)
    return session.exec(statement).all()


def all_ticks(session: Session) -> Sequence[Tick]:
    """Return every tick that ever ran."""
    return session.exec(select(Tick).order_by(col(Tick.name))).all()
