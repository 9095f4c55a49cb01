"""Import of a large export, beside what loading the same bytes costs at the least.

`python -m bench.import_rows [--rows 100000] [--pairs 3]`

The file is generated in the shape of an Ahrefs backlinks export: 33 quoted columns, UTF-16, tabs.
Yardstick: `iconv | sqlite3 .import` into a table of text columns, and an index on the URL. Ours:
the whole import as a person starts it, with normalised addresses, registrable domains, verdicts,
figures and every index of the app. Both are children of this process, alternating; the figure is
the median ratio of their CPU (user and system) after one warm-up. The same file is then imported
a second time, which must change nothing.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from outreach import registry
from outreach.accounts.models import Workspace
from outreach.activity.services import claim_job
from outreach.adapters import migrations
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Database, Scope, make_engine
from outreach.imports.queries import get_import_file
from outreach.workflows.import_file import (
    ImportTools,
    begin_import,
    keep_and_recognise,
    run_import,
)

COLUMNS = (
    "Referring page title", "Referring page URL", "Language", "Platform",
    "Referring page HTTP code", "Domain rating", "UR", "Domain traffic", "Referring domains",
    "Linked domains", "External links", "Page traffic", "Keywords", "Target URL", "Left context",
    "Anchor", "Right context", "Redirect Chain URLs", "Redirect Chain status codes", "Type",
    "Is spam", "Content", "Nofollow", "UGC", "Sponsored", "Rendered", "Raw", "Lost status",
    "Drop reason", "Discovered status", "First seen", "Last seen", "Lost",
)  # fmt: skip
_WORDS = (
    "garden", "soil", "guide", "compost", "worms", "clay", "field", "notes", "spring", "harvest",
    "seeds", "water", "light", "tools", "journal", "city", "roof", "balcony", "winter", "market",
    "bees", "orchard",
)  # fmt: skip


def write_export(path: Path, rows: int) -> None:
    """Write an export with 13 % distinct sites and 14 % repeated pages."""
    dice = random.Random(20_261_121)
    sites = [
        f"{dice.choice(_WORDS)}-{number}.example" for number in range(max(1, rows * 13 // 100))
    ]
    pages = max(1, rows * 86 // 100)
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL)
        writer.writerow(COLUMNS)
        for number in range(rows):
            page = number if number < pages else dice.randrange(pages)
            writer.writerow(_row(dice, sites[page % len(sites)], page))


def _row(dice: random.Random, site: str, page: int) -> tuple[object, ...]:
    title = " ".join(dice.choices(_WORDS, k=7)).capitalize()
    left, right = " ".join(dice.choices(_WORDS, k=12)), " ".join(dice.choices(_WORDS, k=12))
    rating = len(site) * 3 % 90
    return (
        title, f"https://www.{site}/{_WORDS[page % 21]}/{page}?utm_source=list", "en", "wordpress",
        200, rating, rating // 2, rating * 113, rating * 7, 55, 41, dice.randrange(900),
        dice.randrange(40), f"https://ours.example/guide-{page % 40}", left, dice.choice(_WORDS),
        right, "", "", "text", "false", "true", "true" if page % 5 == 0 else "false", "false",
        "false", "false", "true", "", "", "", "2026-01-02 10:00:00", "2026-11-01 10:00:00", "",
    )  # fmt: skip


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


def prepare(folder: Path) -> str:
    """Make an empty, migrated database with one workspace."""
    for old in folder.glob("ours.db*"):
        old.unlink()
    url = f"sqlite:///{folder / 'ours.db'}"
    migrations.upgrade(url)
    database = Database(make_engine(url))
    with database.writing(SYSTEM) as session:
        session.add(Workspace(name="Bench"))
    database.engine.dispose()
    return url


def import_ours(url: str, path: Path, folder: Path) -> None:
    """Import the file as the command does, and say what became of its rows."""
    assert registry.metadata.tables
    database, scope = Database(make_engine(url)), Scope(1)
    tools = ImportTools(folder / "data", "k" * 40, utc_now)
    with path.open("rb") as stream:
        file_id = keep_and_recognise(database, scope, stream, path.name, data_dir=tools.data_dir)
    with database.writing(scope) as session:
        job = begin_import(session, file_id, now=datetime.now(UTC))
        claim_job(session, job.key, now=datetime.now(UTC))
    run_import(database, scope, job.key, tools)
    with database.reading(scope) as session:
        print(dict(sorted(get_import_file(session, file_id).counts.items())))
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak {rss / 1024:.0f} MB")


def child(*arguments: str) -> tuple[float, float, list[str]]:
    """Run this module's other half in a process of its own; return its CPU, wall and words."""
    before, began = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "bench.import_rows", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return cpu, time.perf_counter() - began, done.stdout.splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "backlinks.csv"
        write_export(path, given.rows)
        print(f"{given.rows:,} rows, 33 columns, {path.stat().st_size / 1e6:.0f} MB in UTF-16")
        first, again = [], []
        for number in range(given.pairs + 1):
            yard, _, _ = child("--yardstick", str(path), str(folder))
            ours, wall, words = child("--ours", prepare(folder), str(path), str(folder))
            twice, _, counts = child(
                "--ours", f"sqlite:///{folder}/ours.db", str(path), str(folder)
            )
            if number == 0:
                print(f"first {words[0]}, {words[1]}; again {counts[0]}")
                continue
            first.append(ours / yard)
            again.append(twice / yard)
            rate = given.rows / wall
            print(
                f"yardstick {yard:.2f} CPU s; import {ours:.2f} ({rate:,.0f} rows/s); "
                f"again {twice:.2f}"
            )
        print(f"import: {statistics.median(first):.2f} x the CPU of iconv | sqlite3 .import")
        print(f"the same file again: {statistics.median(again):.2f} x")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--yardstick"]:
        load_with_sqlite(Path(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--ours"]:
        import_ours(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
