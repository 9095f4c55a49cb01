"""Takes back what our own exports brought to prospects beside the facts of any file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from outreach.desk.in_use import prospects_in_use
from outreach.imports.words import Verdict
from outreach.prospects.many import Altered, put_back
from outreach.prospects.services import mark_stale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session
    from outreach.imports.models import ImportRow

OWN = "own"  # names, in a row's `before`, each part that was filled: its columns before and after


def take_own_back(session: Session, rows: Sequence[ImportRow]) -> None:
    """Empty what these rows filled, where it still is what they gave.

    A prospect the file brought keeps it all once somebody has built on it: such a one stays.
    """
    parts: dict[str, list[Altered]] = {}
    brought: set[int] = set()
    for row in rows:
        noted: dict[str, Any] = row.before or {}
        for name, (before, after) in noted.get(OWN, {}).items():
            assert row.subject_id is not None
            parts.setdefault(name, []).append(Altered(row.subject_id, before, after))
            if row.verdict is Verdict.ADDED:
                brought.add(row.subject_id)
    emptied = {name: set(put_back(session, altered)) for name, altered in parts.items()}
    used = prospects_in_use(session, brought) if brought else set()
    for name, altered in parts.items():
        kept = [one for one in altered if one.id in used & emptied[name]]
        put_back(session, [Altered(one.id, one.after, one.before) for one in kept])
    if parts:
        mark_stale(session, set().union(*emptied.values()))
