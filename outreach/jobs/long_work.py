"""Jobs people started: claimed by lease, resumed after a kill, ended with a sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from outreach.activity.queries import jobs_to_run
from outreach.activity.services import claim_job, finish_job
from outreach.activity.words import JobState
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Scope
from outreach.core.errors import OutreachError
from outreach.jobs.work import LongWork, Queue, ScheduledTick, Task

if TYPE_CHECKING:
    from outreach.wiring.worker import WorkerServices

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 5

# Job.kind to the work and its queue.
KINDS: dict[str, LongWork] = {}


def _run(services: WorkerServices, workspace_id: int, job_id: int, now: datetime) -> None:
    scope = Scope(workspace_id)
    with services.database.writing(scope) as session:
        job = claim_job(session, job_id, now=now)
        if job is None:
            return
        kind, attempt, user_id = job.kind, job.attempt, job.user_id
    work = KINDS.get(kind)
    if work is None or attempt > MOST_ATTEMPTS:
        _end(services, scope, job_id, "This work failed several times and was given up.")
        return
    try:
        work.run(services, Scope(workspace_id, user_id), job_id, now)
    except OutreachError as problem:
        _end(services, scope, job_id, str(problem))
    except Exception as problem:
        log.exception("long work failed", kind=kind, job_id=job_id)
        _end(services, scope, job_id, f"It broke: {type(problem).__name__}. The log says more.")


def _end(services: WorkerServices, scope: Scope, job_id: int, sentence: str) -> None:
    with services.database.writing(scope) as session:
        finish_job(session, job_id, JobState.FAILED, sentence, now=utc_now())


def _waiting(queue: Queue) -> ScheduledTick:
    def find(services: WorkerServices, now: datetime) -> list[tuple[str, int, int]]:
        with services.database.reading(SYSTEM) as session:
            rows = jobs_to_run(session, now=now)
        return [
            (f"run_job_{queue}", row.workspace_id, row.key)
            for row in rows
            if row.kind in KINDS and KINDS[row.kind].queue is queue
        ]

    return ScheduledTick(f"sweep_jobs_{queue}", queue, timedelta(seconds=5), find)


LONG_WORK: dict[str, LongWork] = {}
TASKS = tuple(Task(f"run_job_{queue}", queue, _run) for queue in (Queue.IO, Queue.CRAWL))
TICKS = tuple(_waiting(queue) for queue in (Queue.IO, Queue.CRAWL))
