"""What the pages of imports call the things in a file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from outreach.imports.rows import RowKind
from outreach.web.filters import day

if TYPE_CHECKING:
    from outreach.imports.models import ImportFile


class Nouns(NamedTuple):
    """What a file adds, and where to find it."""

    one: str
    many: str
    has_prospects: bool

    def new(self, number: int) -> str:
        """Say a number of them: "213 new prospects"."""
        return f"{number:,} new {self.one if number == 1 else self.many}"


_PROSPECTS = Nouns("prospect", "prospects", has_prospects=True)
_OTHERS = {
    RowKind.PERSON: Nouns("person", "people", has_prospects=False),
    RowKind.SUPPRESSION: Nouns("suppression", "suppressions", has_prospects=False),
    RowKind.TOUCH: Nouns("past contact", "past contacts", has_prospects=False),
    RowKind.RANKS: Nouns("rank", "ranks", has_prospects=False),
}


def nouns_of(file: ImportFile) -> Nouns:
    """Return what the rows of a file add."""
    kind = str(file.recognised.get("kind") or "")
    return _OTHERS.get(RowKind(kind), _PROSPECTS) if kind in set(RowKind) else _PROSPECTS


def told_on(file: ImportFile) -> str:
    """Return the day on which a person told how this file's header is read, "" if nobody did."""
    at = str(file.recognised.get("told_at") or "")
    return day(datetime.fromisoformat(at)) if at else ""
