"""Link checks against a local server, beside what the machine cannot do without.

`python -m bench.page_checks [--corpus FOLDER] [--size BYTES] [--count PAGES] [--rounds N]`

In each round, one after the other, over the same pages: whole checks (claim, fetch, read, judge,
write down) on a SQLite file; the fetcher alone; a bare aiohttp client that only receives the
bytes; lexbor alone finding the links in the same bytes. Medians of the rounds. Politeness is
lifted, which nothing but this bench can do: every host is its own and rests for no time.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from selectolax.lexbor import LexborHTMLParser
from sqlmodel import select

from bench.page_server import make_pages
from outreach.accounts.models import Workspace
from outreach.accounts.services import WEB_ACCESS, set_switch
from outreach.adapters import migrations
from outreach.adapters.http_pages import FetchPolicy, HttpPageFetcher
from outreach.core.db import Database, Scope, make_engine
from outreach.links.models import Backlink
from outreach.links.services import Agreement, Win, ask_for_checks, expect_link
from outreach.links.words import CheckFamily
from outreach.ports.pages import PageFacts, PageRequest
from outreach.workflows.verify_links import verify_due_links

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
CONCURRENCY = 8


class EverywhereHere:
    """A resolver for whom every name is this machine."""

    async def addresses_of(self, _host: str) -> Sequence[str]:
        """Return this machine's address."""
        return ["127.0.0.1"]

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class Cost:
    """What one pass over the pages took."""

    wall: float
    cpu: float


def measured(work: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def make_fetcher(port: int) -> HttpPageFetcher:
    policy = FetchPolicy(ports=frozenset({port}), spacing_s=0.0, concurrency=CONCURRENCY)
    return HttpPageFetcher(policy, EverywhereHere(), is_public_address=lambda _ip: True)


@contextmanager
def running_server(given: argparse.Namespace) -> Any:
    command = [sys.executable, "-m", "bench.page_server", "--corpus", given.corpus]
    command += ["--size", str(given.size), "--count", str(given.count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def make_database(folder: str, urls: list[str]) -> tuple[Database, Scope]:
    """Make a workspace that watches one won link on each page."""
    url = f"sqlite:///{Path(folder) / 'bench.db'}"
    migrations.upgrade(url)
    database = Database(make_engine(url, durable=True))
    with database.system() as session:
        set_switch(session, WEB_ACCESS, on=True)
        workspace = Workspace(name="Bench")
        session.add(workspace)
        session.flush()
        scope = Scope(workspace.key)
    agreed = Agreement(target_url="https://ours.example/guide")
    with database.writing(scope) as session:
        for page in urls:
            expect_link(session, Win(page, agreed), now=BEGIN)
    return database, scope


def check_all(database: Database, scope: Scope, fetcher: HttpPageFetcher, now: datetime) -> int:
    """Make every link due and look at it as the crawler does; return how many were seen."""
    with database.writing(scope) as session:
        ids = [key for key in session.exec(select(Backlink.id)).all() if key is not None]
        ask_for_checks(session, ids, now=now)
    seen = 0
    while (run := verify_due_links(database, fetcher, now=now)).claimed:
        seen += run.families[CheckFamily.SEEN]
    return seen


def fetch_all(fetcher: HttpPageFetcher, urls: list[str]) -> int:
    results = fetcher.fetch([PageRequest(url) for url in urls])
    return sum(isinstance(result.outcome, PageFacts) for result in results)


def receive_all(port: int, urls: list[str]) -> int:
    """Receive the same bytes with a bare client, a new connection each, as the fetcher does."""

    async def run() -> int:
        places = iter(urls)
        total = 0

        async def worker(client: aiohttp.ClientSession) -> None:
            nonlocal total
            for url in places:
                local = f"http://127.0.0.1:{port}/p/{url.rsplit('/', 1)[1]}"
                async with client.get(local) as response:
                    total += len(await response.read()) > 0

        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True)
        ) as client:
            await asyncio.gather(*(worker(client) for _ in range(CONCURRENCY)))
        return total

    return asyncio.run(run())


def extract_all(pages: list[bytes]) -> int:
    """Find the links in the same bytes and nothing else."""
    found = 0
    for page in pages:
        for node in LexborHTMLParser(page).css("a[href]"):
            found += bool(node.attributes.get("href")) + bool(node.attributes.get("rel"))
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", default="")
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    pages = make_pages(given.corpus, given.size, given.count)
    given.count = len(pages)
    with running_server(given) as port, tempfile.TemporaryDirectory() as folder:
        urls = [f"http://h{place}.example:{port}/p/{place}" for place in range(len(pages))]
        database, scope = make_database(folder, urls)
        fetcher = make_fetcher(port)
        seen = check_all(database, scope, fetcher, BEGIN + timedelta(days=1))  # learns robots.txt
        assert seen >= 0.95 * len(pages), f"only {seen} of {len(pages)} links were seen"
        assert fetch_all(fetcher, urls[:20]) == receive_all(port, urls[:20]) == 20
        costs: dict[str, list[Cost]] = {name: [] for name in ("check", "fetch", "bare", "lexbor")}
        for turn in range(given.rounds):
            now = BEGIN + timedelta(days=2 + turn)
            costs["check"].append(measured(lambda: check_all(database, scope, fetcher, now)))  # noqa: B023
            costs["fetch"].append(measured(lambda: fetch_all(fetcher, urls)))
            costs["bare"].append(measured(lambda: receive_all(port, urls)))
            costs["lexbor"].append(measured(lambda: extract_all(pages)))
        database.engine.dispose()
    report(costs, len(pages), sum(map(len, pages)) / len(pages))
    return 0


def report(costs: dict[str, list[Cost]], count: int, size: float) -> None:
    print(f"{count:,} pages of {size / 1000:,.0f} kB on average, {len(costs['check'])} rounds")
    names = {
        "check": "whole checks",
        "fetch": "fetcher and reading",
        "bare": "bare aiohttp, bytes only",
        "lexbor": "lexbor, links only",
    }
    base = [cost.cpu for cost in costs["lexbor"]]
    print(f"{'':26}{'pages/s':>9}{'CPU µs/page':>13}{'per CPU-s':>11}{'× lexbor':>10}")
    for name, label in names.items():
        wall = statistics.median(cost.wall for cost in costs[name])
        cpu = statistics.median(cost.cpu for cost in costs[name])
        ratio = statistics.median(cost.cpu / of for cost, of in zip(costs[name], base, strict=True))
        print(
            f"{label:26}{count / wall:>9,.0f}{1e6 * cpu / count:>13,.0f}"
            f"{count / cpu:>11,.0f}{ratio:>10.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
