"""Huey as a wake-up call: payloads are a task's name and two ids, rows hold the truth."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import structlog
from huey import Huey, PostgresHuey, SqliteHuey
from huey.serializer import SignedSerializer

from outreach.core.tokens import derived_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.core.settings import Settings

log = structlog.get_logger(__name__)


def open_queue(settings: Settings, key: str, name: str) -> Huey:
    """Open one queue: in its own SQLite file, or in PostgreSQL where the data is."""
    serializer = SignedSerializer(secret=derived_key(key, "queue").hex(), salt="outreach-jobs")
    if settings.database.startswith("sqlite"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(
            name,
            filename=str(settings.queue_path),
            journal_mode="truncate",  # the standard library's SQLite may not be safe with WAL
            fsync=True,
            timeout=15,
            strict_fifo=True,
            serializer=serializer,
            results=False,
        )
    dsn = settings.database.replace("postgresql+psycopg://", "postgresql://")
    return PostgresHuey(
        name, dsn=dsn, table_prefix="huey", read_timeout=1, serializer=serializer, results=False
    )


def perform_task(huey: Huey, perform: Callable[[str, int, int], None]) -> Any:
    """Register the one task every queue carries; call the result to enqueue it."""

    @huey.task(name="perform")  # type: ignore[untyped-decorator,unused-ignore]
    def run(task_name: str, workspace_id: int, row_id: int) -> None:
        perform(task_name, workspace_id, row_id)

    return run


class LazyWaker:
    """Wakes queues from the web process; opens each at first use."""

    def __init__(self, settings: Settings, key: str) -> None:
        self._settings, self._key = settings, key
        self._tasks: dict[str, Any] = {}
        self._lock = threading.Lock()

    def wake(self, queue: str, task_name: str, workspace_id: int, row_id: int) -> None:
        """Enqueue a wake-up; when that fails the sweep will find the row anyway."""
        try:
            with self._lock:
                if queue not in self._tasks:
                    huey = open_queue(self._settings, self._key, queue)
                    self._tasks[queue] = perform_task(huey, _never_here)
                self._tasks[queue](task_name, workspace_id, row_id)
        except Exception:
            log.exception("wake-up failed", queue=queue, task=task_name)


def _never_here(task_name: str, _workspace_id: int, _row_id: int) -> None:
    raise RuntimeError(f"{task_name} was run in the web process")
