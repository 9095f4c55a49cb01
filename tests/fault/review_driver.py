"""One reviewer in a process of its own: takes, decides and goes on until nothing is left.

`python -m tests.fault.review_driver --database URL --workspace 1 --user 2` prints the id of each
prospect it decided on.
"""

from __future__ import annotations

import argparse
import sys

from outreach import registry
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.prospects.rules import Decision
from outreach.prospects.words import Review
from outreach.workflows.review_prospects import claim_next, decide


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--workspace", required=True, type=int)
    parser.add_argument("--user", required=True, type=int)
    given = parser.parse_args()
    assert registry.metadata.tables
    database = Database(make_engine(given.database))
    scope = Scope(given.workspace, given.user)
    _tell("ready")
    sys.stdin.readline()
    while taken := claim_next(database, scope, now=utc_now()):
        with database.writing(scope) as session:
            decide(session, taken[0], Decision(Review.APPROVED), now=utc_now())
        _tell(str(taken[0]))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
