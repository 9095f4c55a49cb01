"""A worker with one bulk action in a process of its own, made to be killed.

`python -m tests.fault.bulk_driver --database URL --workspace 1 --user 1 --job 1 --now ISO
--statement 40` takes the job up as a worker does, and kills itself, as an operating system would,
after its 40th statement.
"""

from __future__ import annotations

import argparse
import os
import signal
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from outreach import registry
from outreach.activity.services import claim_job
from outreach.core.db import Database, Scope, make_engine
from outreach.workflows import bulk
from outreach.workflows.bulk_kinds import KINDS

bulk.AT_ONCE = 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--workspace", required=True, type=int)
    parser.add_argument("--user", required=True, type=int)
    parser.add_argument("--job", required=True, type=int)
    parser.add_argument("--now", required=True, type=datetime.fromisoformat)
    parser.add_argument("--statement", type=int, default=0)
    given = parser.parse_args()
    assert registry.metadata.tables
    engine = make_engine(given.database)
    statements = count(1)

    @sa.event.listens_for(engine, "after_cursor_execute")
    def _die(*_: Any) -> None:
        if next(statements) == given.statement:
            os.kill(os.getpid(), signal.SIGKILL)

    database, scope = Database(engine), Scope(given.workspace, given.user)
    moments = (given.now + timedelta(milliseconds=n) for n in count())
    with database.writing(scope) as session:
        job = claim_job(session, given.job, now=given.now)
    if job is None:
        raise SystemExit("somebody else has the job")
    bulk.run_bulk(database, scope, given.job, KINDS, lambda: next(moments))


if __name__ == "__main__":
    main()
