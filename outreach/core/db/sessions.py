"""Sessions for a scope, and the two ways a transaction is opened."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.db.scope import SYSTEM, Scope, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Database:
    """The engine of this process; everything above asks it for sessions."""

    engine: sa.Engine

    @contextmanager
    def writing(self, scope: Scope) -> Iterator[Session]:
        """Open a transaction that may change things; commits at the end, rolls back on error.

        On SQLite this takes the writer's lock at once, so do everything slow before it.
        """
        with Session(self.engine, scope=scope, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        """Open a read-only transaction; anything that would write is refused."""
        session = open_session(self, scope, readonly=True)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def system(self) -> Iterator[Session]:
        """Open a writing transaction that sees every workspace: ticks and operators only."""
        with self.writing(SYSTEM) as session:
            yield session


def open_session(database: Database, scope: Scope, *, readonly: bool = False) -> Session:
    """Open a session for a scope; the caller closes it."""
    engine = database.engine
    if readonly:
        options: dict[str, object] = {"readonly": True}
        if engine.dialect.name == "postgresql":
            options = {"postgresql_readonly": True}
        engine = engine.execution_options(**options)
    return Session(engine, scope=scope, readonly=readonly, expire_on_commit=False)
