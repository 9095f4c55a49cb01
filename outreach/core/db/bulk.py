"""Writing and finding many rows at database speed, inside the scope."""

from __future__ import annotations

import json
from hashlib import blake2b
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from outreach.core.db.scope import ScopeViolation, Session
from outreach.core.tables import is_scoped_table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from sqlmodel import SQLModel

    from outreach.core.db.sessions import Database

_REPEATING = (sa.Date, sa.DateTime, sa.Enum)
_MOST_REMEMBERED = 4_096


class Encoded(NamedTuple):
    """A value of a JSON column that is text already."""

    text: str


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
    *,
    add: Sequence[str] = (),
) -> int:
    """Set columns of many rows by id; each row is `(*values, id)`. Foreign ids change nothing.

    Args:
        session: Session of one workspace (or any scope for tables of the installation).
        model: The table.
        columns: Columns the rows give, in order, before the id.
        rows: One sequence of values for each row.
        add: Those of the columns whose values are added to what is there.

    Returns:
        How many rows there were.
    """
    table = _table_of(model)
    if "workspace_id" in columns:
        raise ScopeViolation("A row cannot be moved to another workspace.")
    stamp = (session.workspace_id,) if is_scoped_table(table) else ()
    mark = _placeholder(session)
    batch = _converted(session, table, (*columns, "id"), rows, after=stamp)
    if not batch:
        return 0
    sets = ", ".join(
        f"{name} = {name} + {mark}" if name in add else f"{name} = {mark}" for name in columns
    )
    where = f"id = {mark}" + (f" AND workspace_id = {mark}" if stamp else "")
    return _run(session, f"UPDATE {_quoted(session, table.name)} SET {sets} WHERE {where}", batch)  # noqa: S608


def rows_by_key(
    session: Session,
    model: type[SQLModel],
    key: str,
    values: Collection[str] | Collection[int],
    columns: Sequence[str],
) -> Iterator[tuple[Any, ...]]:
    """Read columns of the rows whose key column holds one of many values, the key first.

    The values travel as one parameter, so the statement's text is always the same and is prepared
    once. In a workspace's session only its rows are read.
    """
    if not values:
        return iter(())
    table = _table_of(model)
    names = (key, *columns)
    mark = _placeholder(session)
    among = f"= ANY({mark})" if session.is_postgres else f"IN (SELECT value FROM json_each({mark}))"  # noqa: S608
    listed = list(values)
    given: list[Any] = [listed if session.is_postgres else json.dumps(listed)]
    where = f"{table.c[key].name} {among}"
    if is_scoped_table(table):
        where = f"workspace_id = {mark} AND {where}"
        given.insert(0, session.workspace_id)
    chosen = ", ".join(table.c[name].name for name in names)
    sql = f"SELECT {chosen} FROM {_quoted(session, table.name)} WHERE {where}"  # noqa: S608
    session.flush()
    session.bulk_depth += 1
    session.is_finding = True
    try:
        result = session.connection().exec_driver_sql(sql, tuple(given))
        codes = [column[1] for column in result.cursor.description]
        found = result.cursor.fetchall()  # as tuples: a Row of each would cost more than the query
        result.close()
    finally:
        session.bulk_depth -= 1
        session.is_finding = False
    types = [table.c[name].type for name in names]
    return _read_back(session, zip(types, codes, strict=True), found)


def _read_back(
    session: Session, types: Iterable[tuple[Any, Any]], rows: Sequence[Sequence[Any]]
) -> Iterator[tuple[Any, ...]]:
    dialect = session.get_bind().dialect
    given: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for at, (kind, code) in enumerate(types if rows else ()):
        convert = kind.dialect_impl(dialect).result_processor(dialect, code)
        if convert is not None:
            given[at] = map(_fitted(kind, convert), given[at])
    return zip(*given, strict=True)


def reserve_ids(session: Session, model: type[SQLModel], count: int) -> list[int]:
    """Return ids for so many rows to be inserted in this transaction, in order.

    SQLite numbers on from the highest row while the writer's lock is held; PostgreSQL draws from
    the column's sequence.
    """
    name = _quoted(session, _table_of(model).name)
    session.bulk_depth += 1
    try:
        connection = session.connection()
        if session.is_postgres:
            sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            return list(connection.exec_driver_sql(sql, (name, count)).scalars())
        last = connection.exec_driver_sql(f"SELECT max(id) FROM {name}").scalar() or 0  # noqa: S608
        return list(range(last + 1, last + count + 1))
    finally:
        session.bulk_depth -= 1


def take_turn(session: Session, errand: str) -> None:
    """Let one transaction at a time do an errand in this workspace, until it ends.

    SQLite lets one transaction write anyway; PostgreSQL holds an advisory lock.
    """
    if session.is_postgres:
        name = f"{errand} {session.workspace_id}"
        number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def refresh_statistics(database: Database) -> None:
    """Let the planner know what a large import changed; takes no lock that a writer waits for."""
    with database.system() as session:
        if session.is_postgres:
            session.connection().exec_driver_sql("ANALYZE")
        else:
            session.connection().exec_driver_sql("PRAGMA analysis_limit = 400")
            session.connection().exec_driver_sql("PRAGMA optimize = 0x10002")


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
    """Driver SQL skips the column types, so their conversions are done here, column by column."""
    given: list[Iterable[Any]] = list(zip(*rows, strict=True))
    if not given:
        return []
    if len(given) != len(columns):
        raise ValueError(f"Rows of {len(given)} values for {len(columns)} columns.")
    dialect = session.get_bind().dialect
    for at, name in enumerate(columns):
        kind = table.c[name].type
        convert = kind.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            given[at] = map(_fitted(kind, convert), given[at])
    return list(zip(*map(repeat, before), *given, *map(repeat, after), strict=False))


def _fitted(kind: Any, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make a column's conversion cheap for a thousand values; JSON of nothing is NULL."""
    stored = kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind
    if isinstance(stored, sa.JSON):
        return lambda value: (
            value.text if type(value) is Encoded else convert(value) if value is not None else None
        )
    return _remembering(convert) if isinstance(stored, _REPEATING) else convert


def _remembering(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Convert a value once: thousands of rows share a few moments, days and states."""
    made: dict[Any, Any] = {}

    def remember(value: Any) -> Any:
        try:
            return made[value]
        except KeyError:
            if len(made) >= _MOST_REMEMBERED:
                made.clear()
            found = made[value] = convert(value)
            return found

    return remember


def _table_of(model: type[SQLModel]) -> sa.Table:
    table = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, sa.Table)
    return table


def _placeholder(session: Session) -> str:
    return "%s" if session.is_postgres else "?"


def _quoted(session: Session, name: str) -> str:
    return session.get_bind().dialect.identifier_preparer.quote(name)
