"""Writing many rows at database speed, inside the scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from outreach.core.db.scope import ScopeViolation, Session
from outreach.core.tables import is_scoped_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlmodel import SQLModel


def bulk_write(
    session: Session,
    model: type[SQLModel],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    unique: Sequence[str] = (),
    update: Sequence[str] = (),
) -> int:
    """Insert rows, stamping the session's workspace on each.

    Args:
        session: Session of one workspace (or any scope for tables of the installation).
        model: The table.
        columns: Columns the rows give, in order; never `workspace_id`.
        rows: One sequence of values for each row.
        unique: Columns of the unique key, without `workspace_id`; a row that exists is left alone,
            or updated where `update` says so.
        update: Columns to overwrite on a row that exists, where they differ.

    Returns:
        How many rows were inserted or changed.
    """
    table = _table_of(model)
    if "workspace_id" in columns:
        raise ScopeViolation("bulk_write stamps the workspace itself.")
    stamp = (session.workspace_id,) if is_scoped_table(table) else ()
    names = (("workspace_id",) if stamp else ()) + tuple(columns)
    batch = _converted(session, table, columns, rows, before=stamp)
    if not batch:
        return 0
    conflict = (("workspace_id", *unique) if stamp else tuple(unique)) if unique else ()
    return _run(session, _insert_sql(session, table, names, conflict, update), batch)


def bulk_update(
    session: Session,
    model: type[SQLModel],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> int:
    """Set columns of many rows by id; each row is `(*values, id)`. Foreign ids change nothing."""
    table = _table_of(model)
    if "workspace_id" in columns:
        raise ScopeViolation("A row cannot be moved to another workspace.")
    stamp = (session.workspace_id,) if is_scoped_table(table) else ()
    mark = _placeholder(session)
    batch = _converted(session, table, (*columns, "id"), rows, after=stamp)
    if not batch:
        return 0
    sets = ", ".join(f"{name} = {mark}" for name in columns)
    where = f"id = {mark}" + (f" AND workspace_id = {mark}" if stamp else "")
    return _run(session, f"UPDATE {_quoted(session, table.name)} SET {sets} WHERE {where}", batch)  # noqa: S608


def _run(session: Session, sql: str, batch: list[tuple[Any, ...]]) -> int:
    session.flush()
    session.bulk_depth += 1
    try:
        return session.connection().exec_driver_sql(sql, batch).rowcount
    finally:
        session.bulk_depth -= 1


def _insert_sql(
    session: Session,
    table: sa.Table,
    names: Sequence[str],
    conflict: Sequence[str],
    update: Sequence[str],
) -> str:
    missing = [name for name in (*names, *conflict, *update) if name not in table.c]
    if missing:
        raise ValueError(f"{table.name} has no column {', '.join(missing)}")
    name, mark = _quoted(session, table.name), _placeholder(session)
    marks = ", ".join([mark] * len(names))
    sql = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
    if not conflict:
        return sql
    if not update:
        return f"{sql} ON CONFLICT ({', '.join(conflict)}) DO NOTHING"
    differs = "IS DISTINCT FROM" if session.is_postgres else "IS NOT"
    sets = ", ".join(f"{column} = excluded.{column}" for column in update)
    changed = " OR ".join(f"excluded.{column} {differs} {name}.{column}" for column in update)
    return f"{sql} ON CONFLICT ({', '.join(conflict)}) DO UPDATE SET {sets} WHERE {changed}"


def _converted(
    session: Session,
    table: sa.Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    before: tuple[int, ...] = (),
    after: tuple[int, ...] = (),
) -> list[tuple[Any, ...]]:
    """Driver SQL skips the column types, so their conversions are done here."""
    dialect = session.get_bind().dialect
    found = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    needed = [(at, _remembering(fix)) for at, fix in enumerate(found) if fix is not None]
    width, batch = len(columns), []
    for row in rows:
        values = list(row)
        if len(values) != width:
            raise ValueError(f"A row of {len(values)} values for {width} columns.")
        for at, convert in needed:
            values[at] = convert(values[at])
        batch.append((*before, *values, *after))
    return batch


def _remembering(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Convert a value once while it repeats: thousands of rows share one moment and one state."""
    last_given: Any = None
    last_made: Any = convert(None)

    def remember(value: Any) -> Any:
        nonlocal last_given, last_made
        if value is not last_given:
            last_given, last_made = value, convert(value)
        return last_made

    return remember


def _table_of(model: type[SQLModel]) -> sa.Table:
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, sa.Table)
    return table


def _placeholder(session: Session) -> str:
    return "%s" if session.is_postgres else "?"


def _quoted(session: Session, name: str) -> str:
    return session.get_bind().dialect.identifier_preparer.quote(name)
