"""Reading by the clock: who is due, what a task does, what a bad password leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from outreach.adapters.maildir import MaildirReader
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.jobs import inbox
from outreach.jobs.work import run_task, run_tick
from outreach.mail.inbox import Place
from outreach.mail.mailboxes import get_mailbox
from outreach.ports.mail import IncomingMail, MailServer
from outreach.sequences.words import EnrollmentState
from outreach.wiring.worker import WorkerServices
from outreach.workflows.receive_mail import keep_mail
from tests.factories_campaigns import KEY
from tests.factories_inbox import Correspondence, letter, make_correspondence

TASKS = {task.name: task for task in inbox.TASKS}


@dataclass
class MaildirPlugs:
    """Every mailbox is one Maildir."""

    path: Path
    asked: MailServer | None = None

    def mail_reader(self, server: MailServer) -> MaildirReader:
        self.asked = server
        return MaildirReader(self.path)

    def mail_sender(self, server: MailServer) -> Any:
        raise AssertionError(f"nothing is sent to {server}")

    def page_fetcher(self, settings: Settings) -> Any:
        raise AssertionError(f"no page is fetched with {settings}")


@pytest.fixture
def desk(database: Database, scope: Scope) -> Correspondence:
    return make_correspondence(database, scope, imap_host="mail.ours.example", username="jo")


@pytest.fixture
def services(database: Database, tmp_path: Path) -> WorkerServices:
    for part in ("cur", "new", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    return WorkerServices(
        settings=Settings(data_dir=tmp_path, environment="test"),
        database=database,
        key=KEY,
        box=SecretBox(KEY),
        plugs=MaildirPlugs(tmp_path / "box"),
    )


def run_once(services: WorkerServices) -> list[str]:
    """Tick, and do what it wakes as the worker would."""
    woken: list[tuple[str, int, int]] = []
    run_tick(inbox.TICKS[0], services, lambda *what: woken.append(what))
    for name, workspace_id, row_id in woken:
        run_task(TASKS[name], services, workspace_id, row_id)
    return [name for name, _, _ in woken]


def test_the_clock_reads_a_mailbox_with_a_way_in(
    services: WorkerServices, desk: Correspondence, tmp_path: Path
) -> None:
    pitched = desk.pitch("nora@garden.example")
    raw = letter(answers=desk.sent_to(pitched).message_id)
    (tmp_path / "box" / "new" / "1.a").write_bytes(raw)

    assert run_once(services) == ["read_mailbox"]
    assert desk.enrollment(pitched).state is EnrollmentState.STOPPED
    plugs = services.plugs
    assert isinstance(plugs, MaildirPlugs)
    assert plugs.asked is not None
    assert (plugs.asked.host, plugs.asked.username) == ("mail.ours.example", "jo")
    mailbox = desk.read(lambda session: get_mailbox(session, desk.mailbox_id))
    assert mailbox.last_read_at is not None
    assert mailbox.last_read_at <= utc_now()


def test_the_clock_settles_what_a_killed_worker_stored(
    services: WorkerServices, desk: Correspondence
) -> None:
    desk.change(lambda session: setattr(get_mailbox(session, desk.mailbox_id), "imap_host", ""))
    pitched = desk.pitch("nora@garden.example")
    mail = IncomingMail("INBOX", 1, 1, letter(answers=desk.sent_to(pitched).message_id))
    keep_mail(desk.reception, desk.scope, desk.mailbox_id, mail, Place.INBOX)

    assert run_once(services) == ["settle_inbox"]
    assert desk.enrollment(pitched).state is EnrollmentState.STOPPED
    assert run_once(services) == []


def test_a_password_sealed_with_another_key_is_told_on_the_mailbox_and_not_tried_at_once(
    services: WorkerServices, desk: Correspondence
) -> None:
    sealed = SecretBox("another key of long ago").seal("x", owner=f"mailbox:{desk.mailbox_id}")
    desk.change(
        lambda session: setattr(get_mailbox(session, desk.mailbox_id), "sealed_password", sealed)
    )
    assert run_once(services) == ["read_mailbox"]
    mailbox = desk.read(lambda session: get_mailbox(session, desk.mailbox_id))
    assert "cannot be read with this installation" in mailbox.read_failure
    assert run_once(services) == []
