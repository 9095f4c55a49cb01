"""Mail by the clock: plan due steps, send what is due, settle doubts, prove mailboxes."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, closing
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from outreach.accounts.queries import installation_switch
from outreach.accounts.services import MAIL_SENDING
from outreach.activity.services import finish_job, get_job
from outreach.activity.words import JobState
from outreach.adapters.capture import CaptureSender
from outreach.core.clock import utc_now
from outreach.core.db import Scope
from outreach.jobs.work import LongWork, Queue, ScheduledTick, Task
from outreach.mail.mailboxes import get_mailbox, imap_server, smtp_server
from outreach.mail.outbox import mailboxes_in_doubt, mailboxes_with_due_mail
from outreach.mail.sending import recover_abandoned
from outreach.mail.words import Transport
from outreach.workflows import plan_steps
from outreach.workflows.compose_pitch import Letterhead
from outreach.workflows.prove_mailbox import prove_mailbox
from outreach.workflows.send_due import Post, send_due
from outreach.workflows.settle_doubts import settle_doubts

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.ports.mail import MailSender
    from outreach.wiring.worker import WorkerServices

log = structlog.get_logger(__name__)

SEND = "send_mailbox"
PLAN = "plan_step"
HEED = "heed_mail"
SETTLE = "settle_mailbox"
PROVE = "prove_mailbox"


def letterhead(services: WorkerServices) -> Letterhead:
    """What this installation puts on every mail."""
    return Letterhead(key=services.key, public_url=services.settings.public_url)


def _send(services: WorkerServices, workspace_id: int, mailbox_id: int, _now: datetime) -> None:
    scope = Scope(workspace_id)
    with services.database.reading(scope) as session:
        mailbox = get_mailbox(session, mailbox_id)
        may_leave = installation_switch(session, MAIL_SENDING)
    is_capture = mailbox.transport is Transport.CAPTURE or not may_leave
    if not is_capture and mailbox.proven_at is None:
        return  # its mail waits until somebody has proven that the settings work
    sender: MailSender = (
        CaptureSender()
        if is_capture
        else services.plugs.mail_sender(smtp_server(mailbox, services.box))
    )
    with ExitStack() as stack:
        if isinstance(sender, AbstractContextManager):
            stack.enter_context(sender)
        post = Post(
            database=services.database,
            sender=sender,
            is_capture=is_capture,
            clock=utc_now,
            worker=services.name,
        )
        accepted = send_due(post, scope, mailbox_id)
    if accepted:
        log.info("mail sent", mailbox_id=mailbox_id, count=accepted, is_captured=is_capture)


def _plan(services: WorkerServices, workspace_id: int, enrollment_id: int, now: datetime) -> None:
    plan_steps.plan_step(
        services.database, Scope(workspace_id), enrollment_id, letterhead(services), now
    )


def _heed(services: WorkerServices, workspace_id: int, message_id: int, now: datetime) -> None:
    plan_steps.heed_mail(services.database, Scope(workspace_id), message_id, now)


def _settle(services: WorkerServices, workspace_id: int, mailbox_id: int, now: datetime) -> None:
    scope = Scope(workspace_id)
    with services.database.reading(scope) as session:
        server = imap_server(get_mailbox(session, mailbox_id), services.box)
    if server is None:
        return
    reader = services.plugs.mail_reader(server)
    with closing(reader):
        settle_doubts(services.database, scope, mailbox_id, reader, now)


def _prove(services: WorkerServices, scope: Scope, job_id: int, now: datetime) -> None:
    with services.database.reading(scope) as session:
        job = get_job(session, job_id)
        mailbox = get_mailbox(session, job.subject_id or 0)
        inbound = imap_server(mailbox, services.box)
        outbound = smtp_server(mailbox, services.box) if mailbox.smtp_host else None
    sender = services.plugs.mail_sender(outbound) if outbound else None
    reader = services.plugs.mail_reader(inbound) if inbound else None
    failure = prove_mailbox(
        services.database,
        scope,
        mailbox.key,
        sender=sender,
        reader=reader,
        now=now,
    )
    state = JobState.FAILED if failure else JobState.DONE
    with services.database.writing(scope) as session:
        finish_job(session, job_id, state, failure or "Signing in works.", now=utc_now())


def _find_due_mail(services: WorkerServices, now: datetime) -> list[tuple[str, int, int]]:
    with services.database.system() as session:
        recover_abandoned(session, now=now)
        return [(SEND, *found) for found in mailboxes_with_due_mail(session, now=now)]


def _find_due_steps(services: WorkerServices, now: datetime) -> list[tuple[str, int, int]]:
    due = [(PLAN, *found) for found in plan_steps.find_due(services.database, now)]
    return due + [(HEED, *found) for found in plan_steps.find_unheeded(services.database)]


def _find_doubts(services: WorkerServices, now: datetime) -> list[tuple[str, int, int]]:
    with services.database.system() as session:
        return [(SETTLE, *found) for found in mailboxes_in_doubt(session, now=now)]


TASKS = (
    Task(SEND, Queue.MAIL, _send),
    Task(PLAN, Queue.MAIL, _plan),
    Task(HEED, Queue.MAIL, _heed),
    Task(SETTLE, Queue.MAIL, _settle),
)
TICKS = (
    ScheduledTick("plan_due_steps", Queue.MAIL, timedelta(seconds=30), _find_due_steps),
    ScheduledTick("send_due_mail", Queue.MAIL, timedelta(seconds=30), _find_due_mail),
    ScheduledTick("settle_doubts", Queue.MAIL, timedelta(minutes=5), _find_doubts),
)
LONG_WORK = {PROVE: LongWork(Queue.IO, _prove)}
