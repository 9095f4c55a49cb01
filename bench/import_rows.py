"""Import of a large export, beside the least that putting its rows into the same tables costs.

`python -m bench.import_rows [--rows 100000] [--pairs 3] [--engine sqlite]`

Ours: the whole import as a person starts it, from a UTF-16 export of 33 columns to prospects that
can be searched and taken back: addresses normalised, rows deduplicated, verdicts, figures, indexes.
Floor: `bench.import_floor`. Each is a process of its own, alternating after one warm-up; the figure
is the median of the ratios of their CPU after Python has started, the database server's included.
A second yardstick is
`iconv | sqlite3 .import` of the same bytes. Then the same file again, which must change nothing,
and one more import while another process writes and a third asks for pages.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.databases import start_server
from bench.import_data import COLUMNS, write_export
from outreach import registry
from outreach.activity.services import claim_job
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.imports.queries import get_import_file
from outreach.workflows.import_file import (
    ImportTools,
    begin_import,
    keep_and_recognise,
    run_import,
)
from outreach.workflows.index_words import index_words

if TYPE_CHECKING:
    from bench.databases import PostgresServer, SqliteServer

SCOPE = Scope(1)


@dataclass
class Run:
    """What one process cost, and what it said."""

    cpu: float
    wall: float
    words: list[str]


@dataclass
class Figures:
    """The figures of all counted pairs."""

    floor: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    yard: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)

    def ratio(self, upper: list[float], lower: list[float]) -> float:
        """Return the median of the pairs' ratios."""
        return statistics.median(a / b for a, b in zip(upper, lower, strict=True))


def load_with_sqlite(path: Path, folder: Path) -> None:
    """Do the least that could be called loading: no parsing of addresses, one index."""
    database = folder / "yardstick.db"
    database.unlink(missing_ok=True)
    columns = ", ".join(f'"{name}" TEXT' for name in COLUMNS)
    script = (
        f"CREATE TABLE rows({columns});\n.mode tabs\n.import --skip 1 /dev/stdin rows\n"
        'CREATE INDEX by_url ON rows("Referring page URL");\n'
    )
    (folder / "load.sql").write_text(script)
    command = f"iconv -f utf-16 -t utf-8 '{path}' | sqlite3 '{database}' '.read {folder}/load.sql'"
    subprocess.run(["sh", "-c", command], check=True)


def import_ours(url: str, path: Path, folder: Path) -> None:
    """Import the file as the command does until it can be searched; say what became of it."""
    assert registry.metadata.tables
    began = time.process_time()
    database = Database(make_engine(url))
    tools = ImportTools(folder / "data", "k" * 40, utc_now)
    with path.open("rb") as stream:
        file_id = keep_and_recognise(database, SCOPE, stream, path.name, data_dir=tools.data_dir)
    with database.writing(SCOPE) as session:
        job = begin_import(session, file_id, now=datetime.now(UTC))
        claim_job(session, job.key, now=datetime.now(UTC))
    run_import(database, SCOPE, job.key, tools)
    spent = time.process_time()
    index_words(database, SCOPE, limit=10_000_000)
    with database.reading(SCOPE) as session:
        print(dict(sorted(get_import_file(session, file_id).counts.items())))
    cpu = time.process_time() - began
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak {rss / 1024:.0f} MB, search index {began + cpu - spent:.2f} CPU s")
    print(cpu)


