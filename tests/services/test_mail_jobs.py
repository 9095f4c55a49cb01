"""Mail by the clock: which sender a mailbox gets, and what the ticks find."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.activity.models import Job
from outreach.activity.services import Subject, queue_job
from outreach.activity.words import JobState
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.jobs import mail
from outreach.jobs.schedule import TASKS, TICKS
from outreach.mail.models import Mailbox, OutboxMessage
from outreach.mail.words import OutboxState, Transport
from outreach.ports.mail import MailboxUnreadable, MailServer
from outreach.wiring.worker import WorkerServices, worker_services
from tests.factories_campaigns import KEY
from tests.factories_mail import make_mailbox, queue_mail
from tests.fakes.mail import FakeMailSender


@dataclass
class FakePlugs:
    """One sender for every server, and a reader that refuses the sign-in."""

    sender: FakeMailSender = field(default_factory=FakeMailSender)
    servers: list[MailServer] = field(default_factory=list)

    def mail_sender(self, server: MailServer) -> Any:
        self.servers.append(server)
        return self.sender

    def mail_reader(self, server: MailServer) -> Any:
        return RefusingReader()

    def page_fetcher(self, settings: Settings) -> Any:
        raise AssertionError("mail fetches no page")


class RefusingReader:
    def check_sign_in(self) -> None:
        raise MailboxUnreadable("wrong password", needs_person=True)


@dataclass
class Worker:
    services: WorkerServices
    plugs: FakePlugs
    scope: Scope

    def tick(self, name: str) -> list[tuple[str, int, int]]:
        tick = next(tick for tick in TICKS if tick.name == name)
        return tick.find_due(self.services, utc_now())

    def run(self, name: str) -> None:
        for task, workspace_id, row_id in self.tick(name):
            TASKS[task].run(self.services, workspace_id, row_id, utc_now())

    def states(self) -> list[tuple[OutboxState, bool]]:
        with self.services.database.reading(self.scope) as session:
            rows = session.exec(select(OutboxMessage.state, OutboxMessage.is_captured)).all()
        return [(OutboxState(state), captured) for state, captured in rows]


@pytest.fixture
def worker(database: Database, scope: Scope, tmp_path: Path) -> Worker:
    plugs = FakePlugs()
    settings = Settings(data_dir=tmp_path, environment="test")
    services = WorkerServices(settings, database, KEY, SecretBox(KEY), plugs, name="w")
    return Worker(services, plugs, scope)


def _mailbox(worker: Worker, *, switch: bool, **given: Any) -> int:
    with worker.services.database.writing(worker.scope) as session:
        set_switch(session, MAIL_SENDING, on=switch)
        box = make_mailbox(session, **given)
        queue_mail(session, box)
        return box.key


def test_a_proven_mailbox_sends_through_its_server(worker: Worker) -> None:
    _mailbox(worker, switch=True, transport=Transport.SMTP, proven_at=utc_now(), smtp_host="a.b")

    worker.run("send_due_mail")

    assert worker.states() == [(OutboxState.SENT, False)]
    assert [server.host for server in worker.plugs.servers] == ["a.b"]


@pytest.mark.parametrize(
    ("switch", "transport"), [(False, Transport.SMTP), (True, Transport.CAPTURE)]
)
def test_mail_is_captured_unless_both_installation_and_mailbox_send(
    worker: Worker, switch: bool, transport: Transport
) -> None:
    _mailbox(worker, switch=switch, transport=transport, proven_at=utc_now())

    worker.run("send_due_mail")

    assert worker.states() == [(OutboxState.SENT, True)]
    assert worker.plugs.servers == []


def test_the_mail_of_an_unproven_mailbox_waits(worker: Worker) -> None:
    _mailbox(worker, switch=True, transport=Transport.SMTP)

    worker.run("send_due_mail")

    assert worker.states() == [(OutboxState.QUEUED, False)]
    assert worker.plugs.sender.offered == []


def test_the_tick_takes_over_what_a_dead_worker_held(worker: Worker) -> None:
    _mailbox(worker, switch=False)
    with worker.services.database.writing(worker.scope) as session:
        message = session.exec(select(OutboxMessage)).one()
        message.state, message.attempt = OutboxState.CLAIMED, 1
        message.lease_until = utc_now() - timedelta(seconds=1)

    assert [found[0] for found in worker.tick("send_due_mail")] == [mail.SEND]


def test_proving_keeps_what_the_server_said(worker: Worker) -> None:
    mailbox_id = _mailbox(worker, switch=False, imap_host="imap.ours.example")
    with worker.services.database.writing(worker.scope) as session:
        subject = Subject("mailbox", mailbox_id)
        job_id = queue_job(session, mail.PROVE, subject=subject).key

    mail.LONG_WORK[mail.PROVE].run(worker.services, worker.scope, job_id, utc_now())

    with worker.services.database.reading(worker.scope) as session:
        mailbox = session.exec(select(Mailbox)).one()
        job = session.exec(select(Job)).one()
    assert mailbox.proof_failure == "Reading fails: wrong password"
    assert mailbox.proven_at is None
    assert (job.state, job.sentence) == (JobState.FAILED, "Reading fails: wrong password")


@pytest.mark.sqlite_only
def test_a_worker_has_its_commits_on_disk_before_it_says_the_dot(
    worker: Worker, tmp_path: Path
) -> None:
    url = str(worker.services.database.engine.url)
    settings = Settings(data_dir=tmp_path, database_url=url, environment="test")
    services = worker_services(settings, worker.plugs, name="w")
    with services.database.system() as session:
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    services.database.engine.dispose()
