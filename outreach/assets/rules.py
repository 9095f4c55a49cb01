"""What makes an asset usable, and how what people type becomes lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.assets.words import AssetKind

_SEPARATORS = re.compile(r"[,;\n]")
LONGEST_ENTRY = 120
MOST_ENTRIES = 60


@dataclass(frozen=True, slots=True)
class AssetDraft:
    """What a person says about one of our pages."""

    url: str
    title: str
    kind: AssetKind = AssetKind.PAGE
    summary: str = ""
    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    hook: str = ""
    suggested_anchors: tuple[str, ...] = ()
    language: str = ""


def entries_of(text: str) -> tuple[str, ...]:
    """Read a list typed with commas, semicolons or line ends between its entries.

    Blank entries and repeats, whatever their case, are left out; long ones are cut.
    """
    found: dict[str, str] = {}
    for part in _SEPARATORS.split(text):
        entry = " ".join(part.split())[:LONGEST_ENTRY]
        if entry:
            found.setdefault(entry.casefold(), entry)
    return tuple(list(found.values())[:MOST_ENTRIES])


def lines_of(text: str) -> tuple[str, ...]:
    """Read a list typed with one entry a line, for entries that may hold commas."""
    found = (" ".join(line.split())[:LONGEST_ENTRY] for line in text.splitlines())
    return tuple(dict.fromkeys(entry for entry in found if entry))[:MOST_ENTRIES]
