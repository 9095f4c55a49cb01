"""How a list asks the search index: by testing its own rows, or by fetching all that match.

A list in some order needs only its first rows that match. Where a good part of all records match,
its first rows are tested in order until the page is full: each by itself, or against the set of all
matching ids. Only so many are tested: should what matches stand at the end of the list, all that
match are fetched and sorted instead, which costs the same whatever the order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db.scope import Session
    from outreach.core.db.words import WordIndex
    from outreach.core.words import Question

PAGE = 51
STEPPED = 20_000  # matches counted one by one; more are estimated
SKIPPED_FROM = 200_000
FEW = 4_000  # so many are fetched and sorted at once


@dataclass(frozen=True, slots=True)
class _Costs:
    """What an engine needs, in microseconds, measured at a million records."""

    probe: float  # to look one word of one record up
    collect: float  # to put one matching id into a set
    walk: float  # to test one row of the list against that set
    most: float  # may be spent on testing before everything is fetched


_SQLITE = _Costs(probe=33, collect=0.17, walk=0.3, most=24_000)
_POSTGRES = _Costs(probe=6, collect=0.4, walk=0.3, most=12_000)


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How to answer one question in one workspace; equal plans make equal statements."""

    index: WordIndex
    question: Question
    workspace_id: int
    is_postgres: bool
    is_probed: bool = False
    changed: tuple[int, ...] = ()  # records that match by words the index does not know yet
    count: int = field(default=0, compare=False)  # records that match, estimated when many
    look: int = field(default=0, compare=False)  # rows of the list to test before fetching

    @property
    def finds_nothing(self) -> bool:
        """True once counting has shown that no record matches."""
        return bool(self.question) and self.count == 0 and not self.changed

    def test(self, record_id: Any) -> Any:
        """Return the condition by which a list in order tests its rows, `look` of them at most."""
        if not self.is_probed:
            return self._among(record_id)
        fits = self.index.probe(self, record_id)
        return sa.or_(fits, record_id.in_(self.changed)) if self.changed else fits

    def fetch(self, record_id: Any, *, limit: int | None = None) -> Any:
        """Return the condition that finds all that match by their ids, or some of them."""
        return record_id.in_(self._ids(limit))

    def condition(self, record_id: Any, *, is_narrowed: bool = False) -> Any:
        """Return one condition for a statement that is not asked in two steps.

        Args:
            record_id: The id column of the entity.
            is_narrowed: Other conditions name few records: those are tested.
        """
        if not self.question:
            return sa.true()
        if is_narrowed and not self.is_postgres:
            return self.index.probe(self, record_id)
        return self._among(record_id) if self.look else self.fetch(record_id)

    def first_rows(
        self, session: Session, statement: Any, keys: Sequence[Any], record_id: Any, limit: int
    ) -> Sequence[Any]:
        """Return the first rows of a statement, in ascending order of its keys, that match."""
        ordered = statement.order_by(*keys).limit(limit)
        if not self.question:
            return list(session.execute(ordered))
        if self.finds_nothing:
            return []
        if self.look:
            edge = session.execute(
                sa.select(*keys).order_by(*keys).offset(self.look).limit(1)
            ).first()
            near = ordered.where(self.test(record_id))
            if edge is not None:
                near = near.where(sa.tuple_(*keys) <= sa.tuple_(*edge))
            rows = session.execute(near).all()
            if len(rows) == limit or edge is None:
                return list(rows)
        return list(session.execute(ordered.where(self.fetch(record_id))))

    def _among(self, record_id: Any) -> Any:
        return _unindexed(record_id, self).in_(self._ids(None))

    def _ids(self, limit: int | None) -> Any:
        ids = self.index.matching(self).limit(limit)
        if not self.changed:
            return ids
        changed = (sa.select(sa.literal(key)) for key in self.changed)
        return sa.union_all(sa.select(ids.subquery()), *changed)


def plan_search(
    session: Session,
    index: WordIndex,
    question: Question,
    *,
    records: int,
    changed: tuple[int, ...] = (),
    page: int = PAGE,
) -> SearchPlan:
    """Choose how to answer a question; one without words matches everything.

    Args:
        session: Session of one workspace.
        index: Where the words are.
        question: What is asked.
        records: About how many records the workspace has.
        changed: Records that match by words the index does not know yet.
        page: How many matches are wanted.
    """
    plan = SearchPlan(index, question, session.workspace_id, session.is_postgres, changed=changed)
    if not question:
        return _with(plan, count=records)
    some = index.matching(plan).limit(STEPPED).subquery()
    [key] = some.c
    row = session.execute(sa.select(sa.func.count(), sa.func.max(key)).select_from(some)).one()
    count, last = int(row[0]), int(row[1] or 0)
    if count >= STEPPED:  # as frequent among the rest as among the first
        count = max(count, min(records, count * records // max(last, 1)))
    if count <= FEW:
        return _with(plan, count=count)
    costs = _POSTGRES if session.is_postgres else _SQLITE
    rows = page * max(records, count) / count  # until a page is full
    # Parts of the index are scanned from their start until they are large enough to be skipped in.
    probing = costs.probe * _words(question) * (1 if count >= SKIPPED_FROM else 3)
    is_cheaper = rows * probing < count * costs.collect + rows * costs.walk
    is_probed = is_cheaper and 1.2 * rows * probing <= costs.most
    each = probing if is_probed else costs.walk
    look = int(min(5 * rows, costs.most / each))
    return _with(plan, is_probed=is_probed, count=count, look=look)


def _with(plan: SearchPlan, *, count: int, look: int = 0, is_probed: bool = False) -> SearchPlan:
    return SearchPlan(
        plan.index, plan.question, plan.workspace_id, plan.is_postgres, is_probed, plan.changed,
        count, look,
    )  # fmt: skip


def _words(question: Question) -> int:
    return sum(map(len, question.wanted)) + len(question.unwanted)


def _unindexed(record_id: Any, plan: SearchPlan) -> Any:
    """A plus keeps SQLite from looking up each of the ids before anything else."""
    return record_id if plan.is_postgres else UnaryExpression(record_id, operator=custom_op("+"))
