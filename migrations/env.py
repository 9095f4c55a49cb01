"""Alembic's entry: works on the connection that `outreach db` hands over."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql import sqltypes

from outreach.registry import metadata


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our column types as plain SQLAlchemy, so that migrations import nothing of ours."""
    text: str | Literal[False] = False
    if kind != "type":
        return False
    if isinstance(item, sqltypes.UTCDateTime):
        text = "sa.DateTime(timezone=True)"
    elif isinstance(item, sa.Enum):
        text = f"sa.String(length={item.length})"
    elif isinstance(item, sqltypes.AutoString):
        text = f"sa.String(length={item.length})" if item.length else "sa.Text()"
    elif isinstance(item, sa.JSON):
        text = 'sa.JSON().with_variant(JSONB(), "postgresql")'
    return text


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Hide full-text tables and their shadows from autogenerate."""
    return not (kind == "table" and name is not None and "_fts" in name)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    include_name=include_name,
    compare_type=False,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
