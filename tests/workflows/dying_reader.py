"""Reads a Maildir in a process of its own and kills itself, as `kill -9` does, at a named point."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from outreach.adapters.maildir import MaildirReader
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.workflows.receive_mail import Reception, receive_mail


def main(url: str, workspace_id: str, mailbox_id: str, maildir: str, point: str, key: str) -> None:
    """Run once; die the first time the point is reached, or end in peace."""

    def checkpoint(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    database = Database(make_engine(url, durable=True))
    reception = Reception(database=database, key=key, clock=utc_now, checkpoint=checkpoint)
    receive_mail(reception, MaildirReader(Path(maildir)), Scope(int(workspace_id)), int(mailbox_id))


if __name__ == "__main__":
    main(*sys.argv[1:])
