"""A crawl worker in a process of its own, made to be killed.

`python -m tests.fault.crawl_driver --database URL --now ISO --statement 120` looks at every due
link and kills itself, as an operating system would, before its 120th statement.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa

from outreach import registry
from outreach.core.db import Database, make_engine
from outreach.ports.pages import PageRequest, PageResult
from outreach.workflows.verify_links import verify_due_links
from tests.factories_links import GUIDE
from tests.fakes.pages import FETCHED_AT, link, page

BATCH = 15


class EveryPageLinks:
    """A web on which every page links to us."""

    def fetch(self, requests: Sequence[PageRequest]) -> Iterator[PageResult]:
        for request in requests:
            body = f"<p>{request.url} links to us</p>".encode()
            yield PageResult(request, page(link(GUIDE), url=request.url, body=body), FETCHED_AT)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--now", required=True, type=datetime.fromisoformat)
    parser.add_argument("--statement", type=int, default=0)
    given = parser.parse_args()
    assert registry.metadata.tables
    engine = make_engine(given.database)
    statements = count(1)

    @sa.event.listens_for(engine, "before_cursor_execute")
    def _die(*_: Any) -> None:
        if next(statements) == given.statement:
            os.kill(os.getpid(), signal.SIGKILL)

    while verify_due_links(Database(engine), EveryPageLinks(), now=given.now, limit=BATCH).claimed:
        pass


if __name__ == "__main__":
    main()
