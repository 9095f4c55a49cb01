"""Changing many opportunities at once: what each was is returned, so that it can be put back.

Every function takes a few hundred ids, holds those rows, and keeps tally and timeline in the same
transaction. What an opportunity was and is are plain words, fit for JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from outreach.activity.models import Activity
from outreach.campaigns.models import Opportunity
from outreach.campaigns.rules import is_backward, label, problem_with_move
from outreach.campaigns.tally import Shift, hold_many, note_shifts, place_of
from outreach.campaigns.words import Stage
from outreach.core.db import bulk_update, bulk_write

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from outreach.core.db import Session

_MOVED = ("stage", "stage_changed_at", "lost_because")


@dataclass(frozen=True, slots=True)
class Altered:
    """One opportunity before and after."""

    id: int
    prospect_id: int
    before: dict[str, object]
    after: dict[str, object]


def move_many(
    session: Session, ids: Collection[int], stage: Stage, *, now: datetime, reason: str = ""
) -> list[Altered]:
    """Move opportunities; those for which the move would falsify the record stay."""
    reason = reason.strip()
    values = (stage, now, reason if stage is Stage.LOST else "")

    def wanted(row: Opportunity) -> dict[str, Any] | None:
        if problem_with_move(row.stage, stage, reason=reason):
            return None
        return dict(zip(_MOVED, values, strict=True))

    def said(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
        old, new = before["stage"], after["stage"]
        way = "Moved back" if is_backward(old, new) else "Moved"
        because = f": {reason.rstrip('.')}" if reason else ""
        return f"{way} from {label(old)} to {label(new)}{because}."

    return _alter(session, hold_many(session, ids), wanted, _Line("moved", said, now))


def assign_many(
    session: Session, ids: Collection[int], owner_id: int | None, *, now: datetime
) -> list[Altered]:
    """Hand opportunities to a member, or to nobody."""
    line = _Line("assigned", lambda *_: "Changed who works on this.", now)
    return _alter(session, hold_many(session, ids), lambda _: {"owner_id": owner_id}, line)


def value_many(
    session: Session, ids: Collection[int], value_cents: int, *, now: datetime
) -> list[Altered]:
    """Give opportunities one value."""
    line = _Line("valued", lambda *_: f"Set the value to {value_cents / 100:,.2f}.", now)
    return _alter(session, hold_many(session, ids), lambda _: {"value_cents": value_cents}, line)


def put_back(session: Session, altered: Sequence[Altered], *, now: datetime) -> list[Altered]:
    """Make opportunities again what they were, where they still are what they were made."""
    known = {row.id: row for row in altered}

    def wanted(row: Opportunity) -> dict[str, Any] | None:
        change = known[row.key]
        if any(_plain(getattr(row, name)) != value for name, value in change.after.items()):
            return None
        return {name: _typed(name, value) for name, value in change.before.items()}

    line = _Line("put back", lambda *_: "Took the last change of many back.", now)
    return _alter(session, hold_many(session, known), wanted, line)


@dataclass(frozen=True, slots=True)
class _Line:
    """What the timeline says of each."""

    verb: str
    said: Callable[[Mapping[str, Any], Mapping[str, Any]], str]
    now: datetime


def _alter(
    session: Session,
    rows: Sequence[Opportunity],
    wanted: Callable[[Opportunity], dict[str, Any] | None],
    line: _Line,
) -> list[Altered]:
    """Set what is wanted of each row, where that is anything new, with all that is counted."""
    shifts, updates, told, altered = [], [], [], []
    columns: tuple[str, ...] = ()
    for row in rows:
        values = wanted(row)
        if values is None or all(getattr(row, name) == value for name, value in values.items()):
            continue
        before = {name: getattr(row, name) for name in values}
        place = place_of(row)
        worth = int(values.get("value_cents", row.value_cents))
        after_place = place._replace(
            owner_id=values.get("owner_id", row.owner_id) or 0, stage=values.get("stage", row.stage)
        )
        shifts.append(Shift(place, after_place, row.value_cents, worth))
        updates.append((*values.values(), row.key))
        told.append((row.key, line.said(before, values), _details(before, values)))
        altered.append(Altered(row.key, row.prospect_id, _words(before), _words(values)))
        columns = tuple(values)
    if altered:
        bulk_update(session, Opportunity, columns, updates)
        note_shifts(session, shifts)
        _tell(session, line, told)
        session.expire_all()
    return altered


def _details(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, object]:
    if "stage" not in before:
        return {}
    return {"from": str(before["stage"]), "to": str(after["stage"])}


def _tell(session: Session, line: _Line, told: list[tuple[int, str, dict[str, object]]]) -> None:
    columns = (
        *("at", "user_id", "verb", "subject_type", "subject_id", "sentence", "details"),
        *("created_at", "updated_at"),
    )
    user_id, now = session.scope.user_id, line.now
    rows = [
        (now, user_id, line.verb, "opportunity", key, sentence, details, now, now)
        for key, sentence, details in told
    ]
    bulk_write(session, Activity, columns, rows)


def _words(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(name: str, value: Any) -> Any:
    if name == "stage":
        return Stage(value)
    return datetime.fromisoformat(value) if name == "stage_changed_at" else value
