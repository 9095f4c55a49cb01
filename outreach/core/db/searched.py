"""A table whose records are found by their words: which of them wait to be indexed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlmodel import col, func, or_, select, update

from outreach.core.db.search_plan import SearchPlan, plan_search

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from outreach.core.db.scope import Session
    from outreach.core.db.words import WordIndex
    from outreach.core.words import Question

    # What a record is called, and what else is said of it; both empty: found by nothing.
    RecordWords = tuple[tuple[str, ...], tuple[str, ...]]

_LATEST_WAITING = 2_000
_MOST_CHANGED = 100


@dataclass(frozen=True, slots=True)
class SearchedTable:
    """A table with `is_search_stale`, its index, and how the words of its records are read."""

    model: Any
    index: WordIndex
    words_of: Callable[[Session, Collection[int]], dict[int, RecordWords]]
    names: tuple[str, ...]  # columns that are looked through until a change is indexed

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

    def about(self, session: Session) -> int:
        """Say about how many records there are: ids are given in turn."""
        last = select(self.model.id).order_by(self.model.id.desc()).limit(1)
        return int(session.exec(last).first() or 0)

    def changed(self, session: Session, question: Question) -> tuple[int, ...]:
        """Return waiting records whose names hold the words asked for, of the latest that wait."""
        key = self.model.id
        latest = select(key).where(self._is_stale).order_by(key.desc()).limit(_LATEST_WAITING)
        holds = [or_(*map(self._contains, group)) for group in question.wanted]
        holds += [~self._contains(word) for word in question.unwanted]
        found = select(key).where(key.in_(latest), *holds).order_by(key.desc())
        return tuple(session.exec(found.limit(_MOST_CHANGED)))

    def plan(
        self, session: Session, question: Question, *, records: int | None = None
    ) -> SearchPlan:
        """Choose how to answer a question, changes that are not indexed yet included."""
        if not question:
            return SearchPlan(self.index, question, session.workspace_id, session.is_postgres)
        return plan_search(
            session,
            self.index,
            question,
            records=records or self.about(session),
            changed=self.changed(session, question),
        )

    def _contains(self, word: str) -> Any:
        """Whether a name holds a word of the index, which begins with the word's kind."""
        columns = (func.coalesce(col(getattr(self.model, name)), "") for name in self.names)
        return or_(*(column.icontains(word[1:], autoescape=True) for column in columns))

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
