"""A worker with one import in a process of its own, made to be killed.

`python -m tests.fault.import_driver --database URL --data-dir DIR --workspace 1 --job 1 --now ISO
--statement 120` takes the job up as a worker does, imports or undoes, and kills itself, as an
operating system would, before its 120th statement.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach import registry
from outreach.activity.services import claim_job
from outreach.core.db import Database, Scope, make_engine
from outreach.workflows import import_file, undo_import
from outreach.workflows.import_file import IMPORT_JOB, ImportTools, run_import
from outreach.workflows.undo_import import run_undo

import_file.ROWS_AT_ONCE = 40
undo_import.ROWS_AT_ONCE = 40


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--data-dir", required=True, type=Path)
    parser.add_argument("--workspace", required=True, type=int)
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

    database, scope = Database(engine), Scope(given.workspace)
    moments: Iterator[datetime] = (given.now + timedelta(milliseconds=n) for n in count())

    def clock() -> datetime:
        return next(moments)

    with database.writing(scope) as session:
        job = claim_job(session, given.job, now=given.now)
    if job is None:
        raise SystemExit("somebody else has the job")
    if job.kind == IMPORT_JOB:
        run_import(database, scope, given.job, ImportTools(given.data_dir, "k" * 40, clock))
    else:
        run_undo(database, scope, given.job, clock)


if __name__ == "__main__":
    main()
