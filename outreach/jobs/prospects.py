"""Background work on files and scores."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from outreach.core.clock import utc_now
from outreach.jobs.work import LongWork, Queue
from outreach.workflows.import_file import IMPORT_JOB, ImportTools, run_import
from outreach.workflows.index_words import index_words
from outreach.workflows.score_prospects import SCORE_JOB, score_prospects
from outreach.workflows.undo_import import UNDO_JOB, run_undo

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Scope
    from outreach.wiring.worker import WorkerServices


def _import(services: WorkerServices, scope: Scope, job_id: int, _now: datetime) -> None:
    tools = ImportTools(services.settings.data_dir, services.key, utc_now)
    run_import(services.database, scope, job_id, tools)
    index_words(services.database, scope, sys.maxsize)  # a search finds them at once


def _undo(services: WorkerServices, scope: Scope, job_id: int, _now: datetime) -> None:
    run_undo(services.database, scope, job_id, utc_now)


def _score(services: WorkerServices, scope: Scope, job_id: int, _now: datetime) -> None:
    score_prospects(services.database, scope, job_id, utc_now)


TASKS = ()
TICKS = ()
LONG_WORK = {
    IMPORT_JOB: LongWork(Queue.IO, _import),
    UNDO_JOB: LongWork(Queue.IO, _undo),
    SCORE_JOB: LongWork(Queue.IO, _score),
}
