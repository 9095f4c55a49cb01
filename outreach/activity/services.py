"""Recording what happened, and keeping long work's progress."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select, update

from outreach.activity.models import Activity, Blob, Job, Tick
from outreach.activity.words import JobState
from outreach.core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session

JOB_LEASE = timedelta(minutes=2)
BLOB_LIMIT = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Subject:
    """What an activity, a job or a reminder is about."""

    kind: str  # a table's name, such as "prospect"
    id: int


def record(
    session: Session,
    verb: str,
    subject: Subject,
    sentence: str,
    *,
    now: datetime,
    details: dict[str, object] | None = None,
) -> Activity:
    """Add one line to the timeline, by the session's person or, with none, by the clock."""
    activity = Activity(
        at=now,
        user_id=session.scope.user_id,
        verb=verb,
        subject_type=subject.kind,
        subject_id=subject.id,
        sentence=sentence,
        details=details or {},
    )
    session.add(activity)
    session.flush()
    return activity


def queue_job(
    session: Session,
    kind: str,
    *,
    subject: Subject | None = None,
    arguments: dict[str, object] | None = None,
    total: int | None = None,
) -> Job:
    """Queue long work; a worker finds the row by its tick even when the wake-up is lost."""
    job = Job(
        kind=kind,
        subject_type=subject.kind if subject else "",
        subject_id=subject.id if subject else None,
        arguments=arguments or {},
        total_count=total,
        user_id=session.scope.user_id,
    )
    session.add(job)
    session.flush()
    return job


def claim_job(session: Session, job_id: int, *, now: datetime) -> Job | None:
    """Take a queued job, or a running one whose worker is gone; None when somebody has it."""
    free = (col(Job.state) == JobState.QUEUED) | (
        (col(Job.state) == JobState.RUNNING) & (col(Job.lease_until) < now)
    )
    taken = session.execute(
        update(Job)
        .where(col(Job.id) == job_id, free)
        .values(state=JobState.RUNNING, lease_until=now + JOB_LEASE, attempt=col(Job.attempt) + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    job = get_job(session, job_id)
    job.started_at = job.started_at or now
    session.flush()
    return job


def note_progress(session: Session, job: Job, *, now: datetime, sentence: str = "") -> bool:
    """Save a job's counts and renew its lease; False when somebody cancelled it meanwhile."""
    kept = session.execute(
        update(Job)
        .where(
            col(Job.id) == job.key,
            col(Job.state) == JobState.RUNNING,
            col(Job.attempt) == job.attempt,
        )
        .values(
            done_count=job.done_count,
            total_count=job.total_count,
            sentence=sentence or job.sentence,
            lease_until=now + JOB_LEASE,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(kept.rowcount == 1)  # type: ignore[attr-defined]


def finish_job(
    session: Session, job_id: int, state: JobState, sentence: str, *, now: datetime
) -> None:
    """End a job with a sentence a person reads."""
    job = get_job(session, job_id)
    if not job.is_over:
        job.state, job.sentence, job.finished_at, job.lease_until = state, sentence, now, None
        session.flush()


def get_job(session: Session, job_id: int) -> Job:
    """Return a job.

    Raises:
        NotFound: There is none in this workspace.
    """
    job = session.exec(
        select(Job).where(Job.id == job_id).execution_options(populate_existing=True)
    ).first()
    if job is None:
        raise NotFound("There is no such job here.")
    return job


def keep_blob(session: Session, data: bytes, kind: str) -> Blob:
    """Keep bytes once for each content.

    Raises:
        Invalid: More than 2 MB.
    """
    if len(data) > BLOB_LIMIT:
        raise Invalid(f"{len(data):,} bytes are more than the {BLOB_LIMIT:,} kept in the database.")
    digest = hashlib.sha256(data).hexdigest()
    blob = session.exec(select(Blob).where(Blob.sha256 == digest)).first()
    if blob is None:
        blob = Blob(sha256=digest, kind=kind, size_bytes=len(data), packed=zlib.compress(data, 6))
        session.add(blob)
        session.flush()
    return blob


def read_blob(session: Session, blob_id: int) -> bytes:
    """Return the bytes of a blob.

    Raises:
        NotFound: There is none in this workspace.
    """
    blob = session.get(Blob, blob_id)
    if blob is None:
        raise NotFound("This evidence is no longer kept.")
    return zlib.decompress(blob.packed)


def note_tick(
    session: Session, name: str, *, started_at: datetime, finished_at: datetime, error: str = ""
) -> None:
    """Keep when a scheduled job last ran and whether it failed, for `outreach doctor`."""
    tick = session.exec(select(Tick).where(Tick.name == name)).first() or Tick(name=name)
    tick.started_at, tick.finished_at, tick.error = started_at, finished_at, error
    tick.run_count += 1
    session.add(tick)
    session.flush()
