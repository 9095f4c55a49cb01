"""Engines: SQLite with honest transactions, or PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from outreach.core.db.scope import install_gate

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

try:
    from pysqlite3 import dbapi2 as _dbapi
except ImportError:  # no wheel for this platform: the library Python came with
    import sqlite3 as _dbapi

sqlite_dbapi: Any = _dbapi

# Below this, two connections that write and checkpoint at once can corrupt a WAL file.
WAL_IS_SAFE_FROM = (3, 51, 3)
WAL_IS_SAFE: bool = sqlite_dbapi.sqlite_version_info >= WAL_IS_SAFE_FROM
SQLITE_VERSION: str = sqlite_dbapi.sqlite_version


def make_engine(
    url: str, *, durable: bool = False, foreign_keys: bool = True, gated: bool = True
) -> sa.Engine:
    """Build the engine for a database URL.

    Args:
        url: `sqlite:///path` or `postgresql+psycopg://…`.
        durable: Sync every commit to disk before it returns (the mail worker's promise).
        foreign_keys: Off only for migrations, which rebuild tables on SQLite.
        gated: Refuse statements outside scoped sessions; off only for migrations and backups.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed, durable=durable, foreign_keys=foreign_keys, pooled=gated)
    else:
        engine = _postgres_engine(parsed, durable=durable, pooled=gated)
    if gated:
        install_gate(engine)
    return engine


def _sqlite_engine(url: sa.URL, *, durable: bool, foreign_keys: bool, pooled: bool) -> sa.Engine:
    pool: dict[str, Any] = {} if pooled else {"poolclass": NullPool}
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        module=sqlite_dbapi,
        connect_args={"timeout": 15},
        **pool,
    )
    synchronous = "NORMAL" if WAL_IS_SAFE and not durable else "FULL"

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, before the first read
        for pragma in (
            f"journal_mode={'WAL' if WAL_IS_SAFE else 'TRUNCATE'}",
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
            "busy_timeout=15000",
            f"synchronous={synchronous}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "checkout")
    def _reset(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.isolation_level = None  # an AUTOCOMMIT option leaves '' behind

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN" if options.get("readonly") else "BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: sa.URL, *, durable: bool, pooled: bool) -> sa.Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    pool: dict[str, Any] = {"pool_pre_ping": True} if pooled else {"poolclass": NullPool}
    engine = sa.create_engine(url, **pool)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        if durable:
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit = on")
            connection.commit()

    return engine
