"""The least an import can cost: its rows, parsed and decided beforehand, put into the same tables.

`dump` reads the rows an import of ours left behind, before any clock runs; `load` puts them into an
empty database with `executemany`, 5,000 rows a transaction, with the same columns, keys, indexes,
foreign keys and search index, and times only that.
"""

from __future__ import annotations

import json
import pickle
import resource
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from outreach.core.db import Database, Scope, make_engine, sqlite_dbapi
from outreach.core.words import index_words as taken_apart
from outreach.prospects.search import SEARCHED_PROSPECTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = ("site", "import_file", "prospect", "prospect_page", "vendor_metric", "import_row")
ROWS_AT_ONCE = 5_000
_WORDS = SEARCHED_PROSPECTS.index.name


def dump(url: str, path: Path) -> None:
    """Write the rows of an imported database to a file, as statements and their batches."""
    engine = make_engine(url, gated=False)
    with path.open("wb") as file, engine.connect() as connection:
        raw: Any = connection.connection.cursor()
        mark = "?" if engine.dialect.name == "sqlite" else "%s"
        for table in TABLES:
            raw.execute(f"SELECT * FROM {table} ORDER BY id")
            names = [column[0] for column in raw.description]
            marks = ", ".join([mark] * len(names))
            sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
            while rows := raw.fetchmany(ROWS_AT_ONCE):
                pickle.dump((sql, [tuple(map(_plain, row)) for row in rows]), file)
    engine.dispose()
    with path.open("ab") as file:
        for batch in _word_batches(url):
            pickle.dump(batch, file)


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _word_batches(url: str) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    database, last = Database(make_engine(url)), 0
    postgres = database.engine.dialect.name == "postgresql"
    sql = f"INSERT INTO {_WORDS} (rowid, words) VALUES (?, ?)"
    if postgres:
        sql = (
            f"INSERT INTO {_WORDS} (id, workspace_id, words) "
            "VALUES (%s, 1, array_to_tsvector(%s::text[]))"
        )
    while True:
        with database.reading(Scope(1)) as session:
            chosen = [*range(last + 1, last + ROWS_AT_ONCE + 1)]
            found = SEARCHED_PROSPECTS.words_of(session, chosen)
        if not found:
            database.engine.dispose()
            return
        last = chosen[-1]
        words = {key: [f"1{word}" for word in taken_apart(*said)] for key, said in found.items()}
        yield sql, [(key, said if postgres else " ".join(said)) for key, said in words.items()]


def load(url: str, path: Path) -> float:
    """Put the rows into an empty database; return the CPU seconds of this process for that."""
    parsed = sa.make_url(url)
    connection: Any
    if parsed.get_backend_name() == "sqlite":
        connection = sqlite_dbapi.connect(str(parsed.database), isolation_level=None)
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
        return _load(connection, "BEGIN IMMEDIATE", path)
    engine = make_engine(url, gated=False)
    with engine.connect() as held:
        connection = held.connection.dbapi_connection
        connection.autocommit = True
        return _load(connection, "BEGIN", path)


def _load(connection: Any, begin: str, path: Path) -> float:
    spent, cursor = 0.0, connection.cursor()
    with path.open("rb") as file:
        while True:
            try:
                sql, rows = pickle.load(file)
            except EOFError:
                return spent
            before = _cpu()
            cursor.execute(begin)
            cursor.executemany(sql, rows)
            cursor.execute("COMMIT")
            spent += _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
