"""Work of the crawl process: links that are due, pages somebody wants read, wins just pasted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from outreach.activity.queries import jobs_to_run
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.jobs.work import LongWork, Queue, ScheduledTick, Task
from outreach.workflows import read_pages, win_link
from outreach.workflows.verify_links import BATCH, links_are_due, verify_due_links

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Scope
    from outreach.wiring.worker import WorkerServices

log = structlog.get_logger(__name__)

VERIFY = "verify_links"
_MOST_BATCHES = 20  # then other work gets its turn; the next tick goes on


def _verify(services: WorkerServices, _workspace_id: int, _row_id: int, now: datetime) -> None:
    fetcher = services.plugs.page_fetcher(services.settings)
    for _ in range(_MOST_BATCHES):
        run = verify_due_links(services.database, fetcher, now=now)
        if run.claimed:
            log.info("links verified", looked=run.looked, lost=run.lost, returned=run.returned)
        now = utc_now()
        if run.claimed < BATCH or _somebody_waits(services, now):
            return


def _somebody_waits(services: WorkerServices, now: datetime) -> bool:
    """Whether a person has asked for pages meanwhile; the next tick goes on with the links."""
    with services.database.reading(SYSTEM) as session:
        return any(job.kind in LONG_WORK for job in jobs_to_run(session, now=now))


def _find_due(services: WorkerServices, now: datetime) -> list[tuple[str, int, int]]:
    return [(VERIFY, 0, 0)] if links_are_due(services.database, now) else []


def _read_pages(services: WorkerServices, scope: Scope, job_id: int, now: datetime) -> None:
    fetcher = services.plugs.page_fetcher(services.settings)
    read_pages.read_pages(services.database, fetcher, scope, job_id, now=now)


def _win_link(services: WorkerServices, scope: Scope, job_id: int, now: datetime) -> None:
    fetcher = services.plugs.page_fetcher(services.settings)
    win_link.look_for_win(services.database, fetcher, scope, job_id, now=now)


TASKS = (Task(VERIFY, Queue.CRAWL, _verify),)
TICKS = (ScheduledTick(VERIFY, Queue.CRAWL, timedelta(minutes=1), _find_due),)
LONG_WORK = {
    read_pages.KIND: LongWork(Queue.CRAWL, _read_pages),
    win_link.KIND: LongWork(Queue.CRAWL, _win_link),
}
