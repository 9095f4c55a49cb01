"""What must happen when yesterday's backup takes today's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from outreach.core.db import SYSTEM
from outreach.mail.outbox import mark_restored
from outreach.sequences.services import mark_restored as pause_sequences
from outreach.suppression.models import Suppression

if TYPE_CHECKING:
    from outreach.core.db import Database

_KEPT = ("kind", "match_key", "label", "reason", "note")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put right after a restore."""

    doubted: int  # mails that were on their way when the backup was made
    paused: int  # sequences, until somebody has looked what was sent since
    suppressed_again: int  # suppressions and erasures newer than the backup


def known_suppressions(database: Database) -> list[dict[str, Any]]:
    """Return everyone suppressed now, to be kept through a restore; nobody in an empty database."""
    try:
        with database.reading(SYSTEM) as session:
            rows = session.exec(select(Suppression)).all()
            return [{name: getattr(row, name) for name in _KEPT} for row in rows]
    except SQLAlchemyError:  # no database, or one too damaged to read: that is why one restores
        return []


def settle_restored(database: Database, suppressed: list[dict[str, Any]]) -> Restored:
    """Doubt every mail that was on its way, and suppress again whom the backup does not know.

    Without the first, a restored queue would write to everyone once more, and sequences would plan
    steps again that went out since; without the second, it would write to people who have opted
    out or were erased since.
    """
    with database.system() as session:
        doubted = mark_restored(session)
        paused = pause_sequences(session)
        known = {(row.kind, row.match_key) for row in session.exec(select(Suppression)).all()}
        missing = [row for row in suppressed if (row["kind"], row["match_key"]) not in known]
        session.add_all([Suppression(**row) for row in missing])
    return Restored(doubted=doubted, paused=paused, suppressed_again=len(missing))
