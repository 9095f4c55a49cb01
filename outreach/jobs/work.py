"""What background processes share: the shape of a tick, of a task, and how failures are kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog

from outreach.activity.services import note_tick
from outreach.core.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from outreach.core.db import Scope
    from outreach.wiring.worker import WorkerServices

log = structlog.get_logger(__name__)


class Queue(StrEnum):
    """Which process does a piece of work: mail apart from the web, and both apart from files."""

    MAIL = "mail"
    IO = "io"
    CRAWL = "crawl"


@dataclass(frozen=True, slots=True)
class Task:
    """Work on one row: `run(services, workspace_id, row_id, now)`; harmless when done twice."""

    name: str
    queue: Queue
    run: Callable[[WorkerServices, int, int, datetime], None]


@dataclass(frozen=True, slots=True)
class ScheduledTick:
    """A heartbeat that finds due rows and returns `(task name, workspace id, row id)` for each."""

    name: str
    queue: Queue
    every: timedelta
    find_due: Callable[[WorkerServices, datetime], list[tuple[str, int, int]]]


@dataclass(frozen=True, slots=True)
class LongWork:
    """What a kind of `Job` does: `run(services, scope, job_id, now)`; it ends the job itself."""

    queue: Queue
    run: Callable[[WorkerServices, Scope, int, datetime], None]


def run_tick(
    tick: ScheduledTick, services: WorkerServices, wake: Callable[[str, int, int], None]
) -> int:
    """Run one tick, wake a task for each due row, and keep whether it failed."""
    started_at, error, due = utc_now(), "", list[tuple[str, int, int]]()
    try:
        due = tick.find_due(services, started_at)
        for task_name, workspace_id, row_id in due:
            wake(task_name, workspace_id, row_id)
    except Exception as problem:  # a tick that fails must not stop the clock
        log.exception("tick failed", tick=tick.name)
        error = f"{type(problem).__name__}: {problem}"[:500]
    with services.database.system() as session:
        note_tick(session, tick.name, started_at=started_at, finished_at=utc_now(), error=error)
    return len(due)


def run_task(task: Task, services: WorkerServices, workspace_id: int, row_id: int) -> None:
    """Run one task; whatever it raises is logged and kept from the other work."""
    try:
        task.run(services, workspace_id, row_id, utc_now())
    except Exception:
        log.exception("task failed", task=task.name, workspace_id=workspace_id, row_id=row_id)
