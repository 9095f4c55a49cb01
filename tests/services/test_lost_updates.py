"""Many processes that read, then write: nothing lost, nobody turned away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlmodel import select

from outreach.accounts.models import RateBucket
from outreach.core.clock import utc_now
from outreach.core.db import Database

ROOT = Path(__file__).parents[2]
PROCESSES, INCREMENTS = 4, 300

_INCREMENT = """
import sys
from sqlmodel import select
from outreach.accounts.models import RateBucket
from outreach.core.db import SYSTEM, Database, make_engine
database = Database(make_engine(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    with database.system() as session:
        statement = select(RateBucket).where(RateBucket.name == "counter").with_for_update()
        row = session.exec(statement).one()
        row.tokens += 1
        session.add(row)
"""


def test_four_processes_increment_to_the_exact_sum(database: Database, database_url: str) -> None:
    with database.system() as session:
        session.add(RateBucket(name="counter", tokens=0, filled_at=utc_now()))
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _INCREMENT, database_url, str(INCREMENTS)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
        )
        for _ in range(PROCESSES)
    ]
    complaints = [worker.communicate(timeout=100)[1] for worker in workers]
    assert complaints == [b""] * PROCESSES  # no "database is locked", no other error
    with database.system() as session:
        row = session.exec(select(RateBucket).where(RateBucket.name == "counter")).one()
    assert row.tokens == PROCESSES * INCREMENTS
