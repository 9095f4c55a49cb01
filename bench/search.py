"""Search over many prospects, beside the least it can cost.

`python -m bench search` or `python -m bench.search [--prospects 100000] [--rounds 40]`

Floor: the same full-text question put to the same file with bare sqlite3: the first 50 ids, in no
order. Ours: the plan, and the first page of matches in the order of the list, through a session of
one workspace. Concurrency 1; the titles are drawn from a vocabulary in which the n-th word is as
frequent as 1/n, with a fixed seed. One word is planted among the lowest scores only.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.accounts.services import create_user, create_workspace
from outreach.adapters import migrations
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session, bulk_write, make_engine, sqlite_dbapi
from outreach.core.db.words import _asked
from outreach.core.words import parse_question
from outreach.prospects.models import Prospect
from outreach.prospects.search import plan_prospect_search
from outreach.sites.services import add_missing as add_sites
from outreach.workflows.index_words import index_words

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 20_261_121
VOCABULARY = 30_000
WORDS_OF_A_TITLE = 7
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
    "only among the worst": "casino",
}


COLUMNS = (
    *("site_id", "domain", "title", "notes", "review", "rejected_because", "source"),
    *("page_count", "score", "score_order", "authority_order", "is_authority_known", "stage"),
    *("has_contact", "country", "language", "topic", "tactic", "is_search_stale"),
    *("created_at", "updated_at"),
)


def fill(folder: Path, count: int) -> tuple[Database, Scope]:
    """Make a database of scored prospects with their words in the index."""
    url = f"sqlite:///{folder / 'outreach.db'}"
    migrations.upgrade(url)
    database, now, dice = Database(make_engine(url)), utc_now(), random.Random(SEED)
    with database.system() as session:
        user = create_user(session, email="a@outreach.example", name="Ann", password_hash="!")
        scope = Scope(create_workspace(session, "Bench", owner=user).key, user.key)
    words = [f"word{place}" for place in range(1, VOCABULARY + 1)]
    weights = [1 / place for place in range(1, VOCABULARY + 1)]
    for start in range(0, count, 5_000):
        numbers = range(start, min(start + 5_000, count))
        scores = [dice.randrange(101) for _ in numbers]
        drawn = iter(dice.choices(words, weights, k=len(numbers) * WORDS_OF_A_TITLE))
        titles = [" ".join(next(drawn) for _ in range(WORDS_OF_A_TITLE)) for _ in numbers]
        titles = [
            f"{title} casino" if score < 10 else title
            for title, score in zip(titles, scores, strict=True)
        ]
        names = [f"garden{number}.example" for number in numbers]
        with database.writing(scope) as session:
            ids = add_sites(session, names, now=now)
            bulk_write(
                session,
                Prospect,
                COLUMNS,
                [
                    (
                        ids[name],
                        name,
                        title,
                        "",
                        "new",
                        "",
                        "manual",
                        0,
                        score,
                        100 - score,
                        101,
                        False,
                        "",
                        False,
                        "",
                        "",
                        "",
                        "",
                        True,
                        now,
                        now,
                    )
                    for name, title, score in zip(names, titles, scores, strict=True)
                ],
            )
    return database, scope


def page_of(session: Session, text: str, count: int) -> list[tuple[object, ...]]:
    """Return the first page of matches, best score first, as the list asks."""
    plan = plan_prospect_search(session, parse_question(text), records=count)
    rows = session.exec(
        select(Prospect.id, Prospect.domain, Prospect.title, Prospect.score)
        .where(plan.condition(col(Prospect.id)))
        .order_by(col(Prospect.score_order), col(Prospect.id))
        .limit(51)
    )
    return [tuple(row) for row in rows]


def timed(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the median and the 95th percentile in milliseconds, after one to warm up."""
    work()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), sorted(taken)[int(0.95 * (len(taken) - 1))]


def main() -> None:
    """Fill, index, ask."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prospects", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database, scope = fill(Path(folder), given.prospects)
        begun, cpu = time.perf_counter(), time.process_time()
        done = index_words(database, scope, limit=given.prospects)
        took, spent = time.perf_counter() - begun, time.process_time() - cpu
        print(f"{done:,} indexed: {done / took:,.0f} a second, {done / spent:,.0f} a CPU-second")
        bare = sqlite_dbapi.connect(f"{folder}/outreach.db")
        bare.execute("ANALYZE")
        bare.commit()
        print(f"{'question':26} {'p50':>8} {'p95':>8} {'floor p95':>10} ms   found  how")
        for name in QUESTIONS:
            ask(database, scope, bare, name, given)
        bare.close()


def ask(database: Database, scope: Scope, bare: Any, name: str, given: argparse.Namespace) -> None:
    """Print the figures of one question."""
    text = QUESTIONS[name]
    question = parse_question(text)
    with database.reading(scope) as session:
        p50, p95 = timed(lambda: page_of(session, text, given.prospects), given.rounds)
        plan = plan_prospect_search(session, question, records=given.prospects)
        found = len(page_of(session, text, given.prospects))
        matching = _asked(session, question)
    sql = "SELECT rowid FROM prospect_fts WHERE prospect_fts MATCH ? LIMIT 51"
    floor = timed(lambda: bare.execute(sql, (matching,)).fetchall(), given.rounds)[1]
    how = "walked" if plan.is_common else f"{plan.count:,} fetched"
    print(f"{name:26} {p50:8.2f} {p95:8.2f} {floor:10.2f} {found:10}  {how}")


if __name__ == "__main__":
    main()
