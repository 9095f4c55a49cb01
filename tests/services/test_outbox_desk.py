"""The outbox says of every mail why it is where it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.core.db import Session
from outreach.desk.outbox import OutboxTab, outbox_counts, outbox_page
from outreach.mail.words import OutboxState, Transport
from tests.factories_mail import NOON, make_mailbox, queue_mail

REAL = {"transport": Transport.SMTP, "proven_at": NOON}


@pytest.mark.parametrize(
    ("mailbox", "mail", "sentence"),
    [
        (REAL, {}, "It goes next."),
        ({}, {}, "It is captured next."),
        ({"transport": Transport.SMTP}, {}, "Its mailbox has not been proven; prove the sign-in"),
        ({**REAL, "is_paused": True, "paused_because": "535 no"}, {}, "Its mailbox is paused: 535"),
        (REAL, {"send_after": NOON + timedelta(hours=1)}, "It waits for its moment."),
        (REAL, {"state": OutboxState.CLAIMED}, "It is being handed over right now."),
    ],
)
def test_each_waiting_mail_says_why(
    session: Session, mailbox: dict[str, Any], mail: dict[str, Any], sentence: str
) -> None:
    set_switch(session, MAIL_SENDING, on=True)
    message = queue_mail(session, make_mailbox(session, **mailbox))
    for name, value in mail.items():
        setattr(message, name, value)
    session.flush()

    line = outbox_page(session, OutboxTab.WAITING, now=NOON).rows[0]

    assert line.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("mailbox", "sentence"),
    [
        ({"gap_minutes": 9}, "Its mailbox leaves 9 minutes or more between two mails."),
        ({"daily_cap": 1}, "Its mailbox has sent its 1 mails of 24 hours."),
    ],
)
def test_a_mailbox_that_has_to_wait_says_so(
    session: Session, mailbox: dict[str, Any], sentence: str
) -> None:
    box = make_mailbox(session, **mailbox)
    sent = queue_mail(session, box)
    sent.state, sent.sent_at = OutboxState.SENT, NOON - timedelta(minutes=1)
    queue_mail(session, box)

    assert outbox_page(session, OutboxTab.WAITING, now=NOON).rows[0].sentence == sentence


def test_a_page_of_the_outbox_takes_few_statements(
    session: Session, count_statements: Callable[[], list[str]]
) -> None:
    box = make_mailbox(session)
    for _ in range(5):
        queue_mail(session, box)
    count_statements()

    outbox_counts(session)
    outbox_page(session, OutboxTab.WAITING, now=NOON)

    assert len(count_statements()) == 4
