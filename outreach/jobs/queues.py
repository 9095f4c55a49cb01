"""Huey as a wake-up call: payloads are a task's name and two ids, rows hold the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huey import Huey, PostgresHuey, SqliteHuey
from huey.serializer import SignedSerializer

from outreach.core.tokens import derived_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.core.settings import Settings

Perform = "Callable[[str, int, int], None]"


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
