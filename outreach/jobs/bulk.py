"""Background work on many records at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.core.clock import utc_now
from outreach.jobs.work import LongWork, Queue
from outreach.workflows.bulk import BULK_JOB, UNDO_BULK_JOB, run_bulk
from outreach.workflows.bulk_kinds import KINDS

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Scope
    from outreach.wiring.worker import WorkerServices


def _run(services: WorkerServices, scope: Scope, job_id: int, _now: datetime) -> None:
    run_bulk(services.database, scope, job_id, KINDS, utc_now)


TASKS = ()
TICKS = ()
LONG_WORK = {BULK_JOB: LongWork(Queue.IO, _run), UNDO_BULK_JOB: LongWork(Queue.IO, _run)}
