"""The search index by the clock: changed records are indexed, the words of gone ones forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.accounts.queries import all_workspaces
from outreach.core.db import SYSTEM, Scope
from outreach.jobs.work import LongWork, Queue, ScheduledTick, Task
from outreach.workflows.index_words import (
    forget_the_gone,
    index_tagged_anew,
    index_words,
    workspaces_waiting,
)

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.wiring.worker import WorkerServices

INDEX = "index_words"
FORGET = "forget_words"
TAGGED = "index_tagged"  # woken when a tag is renamed, deleted or brought back
RECORDS_OF_ONE_TASK = 20_000  # then other work of the queue gets its turn


def _index(services: WorkerServices, workspace_id: int, _row_id: int, _now: datetime) -> None:
    index_words(services.database, Scope(workspace_id), RECORDS_OF_ONE_TASK)


def _forget(services: WorkerServices, _workspace_id: int, _row_id: int, _now: datetime) -> None:
    forget_the_gone(services.database)


def _tagged(services: WorkerServices, workspace_id: int, tag_id: int, _now: datetime) -> None:
    index_tagged_anew(services.database, Scope(workspace_id), tag_id)


def _waiting(services: WorkerServices, _now: datetime) -> list[tuple[str, int, int]]:
    with services.database.reading(SYSTEM) as session:
        ids = [row.key for row in all_workspaces(session)]
    return [(INDEX, workspace_id, 0) for workspace_id in workspaces_waiting(services.database, ids)]


def _sweep(_services: WorkerServices, _now: datetime) -> list[tuple[str, int, int]]:
    return [(FORGET, 0, 0)]


TASKS = (
    Task(INDEX, Queue.IO, _index),
    Task(FORGET, Queue.IO, _forget),
    Task(TAGGED, Queue.IO, _tagged),
)
TICKS = (
    ScheduledTick("sweep_search", Queue.IO, timedelta(seconds=5), _waiting),
    ScheduledTick("forget_gone_words", Queue.IO, timedelta(hours=6), _sweep),
)
LONG_WORK: dict[str, LongWork] = {}
