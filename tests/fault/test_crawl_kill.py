"""Crawl workers killed in the middle of a batch: no link stays unchecked, no look is half written.

Real processes and a real database; each worker dies before a statement of its own choosing.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.core.db import Database, Scope
from outreach.links.claims import LEASE
from outreach.links.models import Backlink, LinkCheck, WonLink
from outreach.links.words import LinkState
from tests.factories_links import NOW, make_property, make_won_link, open_the_web

pytestmark = pytest.mark.fault
ROOT = Path(__file__).parents[2]
LINKS, KILLS = 40, 8


def work(url: str, now: datetime, statement: int = 0) -> int:
    """Let a worker look at what is due; return how its process ended."""
    command = [sys.executable, "-m", "tests.fault.crawl_driver", "--database", url]
    command += ["--now", now.isoformat(), "--statement", str(statement)]
    return subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode


def test_a_killed_worker_leaves_no_link_unchecked_and_no_half_look(
    database: Database, database_url: str, scope: Scope
) -> None:
    open_the_web(database)
    with database.writing(scope) as session:
        make_property(session)
        for number in range(LINKS):
            make_won_link(session, f"https://site{number}.example/post")
    dice, now, killed = random.Random(7), NOW + timedelta(minutes=10), 0
    for _ in range(KILLS):
        killed += work(database_url, now, dice.randrange(8, 130)) == -signal.SIGKILL
        assert_whole(database, scope)
        now += LEASE + timedelta(seconds=1)

    assert work(database_url, now) == 0

    assert killed == KILLS
    for row, looks in assert_whole(database, scope):
        assert looks > 0
        assert (row.state, row.lease_until) == (LinkState.LIVE, None)


def assert_whole(database: Database, scope: Scope) -> list[tuple[Backlink, int]]:
    """Assert that every look moved its link, and none moved without one."""
    with database.reading(scope) as session:
        rows = session.exec(select(Backlink)).all()
        looks = Counter(session.exec(select(LinkCheck.backlink_id)).all())
        won = {row.backlink_id: row for row in session.exec(select(WonLink)).all()}
    for row in rows:
        seen = row.first_seen_at is not None
        assert row.check_count == looks[row.key]
        assert seen == (row.state is LinkState.LIVE) == bool(won[row.key].agreed_anchor)
    return [(row, looks[row.key]) for row in rows]
