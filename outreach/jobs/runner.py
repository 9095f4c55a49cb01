"""One background process: its clock, its queues, and a clean stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from huey.consumer import Consumer

from outreach.jobs.queues import open_queue, perform_task
from outreach.jobs.schedule import TASKS, TICKS
from outreach.jobs.work import Queue, run_task, run_tick
from outreach.wiring.signals import StopSignal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from outreach.wiring.worker import WorkerServices

log = structlog.get_logger(__name__)

# The queue wakes within half a second; the sweep finds what a lost wake-up left behind.
_CONSUMER = {
    "worker_type": "thread",
    "periodic": False,
    "initial_delay": 0.05,
    "max_delay": 0.5,
    "scheduler_interval": 5,
    "check_worker_health": False,
    "shutdown_timeout": 10,
}
_WORKERS = {Queue.MAIL: 2, Queue.IO: 1, Queue.CRAWL: 1}


class _Embedded(Consumer):  # type: ignore[misc]
    """A consumer inside a process that handles its own signals."""

    def _set_signal_handlers(self) -> None:
        """Leave the signals to the process."""


class Worker:
    """Runs the ticks and tasks of some queues until it is told to stop."""

    def __init__(self, services: WorkerServices, queues: Iterable[Queue]) -> None:
        self._services = services
        self._queues = tuple(queues)
        self._wakers: dict[Queue, Any] = {}
        self._consumers: list[Consumer] = []
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Open the queues and start clock and consumers."""
        for queue in self._queues:
            huey = open_queue(self._services.settings, self._services.key, queue.value)
            self._wakers[queue] = perform_task(huey, self._perform)
            consumer = _Embedded(huey, workers=_WORKERS[queue], **_CONSUMER)
            consumer.start()
            self._consumers.append(consumer)
        for tick in TICKS:
            if tick.queue in self._queues:
                self._scheduler.add_job(
                    run_tick,
                    "interval",
                    args=(tick, self._services, self._wake),
                    seconds=tick.every.total_seconds(),
                    id=tick.name,
                )
        self._scheduler.start()
        log.info("worker started", queues=[queue.value for queue in self._queues])

    def stop(self) -> None:
        """Let running work finish, then close everything."""
        self._scheduler.shutdown(wait=True)
        for consumer in self._consumers:
            consumer.stop(graceful=True)
            consumer.huey.storage.close()
        self._services.database.engine.dispose()
        log.info("worker stopped")

    def _wake(self, task_name: str, workspace_id: int, row_id: int) -> None:
        task = TASKS[task_name]
        self._wakers[task.queue](task_name, workspace_id, row_id)

    def _perform(self, task_name: str, workspace_id: int, row_id: int) -> None:
        task = TASKS.get(task_name)
        if task is None:
            log.warning("unknown task", task=task_name)
            return
        run_task(task, self._services, workspace_id, row_id)


def run_until_told(worker: Worker) -> None:
    """Run a worker until SIGTERM or SIGINT."""
    told = StopSignal()
    worker.start()
    try:
        while not told.wait():
            pass
    finally:
        worker.stop()
