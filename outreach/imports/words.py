"""The words of imports: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class ImportState(StrEnum):
    """How far an import is."""

    PREVIEWED = "previewed"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # by a person, between two sets of rows
    UNDOING = "undoing"
    UNDONE = "undone"


class Verdict(StrEnum):
    """What became of one row."""

    ADDED = "added"  # a new prospect
    PAGE_ADDED = "page_added"  # a new page of a known prospect
    UPDATED = "updated"
    KNOWN = "known"
    REFUSED = "refused"
    SKIPPED = "skipped"  # refused first, and left out by a person
