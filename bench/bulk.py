"""Bulk actions at any size: rows a second, how long the writer is held, and a bare `executemany`.

`python -m bench.bulk [--prospects 100000] [--pairs 3]`

The product approves everything that a list's filter finds, and takes it back: chunks, what each
prospect was and is, a line on each timeline, progress. The floor makes the same changes to a copy
of the same file with the driver alone: the prospects, the rows for the undo and the timeline, by
`executemany` in transactions of 5,000. Both are measured in CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.review import fill
from outreach.activity.services import claim_job
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.workflows import bulk
from outreach.workflows.bulk import begin_bulk, begin_bulk_undo, run_bulk
from outreach.workflows.bulk_choice import all_that_match
from outreach.workflows.bulk_kinds import KINDS
from outreach.workflows.bulk_prospects import DECIDE

if TYPE_CHECKING:
    from collections.abc import Callable

_AT_ONCE = 5_000


class Watch:
    """Clock that a bulk action asks once a chunk; what lies between is one transaction."""

    def __init__(self) -> None:
        self.moments: list[float] = []

    def __call__(self) -> object:
        """Note that a chunk begins."""
        self.moments.append(time.perf_counter())
        return utc_now()

    def chunks(self) -> list[float]:
        """Milliseconds of each chunk, the longest last."""
        pairs = zip(self.moments[1:], self.moments[2:], strict=False)
        return sorted(1_000 * (after - before) for before, after in pairs)


def approve(database: Database, scope: Scope) -> tuple[int, Watch]:
    """Approve all that is open, as the page of the list asks for it."""
    with database.writing(scope) as session:
        chosen = all_that_match({"review": "new"}, utc_now())
        action, job = begin_bulk(session, DECIDE, chosen, {"review": "approved"})
        action_id, job_id = action.key, job.key
    return action_id, _work(database, scope, job_id)


def take_back(database: Database, scope: Scope, action_id: int) -> Watch:
    """Undo it."""
    with database.writing(scope) as session:
        job_id = begin_bulk_undo(session, action_id).key
    return _work(database, scope, job_id)


def _work(database: Database, scope: Scope, job_id: int) -> Watch:
    watch = Watch()
    with database.writing(scope) as session:
        claim_job(session, job_id, now=utc_now())
    run_bulk(database, scope, job_id, KINDS, watch)  # type: ignore[arg-type]
    return watch


def floor(path: Path, review: str, before: str) -> int:
    """Make the same changes with the driver alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    (action_id,) = connection.execute("SELECT max(id) FROM bulk_action").fetchone()
    ids = [key for (key,) in connection.execute(
        "SELECT id FROM prospect WHERE review = ? ORDER BY id", (before,)
    )]  # fmt: skip
    now = utc_now().isoformat()
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "UPDATE prospect SET review = ?, rejected_because = '', review_after = NULL, "
            "claimed_by_id = NULL, claimed_until = NULL, updated_at = ? WHERE id = ?",
            [(review, now, key) for key in chunk],
        )
        if review == "approved":
            connection.executemany(
                "INSERT INTO bulk_change (workspace_id, bulk_action_id, subject_id, before, after, "
                "created_at, updated_at) VALUES (1, ?, ?, ?, ?, ?, ?)",
                [(action_id, key, _JSON % before, _JSON % review, now, now) for key in chunk],
            )
        connection.executemany(
            "INSERT INTO activity (workspace_id, at, user_id, verb, subject_type, subject_id, "
            "sentence, details, created_at, updated_at) "
            "VALUES (1, ?, 1, 'decided', 'prospect', ?, 'Approved with many others.', '{}', ?, ?)",
            [(now, key, now, now) for key in chunk],
        )
        connection.execute("COMMIT")
    connection.close()
    return len(ids)


_JSON = '{"review": "%s", "rejected_because": "", "review_after": null}'


def copy(path: Path, bare: Path) -> None:
    """Copy the file for the floor, which writes the rows for the undo itself."""
    for old in (bare, *bare.parent.glob("bare.db-*")):
        old.unlink(missing_ok=True)
    shutil.copyfile(path, bare)
    connection = sqlite3.connect(bare)
    connection.execute("DELETE FROM bulk_change")
    connection.commit()
    connection.close()


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of one piece of work."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    """Print rows a second, the writer's holds, and the ratio to the floor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prospects", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    count = given.prospects
    ratios: list[float] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "var") as folder:
        path, bare = Path(folder) / "bulk.db", Path(folder) / "bare.db"
        database, scope, _ = fill(f"sqlite:///{path}", count, 0)
        for _ in range(given.pairs):
            done: list[tuple[int, Watch]] = []
            do = measured(lambda: done.append(approve(database, scope)))  # noqa: B023
            undone: list[Watch] = []
            undo = measured(lambda: undone.append(take_back(database, scope, done[0][0])))  # noqa: B023
            database.engine.dispose()
            copy(path, bare)
            floor_do = measured(lambda: floor(bare, "approved", "new"))
            floor_undo = measured(lambda: floor(bare, "new", "approved"))
            database = Database(make_engine(f"sqlite:///{path}"))
            for name, ours, theirs, watch in (
                ("approve", do, floor_do, done[0][1]), ("undo", undo, floor_undo, undone[0]),
            ):  # fmt: skip
                held = watch.chunks()
                print(
                    f"{name}: {count / ours[1]:,.0f} rows/s, CPU {ours[0]:.2f} s beside "
                    f"{theirs[0]:.2f} s bare ({ours[0] / theirs[0]:.2f}x), "
                    f"{1_000 * ours[0] / len(held):.0f} ms CPU for each chunk of {bulk.AT_ONCE}; "
                    f"wall p50 {statistics.median(held):.0f} ms, "
                    f"p95 {held[int(len(held) * 0.95)]:.0f} ms, most {held[-1]:.0f} ms",
                    flush=True,
                )
                ratios.append(ours[0] / theirs[0])
    print(f"median ratio of CPU to the floor: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
