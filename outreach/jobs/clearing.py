"""Clearing away what people deleted, once it can no longer be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.jobs.work import Queue, ScheduledTick, Task
from outreach.workflows.clear_deleted import clear_deleted, is_anything_to_clear

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.jobs.work import LongWork
    from outreach.wiring.worker import WorkerServices

CLEAR = "clear_deleted"


def _clear(services: WorkerServices, _workspace_id: int, _row_id: int, now: datetime) -> None:
    clear_deleted(services.database, now=now)


def _find_due(services: WorkerServices, now: datetime) -> list[tuple[str, int, int]]:
    return [(CLEAR, 0, 0)] if is_anything_to_clear(services.database, now) else []


TASKS = (Task(CLEAR, Queue.IO, _clear),)
TICKS = (ScheduledTick(CLEAR, Queue.IO, timedelta(hours=1), _find_due),)
LONG_WORK: dict[str, LongWork] = {}
