"""Long work: one worker has it, a dead worker's is taken over, a cancelled one stays so."""

from __future__ import annotations

from datetime import timedelta

from outreach.activity.models import Job
from outreach.activity.queries import jobs_to_run
from outreach.activity.services import (
    JOB_LEASE,
    claim_job,
    finish_job,
    get_job,
    note_progress,
    queue_job,
)
from outreach.activity.words import JobState
from outreach.core.clock import utc_now
from outreach.core.db import Session


def test_a_job_is_claimed_once(session: Session) -> None:
    now, job = utc_now(), queue_job(session, "score")
    assert claim_job(session, job.key, now=now) is not None
    assert claim_job(session, job.key, now=now) is None


def test_the_job_of_a_dead_worker_is_taken_over(session: Session) -> None:
    now, job = utc_now(), queue_job(session, "score")
    claim_job(session, job.key, now=now)
    later = now + JOB_LEASE + timedelta(seconds=1)
    assert [found.key for found in jobs_to_run(session, now=later)] == [job.key]
    taken = claim_job(session, job.key, now=later)
    assert taken is not None
    assert taken.attempt == 2


def test_a_worker_that_lost_its_job_is_told_so(session: Session) -> None:
    now, job = utc_now(), queue_job(session, "score")
    claimed = claim_job(session, job.key, now=now)
    assert claimed is not None
    old = Job(**claimed.model_dump())
    claim_job(session, job.key, now=now + JOB_LEASE + timedelta(seconds=1))
    assert not note_progress(session, old, now=now)


def test_progress_renews_the_lease(session: Session) -> None:
    now, job = utc_now(), queue_job(session, "score", total=10)
    claimed = claim_job(session, job.key, now=now)
    assert claimed is not None
    claimed.done_count = 4
    later = now + timedelta(minutes=1)
    assert note_progress(session, claimed, now=later, sentence="4 of 10")
    kept = get_job(session, job.key)
    assert (kept.done_count, kept.sentence, kept.lease_until) == (4, "4 of 10", later + JOB_LEASE)


def test_a_cancelled_job_stays_cancelled(session: Session) -> None:
    now, job = utc_now(), queue_job(session, "score")
    claimed = claim_job(session, job.key, now=now)
    assert claimed is not None
    finish_job(session, job.key, JobState.CANCELLED, "Stopped by a person.", now=now)
    assert not note_progress(session, claimed, now=now)
    finish_job(session, job.key, JobState.DONE, "All done.", now=now)
    assert get_job(session, job.key).state is JobState.CANCELLED
