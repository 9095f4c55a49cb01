"""Search over many prospects, beside the least it can cost.

`python -m bench search [--prospects 100000] [--rounds 40] [--postgres] [--keep FILE]`

Floor: the same full-text question put to the same file with bare sqlite3: the first 51 ids, in no
order. Ours: the plan, and the first page of matches in the order of the list, through a session of
one workspace. Concurrency 1. What is in the database, and which words are made to be hard, says
`search_data`. With `--keep` an SQLite file is made once and used again.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from bench.databases import start_server
from bench.search_data import fill, reopen
from outreach.adapters import migrations
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session, sqlite_dbapi
from outreach.core.db.words import _written
from outreach.core.words import parse_question
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import count_prospects, prospect_page
from outreach.prospects.models import Prospect
from outreach.prospects.search import SEARCHED_PROSPECTS, plan_prospect_search

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTIONS = {
    "a rare word": "word29000",
    "a word of a site": "garden99991",
    "one in a hundred": "word100",
    "one in twenty": "word15",
    "one in two": "word1",
    "every one (example)": "example",
    "two common words": "word1 word3",
    "unfinished, common": "gard",
    "unfinished, rare": "garden9999",
    "common but not another": "word1 -word2",
    "a word nobody uses": "zzzz",
    "only the worst tenth": "casino",
    "only the worst third": "poker",
    "only the worse half": "lower",
    "both common, none together": "upper lower",
}
FIGURES = f"{'CPU p50':>8} {'CPU p95':>8} {'wall p50':>9} {'wall p95':>9}"


def page_of(session: Session, text: str) -> list[Any]:
    """Return the first page of matches, best score first, with the search alone."""
    plan = plan_prospect_search(session, parse_question(text))
    key = col(Prospect.id)
    columns: Any = sa.select
    statement = columns(key, Prospect.domain, Prospect.title, Prospect.score)
    keys = (col(Prospect.score_order), key)
    return list(plan.first_rows(session, statement, keys, key, 51))


def list_of(session: Session, text: str) -> tuple[list[Any], int]:
    """Return the first page of the list and its count, as its page asks for them."""
    wanted, now = ProspectFilter(search=text), utc_now()
    count, _ = count_prospects(session, wanted, now=now)
    return prospect_page(session, wanted, now=now).rows, count


def timed(work: Callable[[], object], rounds: int) -> str:
    """Return p50 and p95 of CPU and wall in milliseconds, after one to warm up."""
    work()
    spent, taken = [], []
    for _ in range(rounds):
        begun, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
        spent.append((time.process_time() - cpu) * 1000)
    return f"{_p(spent, 50):8.2f} {_p(spent, 95):8.2f} {_p(taken, 50):9.2f} {_p(taken, 95):9.2f}"


def _p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prospects", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = start_server("postgresql" if given.postgres else "sqlite", Path(folder))
        try:
            measure(*_made(server, given), given)
        finally:
            server.close()


def _made(server: Any, given: argparse.Namespace) -> tuple[Database, Scope]:
    if given.keep and given.keep.exists():
        return reopen(f"sqlite:///{given.keep}")
    url = f"sqlite:///{given.keep}" if given.keep else server.make("search")
    migrations.upgrade(url)
    begun = time.perf_counter()
    made = fill(url, given.prospects)
    print(f"{given.prospects:,} prospects made in {time.perf_counter() - begun:.0f} s")
    return made


def measure(database: Database, scope: Scope, given: argparse.Namespace) -> None:
    """Print a line for each question: the search alone, the list's page and count, the floor."""
    asked: tuple[tuple[str, Callable[[Session, str], object]], ...]
    asked = (("search alone", page_of), ("list and count", list_of))
    for title, ask in asked:
        print(f"{title:28} {FIGURES}   how")
        for name, text in QUESTIONS.items():
            with database.reading(scope) as session:
                figures = timed(partial(ask, session, text), given.rounds)
                print(f"{name:28} {figures}   {_how(session, text)}")
    if not given.postgres:
        _floor(database, scope, given.rounds)


def _how(session: Session, text: str) -> str:
    plan = plan_prospect_search(session, parse_question(text))
    way = "probed" if plan.is_probed else "walked" if plan.look else "fetched"
    return f"~{plan.count:,} match, {way} {plan.look or ''}"


def _floor(database: Database, scope: Scope, rounds: int) -> None:
    bare = sqlite_dbapi.connect(database.engine.url.database or "")
    sql = "SELECT rowid FROM prospect_fts WHERE prospect_fts MATCH ? LIMIT 51"
    print(f"{'floor':28} {FIGURES}")
    for name, text in QUESTIONS.items():
        with database.reading(scope) as session:
            plan = SEARCHED_PROSPECTS.plan(session, parse_question(text))
        asked = _written(plan, plan.question.wanted, plan.question.unwanted)
        figures = timed(partial(_fetched, bare, sql, asked), rounds)
        print(f"{name:28} {figures}")
    bare.close()


def _fetched(bare: Any, sql: str, asked: str) -> list[Any]:
    return list(bare.execute(sql, (asked,)))


if __name__ == "__main__":
    main()
