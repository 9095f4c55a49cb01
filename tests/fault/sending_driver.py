"""A sending worker in a process of its own, made to be killed.

`python -m tests.fault.sending_driver --database URL --workspace 1 --mailboxes 1,2 --port 2525
--epoch 1700000000 --crash committed:3` sends until nothing is left and kills itself, as an
operating system would, at the third visit of a named point.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlmodel import col, func, select, update

from outreach.adapters.smtp import SmtpSender, SmtpTimeouts
from outreach.core.db import Database, Scope, make_engine
from outreach.mail.models import Mailbox, OutboxMessage
from outreach.mail.words import OutboxState
from outreach.ports.mail import MailSecurity, MailServer
from outreach.workflows.send_due import Post, send_due

SPEED = 600  # a ten-minute lease lapses in a second
OPEN = (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.COMMITTING)


def fast_clock(epoch: float) -> Callable[[], datetime]:
    """A clock all workers share, running faster than the world's."""
    start = datetime.fromtimestamp(epoch, UTC)
    return lambda: start + timedelta(seconds=(time.time() - epoch) * SPEED)


def crash_at(point: str, visit: int) -> Callable[[str], None]:
    """Kill this process at the n-th visit of a point; nothing gets to clean up."""
    visits: Counter[str] = Counter()

    def checkpoint(name: str) -> None:
        visits[name] += 1
        if name == point and visits[name] == visit:
            os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


def count_open(database: Database, scope: Scope) -> int:
    """Count the mails that still have to move."""
    with database.reading(scope) as session:
        return session.exec(
            select(func.count())
            .select_from(OutboxMessage)
            .where(col(OutboxMessage.state).in_(OPEN))
        ).one()


def main() -> None:
    """Send until nothing is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--workspace", type=int, required=True)
    parser.add_argument("--mailboxes", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--epoch", type=float, required=True)
    parser.add_argument("--crash", default="")
    given = parser.parse_args()
    point, _, visit = given.crash.partition(":")
    database = Database(make_engine(given.database, durable=True))
    scope = Scope(given.workspace)
    server = MailServer("127.0.0.1", given.port, MailSecurity.NONE)
    timeouts = SmtpTimeouts(command_s=2, dot_s=2)
    with SmtpSender(server, allow_private=True, timeouts=timeouts) as sender:
        post = Post(
            database=database,
            sender=sender,
            is_capture=False,
            clock=fast_clock(given.epoch),
            worker=f"worker-{os.getpid()}",
            checkpoint=crash_at(point, int(visit or 0)),
        )
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while count_open(database, scope):
            for mailbox_id in map(int, given.mailboxes.split(",")):
                _let_send_again(database, scope)
                send_due(post, scope, mailbox_id, limit=5)
            time.sleep(0.02)


def _let_send_again(database: Database, scope: Scope) -> None:
    """Do what an operator does when a faulty server made a mailbox pause."""
    with database.writing(scope) as session:
        session.exec(
            update(Mailbox).where(col(Mailbox.is_paused).is_(True)).values(is_paused=False)
        )


if __name__ == "__main__":
    main()
