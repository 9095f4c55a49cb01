"""What was decided about each row of a file."""

from __future__ import annotations

from typing import NamedTuple

from outreach.imports.words import Verdict

GUARDS = "guards"  # names, in a row's `before`, whom it guards that was guarded already


class Entry(NamedTuple):
    """The verdict on one row.

    `key` is empty where the row names only a site; `before` is what an undo needs to know.
    """

    line: int
    verdict: Verdict
    site: str
    key: str
    reason: str
    raw: str
    before: dict[str, object] | None


def refused(line: int, raw: str, reason: str) -> Entry:
    """Return the verdict on a row that cannot be used, with the sentence why."""
    return Entry(line, Verdict.REFUSED, "", "", reason, raw, None)