def child(server: SqliteServer | PostgresServer, *arguments: str) -> Run:
    """Run one half in a process of its own; count its CPU as it says, and the server's."""
    at_server, began, before = server.cpu(), time.perf_counter(), os.times()
    command = [sys.executable, "-m", "bench.import_rows", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    wall, after = time.perf_counter() - began, os.times()
    *words, last = done.stdout.splitlines() or ["0"]
    own = float(last) or after.children_user + after.children_system - sum(before[2:4])
    return Run(own + server.cpu() - at_server, wall, words)


class Bench:
    """One file, one engine, and everything that is measured with them."""

    def __init__(self, folder: Path, engine: str, rows: int) -> None:
        self.folder, self.engine, self.rows = folder, engine, rows
        self.path = folder / "backlinks.csv"
        write_export(self.path, rows)
        self.server = start_server(engine, folder)

    def ours(self, url: str) -> Run:
        """Import the file."""
        here = (str(self.path), str(self.folder))
        return child(self.server, "--ours", url, *here)

    def floor(self, url: str) -> float:
        """Load the same rows bare; only what the loading itself used is counted."""
        rows = str(self.folder / "rows.pickle")
        return child(self.server, "--floor", url, rows).cpu

    def warm_up(self) -> None:
        """Import once, keep the rows for the floor, and import the same file again."""
        url = self.server.make("ours")
        first = self.ours(url)
        dump = (url, str(self.folder / "rows.pickle"))
        child(self.server, "--dump", *dump)
        again = self.ours(url)
        size = self.path.stat().st_size / 1e6
        print(f"{self.rows:,} rows, {len(COLUMNS)} columns, {size:.0f} MB in UTF-16, {self.engine}")
        print(f"first {first.words[0]}, {first.words[1]}\nagain {again.words[0]}, {again.words[1]}")
        self.floor(self.server.make("floor"))

    def pair(self, figures: Figures) -> None:
        """Measure the floor and ours, one after the other."""
        figures.floor.append(self.floor(self.server.make("floor")))
        url = self.server.make("ours")
        first = self.ours(url)
        again = self.ours(url)
        figures.first.append(first.cpu)
        figures.again.append(again.cpu)
        figures.rate.append(self.rows / first.wall)
        if self.engine == "sqlite":
            yard = child(self.server, "--yardstick", str(self.path))
            figures.yard.append(yard.cpu)
        print(
            f"floor {figures.floor[-1]:.2f} CPU s; import {first.cpu:.2f} "
            f"({figures.rate[-1]:,.0f} rows/s); again {again.cpu:.2f}",
            flush=True,
        )


def main() -> None:
    """Measure, and fail where a goal is missed by more than the noise of a machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench, figures = Bench(Path(name), given.engine, given.rows), Figures()
        try:
            bench.warm_up()
            for _ in range(given.pairs):
                bench.pair(figures)
            _tell(figures)
            _watch(bench)
        finally:
            bench.server.close()


def _tell(figures: Figures) -> None:
    ratio = figures.ratio(figures.first, figures.floor)
    print(f"import: {1 / ratio:.2f} x the floor's CPU speed ({ratio:.2f} x its CPU), goal 0.25")
    again = figures.ratio(figures.again, figures.first)
    print(f"the same file again: {again:.2f} x the first, goal 0.6")
    print(f"rows a second: {statistics.median(figures.rate):,.0f}")
    if figures.yard:
        print(
            f"{figures.ratio(figures.first, figures.yard):.2f} x the CPU of iconv | sqlite3 .import"
        )


def _watch(bench: Bench) -> None:
    """Import once more while a process writes in a loop and another asks for the list."""
    url = bench.server.make("ours")
    done = bench.folder / "done"
    watchers = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.import_watch", what, url, str(bench.folder), str(done)]
        )
        for what in ("writer", "reader")
    ]
    bench.ours(url)
    done.touch()
    for watcher in watchers:
        watcher.wait(60)


if __name__ == "__main__":
    what, given_paths = sys.argv[1:2], sys.argv[2:]
    if what == ["--yardstick"]:
        load_with_sqlite(Path(given_paths[0]), Path(given_paths[0]).parent)
    elif what == ["--ours"]:
        import_ours(given_paths[0], Path(given_paths[1]), Path(given_paths[2]))
    elif what in (["--dump"], ["--floor"]):
        from bench.import_floor import dump, load

        if what == ["--dump"]:
            dump(given_paths[0], Path(given_paths[1]))
        else:
            print(load(given_paths[0], Path(given_paths[1])))
    else:
        main()
