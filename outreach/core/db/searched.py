"""A table whose records are found by their words: which of them wait to be indexed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlmodel import col, func, select, update

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from outreach.core.db.scope import Session
    from outreach.core.db.words import WordIndex

    # What a record is called, and what else is said of it; both empty: found by nothing.
    RecordWords = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SearchedTable:
    """A table with `is_search_stale`, its index, and how the words of its records are read."""

    model: Any
    index: WordIndex
    words_of: Callable[[Session, Collection[int]], dict[int, RecordWords]]

    def mark_stale(self, session: Session, ids: Collection[int]) -> None:
        """Have records indexed anew; call it where their words change in bulk."""
        self._mark(session, ids, is_stale=True)

    def note_indexed(self, session: Session, ids: Collection[int]) -> None:
        """Keep that these records' words are in the index."""
        self._mark(session, ids, is_stale=False)

    def waiting(self, session: Session, *, limit: int) -> list[int]:
        """Return records whose words wait to be indexed."""
        ids = select(self.model.id).where(self._is_stale).order_by(self.model.id)
        return [int(key) for key in session.exec(ids.limit(limit))]

    def count_waiting(self, session: Session) -> int:
        """Count the records whose words wait to be indexed."""
        counted = select(func.count()).select_from(self.model).where(self._is_stale)
        return int(session.exec(counted).one())

    def hold_waiting(self, session: Session, ids: Collection[int]) -> list[int]:
        """Hold those of the records that wait still, until the transaction ends."""
        held = select(self.model.id).where(self.model.id.in_(sorted(ids)), self._is_stale)
        return [int(key) for key in session.exec(held.with_for_update(skip_locked=True))]

    def page_of_ids(self, session: Session, *, after: int, limit: int) -> list[int]:
        """Page through the ids of all records."""
        ids = select(self.model.id).where(self.model.id > after).order_by(self.model.id)
        return [int(key) for key in session.exec(ids.limit(limit))]

    def known(self, session: Session, ids: Collection[int]) -> set[int]:
        """Return those of the ids that are records."""
        return set(session.exec(select(self.model.id).where(self.model.id.in_(sorted(ids)))))

    @property
    def _is_stale(self) -> Any:
        stale: Any = col(self.model.is_search_stale)
        # Bare, as the partial index says it: SQLite does not see that `= 1` means the same.
        return UnaryExpression(stale, modifier=custom_op(""), type_=sa.Integer())

    def _mark(self, session: Session, ids: Collection[int], *, is_stale: bool) -> None:
        # Whether it is indexed is no change of the record: `updated_at` stays.
        session.execute(
            update(self.model)
            .where(self.model.id.in_(sorted(ids)))
            .values(is_search_stale=is_stale, updated_at=self.model.updated_at)
            .execution_options(synchronize_session=False)
        )
