"""The search index: which records hold which words, in a full-text table of either engine.

Every word is kept with its workspace's number in front, so a question of one workspace cannot match
another's record; whoever asks joins the answer with the scoped table besides. The tables hold no
text, only words, and are filled from the records by a job.

Most questions are answered from the index: the ids that match, as a set the list is joined with;
that costs less than a tenth of a microsecond an id. A word that a large part of all records share
is looked up record by record instead, while the list is walked in its own order: the first page is
full after a few of them. `plan_search` tells which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from outreach.core.db.scope import Session
    from outreach.core.words import Question

# From one record in so many a word is common: a page of fifty is full after 250 look-ups, while a
# set of so many ids of a million takes 20 milliseconds to make.
COMMON_IS_ONE_IN = 5
COMMON_AT_LEAST = 20_000
# Loading each of n matches and sorting costs about 0.7 n microseconds; walking the list, with a set
# of them at hand, about 15 N / n for fifty. They cost the same at the root of this many N.
WALKED_FROM_ROOT_OF = 23
_PAGES_MERGED_AT_ONCE = 500


@dataclass(frozen=True)
class WordIndex:
    """The words of one table's records; `name` is the full-text table's."""

    name: str

    @cached_property
    def _table(self) -> sa.TableClause:
        # Not a Table: it has no rows to load, so it needs no scope; its words carry theirs.
        names = ("rowid", self.name, "id", "workspace_id", "words")
        return sa.table(self.name, *(sa.column(name) for name in names))

    def put(self, session: Session, words: Mapping[int, Sequence[str]]) -> None:
        """Keep the words of records by id, instead of what was kept; no words: nothing is kept."""
        self.remove(session, [key for key, found in words.items() if not found])
        mine = str(session.workspace_id)
        kept = {key: [f"{mine}{word}" for word in found] for key, found in words.items() if found}
        if session.is_postgres:
            sql = (
                f"INSERT INTO {self.name} (id, workspace_id, words) "  # noqa: S608 - our own name
                "VALUES (%s, %s, array_to_tsvector(%s::text[])) ON CONFLICT (id) "
                "DO UPDATE SET workspace_id = excluded.workspace_id, words = excluded.words"
            )
            _run(session, sql, [(key, session.workspace_id, found) for key, found in kept.items()])
        else:
            sql = f"INSERT OR REPLACE INTO {self.name} (rowid, words) VALUES (?, ?)"  # noqa: S608
            _run(session, sql, [(key, " ".join(found)) for key, found in kept.items()])

    def remove(self, session: Session, ids: Collection[int]) -> None:
        """Forget the words of records that are gone or were emptied."""
        column, mark = ("id", "%s") if session.is_postgres else ("rowid", "?")
        _run(session, f"DELETE FROM {self.name} WHERE {column} = {mark}", [(key,) for key in ids])  # noqa: S608

    def tidy(self, session: Session, *, is_begun: bool = False) -> bool:
        """Merge some of the parts that writing has left; True while there is more to merge.

        A look-up asks every part. PostgreSQL keeps no parts, so there is nothing to do.
        """
        if session.is_postgres:
            return False
        pages = _PAGES_MERGED_AT_ONCE if is_begun else -_PAGES_MERGED_AT_ONCE
        counted = "SELECT total_changes()"
        before = _answer(session, counted)
        sql = f"INSERT INTO {self.name} ({self.name}, rank) VALUES ('merge', ?)"  # noqa: S608
        _run(session, sql, [(pages,)])
        return _answer(session, counted) - before > 1  # as SQLite documents the end of a merge

    def ids(self, session: Session, question: Question, limit: int) -> list[int]:
        """Return some ids that match; load them through the scoped table."""
        found = session.execute(self._matching(session, question).limit(limit))
        return [int(key) for key in found.scalars()]

    def all_ids(self, session: Session, *, after: int, limit: int) -> list[int]:
        """Page through the ids the index knows, of every workspace; for system scope."""
        key = self._key(session)
        found = session.execute(sa.select(key).where(key > after).order_by(key).limit(limit))
        return [int(row) for row in found.scalars()]

    def _key(self, session: Session) -> Any:
        return self._table.c.id if session.is_postgres else self._table.c.rowid

    def _matching(self, session: Session, question: Question) -> sa.Select[Any]:
        asked = _asked(session, question)
        if not session.is_postgres:
            return sa.select(self._table.c.rowid).where(self._match(asked))
        return sa.select(self._table.c.id).where(
            self._table.c.workspace_id == session.workspace_id, self._holds(asked)
        )

    def _match(self, asked: str) -> Any:
        return self._table.c[self.name].op("MATCH", is_comparison=True)(asked)

    def _holds(self, asked: str) -> Any:
        return self._table.c.words.op("@@", is_comparison=True)(sa.cast(asked, TSQUERY))

    def _probe(self, session: Session, question: Question, record_id: Any) -> Any:
        """Look one record of the outer query up; a form no planner turns into a join."""
        asked, table = _asked(session, question), self._table
        if session.is_postgres:
            looked_up = sa.select(self._holds(asked)).where(table.c.id == record_id)
            return looked_up.correlate_except(table).scalar_subquery()
        looked_up = sa.select(table.c.rowid).where(self._match(asked), table.c.rowid == record_id)
        return looked_up.correlate_except(table).exists()


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """How to answer one question in one session."""

    session: Session
    index: WordIndex
    question: Question
    count: int  # records of the workspace that match; at least so many when common
    is_common: bool
    is_walked: bool = True  # the list is walked in its order, not the matches loaded and sorted

    def condition(self, record_id: Any, *, is_narrowed: bool = False) -> Any:
        """Return the condition for an ORM select.

        Args:
            record_id: The id column of the entity.
            is_narrowed: Other conditions leave few records, so the list would be walked far.
        """
        if not self.question:
            return sa.true()
        if self.is_common and not is_narrowed:
            return self.index._probe(self.session, self.question, record_id)  # noqa: SLF001
        matching = self.index._matching(self.session, self.question)  # noqa: SLF001
        if self.is_walked and not is_narrowed and not self.session.is_postgres:
            # A plus keeps SQLite from looking up each of the ids before anything else.
            record_id = UnaryExpression(record_id, operator=custom_op("+"))
        return record_id.in_(matching)


def plan_search(
    session: Session, index: WordIndex, question: Question, *, records: int
) -> SearchPlan:
    """Choose how to answer a question.

    Args:
        session: Session of one workspace.
        index: Where the words are.
        question: What is asked; one without words matches everything.
        records: About how many records the workspace has.
    """
    if not question:
        return SearchPlan(session, index, question, records, is_common=True)
    bound = max(COMMON_AT_LEAST, records // COMMON_IS_ONE_IN)
    some = index._matching(session, question).limit(bound).subquery()  # noqa: SLF001
    count = session.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return SearchPlan(
        session,
        index,
        question,
        count,
        is_common=count >= bound,
        is_walked=count**2 > WALKED_FROM_ROOT_OF * records,
    )


def _asked(session: Session, question: Question) -> str:
    """Write a question in the engine's own syntax; words hold letters and digits only."""
    mine = str(session.workspace_id)
    postgres = session.is_postgres
    quote, both, either, but = (
        ("'", " & ", " | ", " & !") if postgres else ('"', " AND ", " OR ", " NOT ")
    )
    wanted = question.wanted or (("a",),)
    groups = [
        "(" + either.join(f"{quote}{mine}{word}{quote}" for word in group) + ")" for group in wanted
    ]
    unwanted = "".join(f"{but}{quote}{mine}{word}{quote}" for word in question.unwanted)
    return f"({both.join(groups)}){unwanted}"


def _answer(session: Session, sql: str) -> int:
    session.bulk_depth += 1
    try:
        return int(session.connection().exec_driver_sql(sql).scalar_one())
    finally:
        session.bulk_depth -= 1


def _run(session: Session, sql: str, rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    session.flush()
    session.bulk_depth += 1
    try:
        session.connection().exec_driver_sql(sql, rows)
    finally:
        session.bulk_depth -= 1
