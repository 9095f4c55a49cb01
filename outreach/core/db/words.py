"""The search index: which records hold which words, in a full-text table of either engine.

Every word is kept with its workspace's number in front, so a question of one workspace cannot match
another's record; whoever asks joins the answer with the scoped table besides. The tables hold no
text, only words, and are filled from the records by a job.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY

from outreach.core.words import EVERY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from outreach.core.db.scope import Session
    from outreach.core.words import Question

    Groups = tuple[tuple[str, ...], ...]

_PAGES_MERGED_AT_ONCE = 500
_EVERY = ((EVERY,),)


class Asked(Protocol):
    """A question in one workspace."""

    @property
    def question(self) -> Question:
        """What is asked."""

    @property
    def workspace_id(self) -> int:
        """Whose words."""

    @property
    def is_postgres(self) -> bool:
        """True for PostgreSQL, False for SQLite."""


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
        mine = _owner(session.workspace_id)
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

        A look-up asks every part. PostgreSQL keeps but one list of what was added lately.
        """
        if session.is_postgres:
            _answer(session, f"SELECT gin_clean_pending_list('ix_{self.name}_words')")
            return False
        pages = _PAGES_MERGED_AT_ONCE if is_begun else -_PAGES_MERGED_AT_ONCE
        counted = "SELECT total_changes()"
        before = _answer(session, counted)
        sql = f"INSERT INTO {self.name} ({self.name}, rank) VALUES ('merge', ?)"  # noqa: S608
        _run(session, sql, [(pages,)])
        return _answer(session, counted) - before > 1  # as SQLite documents the end of a merge

    def all_ids(self, session: Session, *, after: int, limit: int) -> list[int]:
        """Page through the ids the index knows, of every workspace; for system scope."""
        key = self._key(session)
        found = session.execute(sa.select(key).where(key > after).order_by(key).limit(limit))
        return [int(row) for row in found.scalars()]

    def _key(self, session: Session) -> Any:
        return self._table.c.id if session.is_postgres else self._table.c.rowid

    def matching(self, asked: Asked) -> sa.Select[Any]:
        """Select the ids that match, lowest first on SQLite; join them with the scoped table."""
        table, text = self._table, _written(asked, asked.question.wanted, asked.question.unwanted)
        if not asked.is_postgres:
            return sa.select(table.c.rowid).where(self._match(text))
        return sa.select(table.c.id).where(
            table.c.workspace_id == asked.workspace_id, self._holds(text)
        )

    def probe(self, asked: Asked, record_id: Any) -> Any:
        """Look one record of the outer query up; a form no planner turns into a join.

        On SQLite each word by itself: with two, FTS5 would step to where both meet next.
        """
        table, question = self._table, asked.question
        if asked.is_postgres:
            holds = self._holds(_written(asked, question.wanted, question.unwanted))
            looked_up = sa.select(holds).where(table.c.id == record_id)
            return looked_up.correlate_except(table).scalar_subquery()
        wanted = [self._has(asked, group, record_id) for group in question.wanted or _EVERY]
        unwanted = [~self._has(asked, (word,), record_id) for word in question.unwanted]
        return sa.and_(*wanted, *unwanted)

    def _has(self, asked: Asked, group: tuple[str, ...], record_id: Any) -> Any:
        table = self._table
        match = self._match(_written(asked, (group,), ()))
        looked_up = sa.select(table.c.rowid).where(match, table.c.rowid == record_id)
        return looked_up.correlate_except(table).exists()

    def _match(self, asked: str) -> Any:
        return self._table.c[self.name].op("MATCH", is_comparison=True)(asked)

    def _holds(self, asked: str) -> Any:
        return self._table.c.words.op("@@", is_comparison=True)(sa.cast(asked, TSQUERY))


def _owner(workspace_id: int) -> str:
    """Begin every word with whose it is; the letter parts the number from a word like "1st"."""
    return f"{workspace_id}w"


def _written(asked: Asked, wanted: Groups, unwanted: tuple[str, ...]) -> str:
    """Write a question in the engine's own syntax; words hold letters and digits only."""
    mine = _owner(asked.workspace_id)
    quote, both, either, but = (
        ("'", " & ", " | ", " & !") if asked.is_postgres else ('"', " AND ", " OR ", " NOT ")
    )
    groups = [
        "(" + either.join(f"{quote}{mine}{word}{quote}" for word in group) + ")"
        for group in wanted or _EVERY
    ]
    but_not = "".join(f"{but}{quote}{mine}{word}{quote}" for word in unwanted)
    return f"({both.join(groups)}){but_not}"


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
