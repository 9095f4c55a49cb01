"""The words of activity: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class JobState(StrEnum):
    """How far a piece of long work is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BulkState(StrEnum):
    """How far a bulk action is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"
