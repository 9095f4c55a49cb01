"""The database: engines, sessions opened for a scope, and bulk reading and writing."""

from outreach.core.db.bulk import (
    Encoded,
    bulk_update,
    bulk_write,
    refresh_statistics,
    reserve_ids,
    rows_by_key,
    take_turn,
)
from outreach.core.db.engine import SQLITE_VERSION, WAL_IS_SAFE, make_engine, sqlite_dbapi
from outreach.core.db.scope import SYSTEM, Scope, ScopeViolation, Session
from outreach.core.db.sessions import Database, open_session

__all__ = [
    "SQLITE_VERSION",
    "SYSTEM",
    "WAL_IS_SAFE",
    "Database",
    "Encoded",
    "Scope",
    "ScopeViolation",
    "Session",
    "bulk_update",
    "bulk_write",
    "make_engine",
    "open_session",
    "refresh_statistics",
    "reserve_ids",
    "rows_by_key",
    "sqlite_dbapi",
    "take_turn",
]
