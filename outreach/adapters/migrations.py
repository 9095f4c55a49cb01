"""Applying migrations. Alembic lives here, so that the web process never loads it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError

from outreach.core.db import make_engine
from outreach.core.errors import Conflict, Unavailable
from outreach.core.paths import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision."""
    with _connected(url) as config:
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Take a database down to a revision."""
    with _connected(url) as config:
        command.downgrade(config, revision)


def create_revision(url: str, message: str, number: str) -> None:
    """Draft a migration from the difference between the models and the database."""
    with _connected(url) as config:
        command.revision(config, message=message, autogenerate=True, rev_id=number)


def check(url: str) -> None:
    """Fail when the models and the migrated database differ."""
    with _connected(url) as config:
        command.check(config)


def current_revision(url: str) -> str | None:
    """Return the revision a database is at; None before the first.

    Raises:
        Unavailable: The database cannot be reached.
    """
    engine = make_engine(url, gated=False)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise Unavailable(
            f"The database cannot be reached ({type(error.orig).__name__}). Check "
            "OUTREACH_DATABASE_URL, and that the server runs."
        ) from error
    finally:
        engine.dispose()


def head_revision() -> str:
    """Return the revision this code wants.

    Raises:
        Conflict: The history has more than one head.
    """
    heads = ScriptDirectory.from_config(_config()).get_heads()
    if len(heads) != 1:
        raise Conflict(f"The migration history has {len(heads)} heads; it must be one line.")
    return heads[0]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _connected(url: str) -> Iterator[Config]:
    """Hand a connection to Alembic, with SQLite's foreign keys off while tables are rebuilt."""
    engine = make_engine(url, foreign_keys=False, gated=False)
    config = _config()
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            yield config
            connection.commit()
            if engine.dialect.name == "sqlite":
                _refuse_orphans(connection)
    finally:
        engine.dispose()


def _refuse_orphans(connection: sa.Connection) -> None:
    orphans = connection.execute(sa.text("PRAGMA foreign_key_check")).fetchall()
    if orphans:
        raise Conflict(f"The migration left {len(orphans)} rows that point at nothing.")
