"""Workers killed at every point of sending, and at random, while the server misbehaves.

Real processes, a real database, a server that drops connections before and after it accepted.
What the server wrote down on accepting is the truth the outbox is compared with.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, sqlite_dbapi
from outreach.desk.outbox import OutboxTab, outbox_page
from outreach.mail.mailboxes import get_mailbox
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState, Transport
from outreach.suppression.services import suppress_address
from outreach.suppression.words import SuppressionReason
from tests.factories_campaigns import KEY, address
from tests.factories_mail import make_mailbox, queue_mail
from tests.fault.sending_driver import count_open

ROOT = Path(__file__).parents[2]
POINTS = (
    "turn taken", "claiming", "claimed", "body transmitted", "committing", "committed",
    "accepted", "noting sent", "mail settled", "ending turn",
)  # fmt: skip


@dataclass
class Campaign:
    """Mails of several mailboxes, a faulty server and workers that die."""

    database: Database
    scope: Scope
    url: str
    port: int
    log: Path
    mailboxes: list[int]
    epoch: float = field(default_factory=time.time)
    kills: int = 0

    def start(self, crash: str = "") -> subprocess.Popen[str]:
        arguments = {
            "--database": self.url,
            "--workspace": str(self.scope.workspace_id),
            "--mailboxes": ",".join(map(str, self.mailboxes)),
            "--port": str(self.port),
            "--epoch": str(self.epoch),
            "--crash": crash,
        }
        command = [sys.executable, "-m", "tests.fault.sending_driver"]
        for name, value in arguments.items():
            command += [name, value]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def accepted(self) -> Counter[str]:
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return Counter(json.loads(line)["message_id"] for line in lines)

    def mails(self) -> list[OutboxMessage]:
        with self.database.reading(self.scope) as session:
            return list(session.exec(select(OutboxMessage)).all())


@contextmanager
def faulty_server(log: Path, seed: int) -> Iterator[int]:
    """Run the scripted server as a process; yield its port."""
    command = [
        sys.executable, "-m", "tests.servers.smtp_server",
        "--log", str(log), "--faults", "0.12", "--seed", str(seed),
    ]  # fmt: skip
    server = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.communicate(timeout=10)


@pytest.mark.fault
@pytest.mark.timeout(300)
def test_no_mail_goes_twice_and_none_is_lost_whenever_a_worker_dies(
    database: Database, scope: Scope, database_url: str, tmp_path: Path
) -> None:
    is_short = database_url.startswith("postgresql")
    points, random_kills, mails = (POINTS[3:8], 5, 12) if is_short else (POINTS, 20, 30)
    log = tmp_path / "accepted.jsonl"
    with faulty_server(log, seed=7) as port:
        campaign = _prepare(database, scope, database_url, port, log)
        _queue(campaign, mails)
        _die_at_named_points(campaign, points)
        _die_at_random(campaign, random_kills)
        _finish(campaign)

    assert campaign.kills == len(points) + random_kills
    _compare(campaign)
    if not is_short:
        path = database_url.removeprefix("sqlite:///")
        with closing(sqlite_dbapi.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _prepare(database: Database, scope: Scope, url: str, port: int, log: Path) -> Campaign:
    """Make three mailboxes, each with one mail to somebody who asked not to be written to."""
    with database.writing(scope) as session:
        set_switch(session, MAIL_SENDING, on=True)
        boxes = [make_mailbox(session, transport=Transport.SMTP, daily_cap=100) for _ in range(3)]
        for number, box in enumerate(boxes):
            silent = f"silent{number}@quiet{number}.example"
            queue_mail(session, box, silent)
            suppress_address(
                session, address(silent), SuppressionReason.ASKED, key=KEY, now=utc_now()
            )
        return Campaign(database, scope, url, port, log, [box.key for box in boxes])


def _queue(campaign: Campaign, mails: int) -> None:
    with campaign.database.writing(campaign.scope) as session:
        boxes = [get_mailbox(session, key) for key in campaign.mailboxes]
        for number in range(mails):
            queue_mail(session, boxes[number % len(boxes)])


def _die_at_named_points(campaign: Campaign, points: tuple[str, ...]) -> None:
    """Three workers at a time, each with an appointment of its own."""
    for start in range(0, len(points), 3):
        batch = [campaign.start(f"{point}:{1 + start % 2}") for point in points[start : start + 3]]
        for point, worker in zip(points[start:], batch, strict=False):
            worker.communicate(timeout=60)
            assert worker.returncode == -signal.SIGKILL, f"never reached {point!r}"
            campaign.kills += 1
        _queue(campaign, 6)


def _die_at_random(campaign: Campaign, kills: int) -> None:
    chance = random.Random(11)
    workers = [campaign.start() for _ in range(3)]
    for number in range(kills):
        _queue(campaign, 2)
        place = number % 3
        victim = workers[place]
        assert victim.stdout is not None
        victim.stdout.readline()  # it has begun
        time.sleep(chance.uniform(0.0, 0.25))
        if victim.poll() is None:
            victim.kill()
        victim.communicate(timeout=10)
        campaign.kills += 1
        workers[place] = campaign.start()
    for worker in workers:
        worker.communicate(timeout=120)


def _finish(campaign: Campaign) -> None:
    """Let healthy workers empty the queue."""
    worker = campaign.start()
    worker.communicate(timeout=120)
    assert worker.returncode == 0
    assert count_open(campaign.database, campaign.scope) == 0


def _compare(campaign: Campaign) -> None:
    """Hold the outbox against what the server took."""
    accepted, mails = campaign.accepted(), campaign.mails()
    twice = [name for name, count in accepted.items() if count > 1]
    assert twice == []
    wrong = [
        (mail.state.value, mail.message_id)
        for mail in mails
        if (mail.state is OutboxState.SENT) != (accepted[mail.message_id] == 1)
        and mail.state is not OutboxState.IN_DOUBT
    ]
    assert wrong == []
    assert set(accepted) <= {mail.message_id for mail in mails}
    assert sum(mail.state is OutboxState.SUPPRESSED for mail in mails) == 3
    doubts = {mail.key for mail in mails if mail.state is OutboxState.IN_DOUBT}
    with campaign.database.reading(campaign.scope) as session:
        page = outbox_page(session, OutboxTab.IN_DOUBT, now=utc_now(), limit=500)
    assert doubts
    assert {line.id for line in page.rows} == doubts
    assert all(line.sentence for line in page.rows)
