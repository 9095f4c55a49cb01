"""Mails in doubt: what evidence decides, what a person decides, and that machines never guess."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState
from outreach.ports.mail import FolderCursor, IncomingMail, MailboxUnreadable
from outreach.suppression.models import ContactTouch
from outreach.workflows.settle_doubts import (
    SETTLE,
    Settled,
    cancel_waiting,
    decide_send_again,
    decide_was_sent,
    settle_doubts,
)
from tests.factories_mail import NOON, make_mailbox, queue_mail

LATER = NOON + SETTLE + timedelta(minutes=1)


@dataclass
class SentFolder:
    """A reader that knows what lies in one folder marked as Sent, or has none."""

    there: set[str] = field(default_factory=set)
    name: str | None = "Sent"
    is_down: bool = False

    def new_mail(self, folder: str, cursor: FolderCursor) -> Iterator[IncomingMail]:
        yield from ()

    def has_message(self, folder: str, message_id: str) -> bool:
        return folder == self.name and message_id in self.there

    def sent_folder(self) -> str | None:
        if self.is_down:
            raise MailboxUnreadable("The mail server broke off.", needs_person=False)
        return self.name

    def junk_folder(self) -> str | None:
        return None

    def close(self) -> None:
        self.is_down = False


@dataclass
class Case:
    database: Database
    scope: Scope
    mailbox_id: int
    doubtful: int
    sent: int
    reader: SentFolder = field(default_factory=SentFolder)

    def settle(self) -> Settled:
        return settle_doubts(self.database, self.scope, self.mailbox_id, self.reader, LATER)

    def mail(self, message_id: int) -> OutboxMessage:
        with self.database.reading(self.scope) as session:
            return session.exec(select(OutboxMessage).where(OutboxMessage.id == message_id)).one()

    def name(self, message_id: int) -> str:
        return self.mail(message_id).message_id


@pytest.fixture
def case(database: Database, scope: Scope) -> Case:
    with database.writing(scope) as session:
        mailbox = make_mailbox(session)
        doubtful, sent = queue_mail(session, mailbox), queue_mail(session, mailbox)
        doubtful.state, doubtful.lease_until = OutboxState.IN_DOUBT, NOON
        sent.state, sent.sent_at = OutboxState.SENT, NOON - timedelta(days=1)
        sent.server_reply = "250 ok"
        return Case(database, scope, mailbox.key, doubtful.key, sent.key)


def test_a_doubtful_mail_found_in_sent_was_sent(case: Case) -> None:
    case.reader.there = {case.name(case.doubtful)}

    assert case.settle() == Settled(found=1)
    assert case.mail(case.doubtful).state is OutboxState.SENT
    with case.database.reading(case.scope) as session:
        assert session.exec(select(ContactTouch)).one().source_key == f"outbox:{case.doubtful}"


def test_absence_counts_only_where_sent_mail_is_filed(case: Case) -> None:
    assert case.settle() == Settled(left=1)
    assert case.mail(case.doubtful).state is OutboxState.IN_DOUBT

    case.reader.there = {case.name(case.sent)}
    assert case.settle() == Settled(queued=1)
    assert case.mail(case.doubtful).state is OutboxState.QUEUED


@pytest.mark.parametrize("reader", [SentFolder(name=None), SentFolder(is_down=True)])
def test_without_a_readable_sent_folder_doubts_stay(case: Case, reader: SentFolder) -> None:
    case.reader = reader

    assert case.settle() == Settled(left=1)
    assert case.mail(case.doubtful).state is OutboxState.IN_DOUBT


def test_nothing_is_settled_while_the_server_may_still_be_at_work(case: Case) -> None:
    case.reader.there = {case.name(case.sent)}

    soon = settle_doubts(
        case.database, case.scope, case.mailbox_id, case.reader, NOON + timedelta(minutes=1)
    )

    assert soon == Settled()


def test_a_person_decides_once(case: Case) -> None:
    assert decide_was_sent(case.database, case.scope, case.doubtful, now=LATER)
    assert not decide_send_again(case.database, case.scope, case.doubtful, now=LATER)
    assert case.mail(case.doubtful).state is OutboxState.SENT


def test_a_person_may_ask_to_send_again(case: Case) -> None:
    assert decide_send_again(case.database, case.scope, case.doubtful, now=LATER)
    assert case.mail(case.doubtful).state is OutboxState.QUEUED
    assert case.mail(case.doubtful).send_after == LATER


def test_only_waiting_mail_can_be_cancelled(case: Case) -> None:
    with pytest.raises(Conflict, match="not waiting any more"):
        cancel_waiting(case.database, case.scope, case.sent, now=LATER)
    decide_send_again(case.database, case.scope, case.doubtful, now=LATER)
    cancel_waiting(case.database, case.scope, case.doubtful, now=LATER)
    assert case.mail(case.doubtful).state is OutboxState.CANCELLED
