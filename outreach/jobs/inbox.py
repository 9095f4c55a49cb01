"""Incoming mail by the clock: read each mailbox, settle what a killed worker left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from outreach.core.clock import utc_now
from outreach.core.db import Scope
from outreach.core.errors import Conflict
from outreach.jobs.work import LongWork, Queue, ScheduledTick, Task
from outreach.mail.inbox import (
    EVERY,
    NEEDS_PERSON_REST,
    end_reading,
    mailboxes_to_read,
    mailboxes_with_waiting_mail,
)
from outreach.mail.mailboxes import get_mailbox, imap_server
from outreach.workflows.receive_mail import Reception, receive_mail, settle_waiting

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.ports.mail import MailServer
    from outreach.wiring.worker import WorkerServices

log = structlog.get_logger(__name__)

READ = "read_mailbox"
SETTLE = "settle_inbox"


def _read(services: WorkerServices, workspace_id: int, mailbox_id: int, now: datetime) -> None:
    scope = Scope(workspace_id)
    server = _server(services, scope, mailbox_id, now)
    if server is None:
        return
    reader = services.plugs.mail_reader(server)
    count = receive_mail(_reception(services), reader, scope, mailbox_id)
    if count:
        log.info("mail read", mailbox_id=mailbox_id, count=count)


def _server(
    services: WorkerServices, scope: Scope, mailbox_id: int, now: datetime
) -> MailServer | None:
    """Return the mailbox's way in; one whose password cannot be opened says so in Settings."""
    with services.database.reading(scope) as session:
        mailbox = get_mailbox(session, mailbox_id)
    try:
        return imap_server(mailbox, services.box)
    except Conflict as problem:
        with services.database.writing(scope) as session:
            end_reading(session, mailbox_id, now=now, failure=str(problem), rest=NEEDS_PERSON_REST)
        return None


def _settle(services: WorkerServices, workspace_id: int, mailbox_id: int, _now: datetime) -> None:
    settle_waiting(_reception(services), Scope(workspace_id), mailbox_id)


def _reception(services: WorkerServices) -> Reception:
    return Reception(database=services.database, key=services.key, clock=utc_now)


def _find_mailboxes(services: WorkerServices, now: datetime) -> list[tuple[str, int, int]]:
    with services.database.system() as session:
        read = [(READ, *found) for found in mailboxes_to_read(session, now=now)]
        return read + [(SETTLE, *found) for found in mailboxes_with_waiting_mail(session)]


TASKS = (Task(READ, Queue.MAIL, _read), Task(SETTLE, Queue.MAIL, _settle))
TICKS = (ScheduledTick("read_mail", Queue.MAIL, EVERY, _find_mailboxes),)
LONG_WORK: dict[str, LongWork] = {}
