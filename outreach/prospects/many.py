"""Changing many prospects at once: what each was is returned, so that it can be put back.

Every function takes a few hundred ids and holds those rows. What a prospect was and is are plain
words, fit for JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, update

from outreach.prospects.models import Prospect
from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from outreach.core.db import Session

_UNCLAIMED: dict[str, object] = {"claimed_by_id": None, "claimed_until": None}
_WORDS: dict[str, object] = {"is_search_stale": True}
# What goes with a column whenever it is written.
_ALONG: dict[str, dict[str, object]] = {
    "review": _UNCLAIMED, "topic": _WORDS, "country": _WORDS, "language": _WORDS,
    "tactic": _WORDS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Altered:
    """One prospect before and after."""

    id: int
    before: dict[str, object]
    after: dict[str, object]


def set_many(
    session: Session,
    ids: Collection[int],
    values: Mapping[str, Any],
    *,
    only: Collection[Review] = tuple(Review),
) -> list[Altered]:
    """Set the same columns of prospects, where that is anything new.

    Args:
        session: Of the workspace.
        ids: Which.
        values: Column → value.
        only: What was decided about those it is for; the others stay.
    """
    after = {name: _plain(value) for name, value in values.items()}
    altered = []
    for key, review, *found in _held(session, ids, ("review", *values)):
        before = {name: _plain(value) for name, value in zip(values, found, strict=True)}
        if review in only and before != after:
            altered.append(Altered(key, before, after))
    if altered:
        _write(session, [row.id for row in altered], values)
    return altered


def put_back(session: Session, altered: Sequence[Altered]) -> list[int]:
    """Make prospects again what they were, where they still are what they were made."""
    known = {row.id: row for row in altered}
    names = tuple(altered[0].after) if altered else ()
    back = []
    for key, *found in _held(session, known, names):
        now = {name: _plain(value) for name, value in zip(names, found, strict=True)}
        if now == known[key].after:
            back.append(key)
    alike: dict[tuple[Any, ...], list[int]] = {}
    for key in back:
        alike.setdefault(tuple(known[key].before[name] for name in names), []).append(key)
    for before, keys in alike.items():  # a few hundred prospects were of few kinds
        typed = {name: _typed(name, value) for name, value in zip(names, before, strict=True)}
        _write(session, keys, typed)
    return back


def _write(session: Session, ids: Collection[int], values: Mapping[str, Any]) -> None:
    along = {key: value for name in values for key, value in _ALONG.get(name, {}).items()}
    session.execute(
        update(Prospect)
        .where(col(Prospect.id).in_(ids))
        .values(**values, **along)
        .execution_options(synchronize_session=False)
    )


def _held(session: Session, ids: Collection[int], names: Sequence[str]) -> Sequence[Any]:
    """Read columns of prospects and hold the rows until the transaction ends."""
    columns: Any = sa.select  # its typing knows tables, not single columns
    return list(
        session.execute(
            columns(col(Prospect.id), *(getattr(Prospect, name) for name in names))
            .where(col(Prospect.id).in_(sorted(ids)))
            .order_by(col(Prospect.id))
            .with_for_update(of=Prospect)
        ).all()
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(name: str, value: Any) -> Any:
    if name == "review":
        return Review(value)
    return datetime.fromisoformat(value) if name == "review_after" and value else value
