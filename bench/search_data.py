"""Many scored prospects with their words in the index, as fast as a database takes them.

The titles are drawn from a vocabulary in which the n-th word is as frequent as 1/n, with a fixed
seed. Some words are planted to be hard: `casino` and `poker` stand only in the lowest tenth and
third of all scores, `upper` and `lower` in one half each, so that both together match nothing.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.accounts.services import create_user, create_workspace
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, bulk_write, make_engine
from outreach.core.words import index_words
from outreach.prospects.models import Prospect
from outreach.prospects.search import SEARCHED_PROSPECTS
from outreach.sites.models import Site
from outreach.sites.services import add_missing as add_sites
from outreach.workflows.index_words import tidy_index

if TYPE_CHECKING:
    from datetime import datetime

SEED = 20_261_121
VOCABULARY = 30_000
WORDS_OF_A_TITLE = 7
_AT_ONCE = 10_000
_SAME = {
    "notes": "", "review": "new", "rejected_because": "", "source": "manual", "page_count": 0,
    "authority_order": 101, "is_authority_known": False, "stage": "", "has_contact": False,
    "country": "", "language": "", "topic": "", "tactic": "", "is_search_stale": False,
}  # fmt: skip
_EACH = ("site_id", "domain", "title", "score", "score_order", "created_at", "updated_at")


def fill(url: str, count: int) -> tuple[Database, Scope]:
    """Make a workspace with so many prospects in a migrated database."""
    database, now, dice = Database(make_engine(url)), utc_now(), random.Random(SEED)
    with database.system() as session:
        user = create_user(session, email="search@outreach.example", name="Ann", password_hash="!")
        scope = Scope(create_workspace(session, "Search", owner=user).key, user.key)
    put_aside = _drop_indexes(database)
    words = [f"word{place}" for place in range(1, VOCABULARY + 1)]
    weights = [1 / place for place in range(1, VOCABULARY + 1)]
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count))
        drawn = iter(dice.choices(words, weights, k=len(numbers) * WORDS_OF_A_TITLE))
        rows = []
        for number in numbers:
            title = " ".join(next(drawn) for _ in range(WORDS_OF_A_TITLE))
            score = dice.randrange(101)
            rows.append((f"garden{number}.example", f"{title} {planted(score)}", score))
        _add(database, scope, rows, now)
    tidy_index(database)
    _run(database, put_aside)
    _run(database, ["ANALYZE"])
    return database, scope


def reopen(url: str) -> tuple[Database, Scope]:
    """Open a database that `fill` has made."""
    return Database(make_engine(url)), Scope(1, 1)


def planted(score: int) -> str:
    """Return the words that stand only at some scores."""
    half = "upper" if score >= 50 else "lower"
    return f"{half}{' casino' * (score < 10)}{' poker' * (score < 33)}"


def _add(database: Database, scope: Scope, rows: list[tuple[str, str, int]], now: datetime) -> None:
    with database.writing(scope) as session:
        sites = add_sites(session, [domain for domain, _, _ in rows], now=now)
        given = [
            (sites[domain], domain, title, score, 100 - score, now, now, *_SAME.values())
            for domain, title, score in rows
        ]
        bulk_write(session, Prospect, (*_EACH, *_SAME), given)
        last = session.exec(select(col(Prospect.id)).order_by(col(Prospect.id).desc())).first()
        first = (last or 0) - len(rows) + 1
        words = {
            first + place: index_words((domain, title))
            for place, (domain, title, _) in enumerate(rows)
        }
        SEARCHED_PROSPECTS.index.put(session, words)


def _drop_indexes(database: Database) -> list[str]:
    """Drop the indexes that are not needed while filling; return how to make them again."""
    with database.system() as session:
        if session.is_postgres:
            return []
    made: list[str] = []
    for model in (Prospect, Site):
        table: Any = sa.inspect(model).local_table
        dropped = [index for index in table.indexes if not index.unique]
        made += [_said(database, sa.schema.CreateIndex(index)) for index in dropped]
        _run(database, [f"DROP INDEX IF EXISTS {index.name}" for index in dropped])
    return made


def _said(database: Database, statement: Any) -> str:
    with database.system() as session:
        return str(statement.compile(dialect=session.get_bind().dialect))


def _run(database: Database, statements: list[str]) -> None:
    for statement in statements:
        with database.system() as session:
            session.connection().exec_driver_sql(statement)
