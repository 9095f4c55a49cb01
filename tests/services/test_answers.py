"""Answers a person writes in a conversation."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlmodel import select

from outreach.core.db import Session
from outreach.core.errors import Invalid
from outreach.mail.answers import queue_manual
from outreach.mail.conversations import messages_of
from outreach.mail.models import Conversation, InboundMessage, OutboxMessage
from outreach.mail.words import OutboxState
from outreach.suppression.rules import person_key
from tests.factories_campaigns import KEY, address
from tests.factories_mail import NOON, make_mailbox, queue_mail

LONG_ID = f"<{'a' * 200}@outlook.example>"


def _conversation(session: Session) -> tuple[Conversation, OutboxMessage]:
    first = queue_mail(session, make_mailbox(session), "nora@garden.example")
    first.state, first.sent_at = OutboxState.SENT, NOON
    session.flush()
    return session.exec(select(Conversation)).one(), first


def _receive(session: Session, conversation: Conversation, *, message_id: str) -> None:
    inbound = InboundMessage(
        mailbox_id=conversation.mailbox_id, folder="INBOX", uidvalidity=1, uid=1, sha256="0" * 64,
        raw=b"", message_id=message_id, from_address="ada@garden.example", from_name="Ada",
        subject="Re: A page for you", received_at=NOON + timedelta(hours=1),
        conversation_id=conversation.key, visible_text="Tell me more.",
    )  # fmt: skip
    session.add(inbound)
    session.flush()


def test_an_answer_goes_to_whoever_wrote_last_and_stays_in_the_thread(session: Session) -> None:
    conversation, first = _conversation(session)
    _receive(session, conversation, message_id=LONG_ID)

    message = queue_manual(session, conversation.key, "Gladly: …", key=KEY, now=NOON)

    parsed = message_from_bytes(message.raw, policy=policy.compat32)
    assert message.recipient == "ada@garden.example"
    assert message.recipient_key == person_key(KEY, address("ada@garden.example"))
    assert parsed["In-Reply-To"] == LONG_ID
    assert parsed["References"].split() == [first.message_id, LONG_ID]
    assert message.subject == "Re: A page for you"
    assert (message.is_manual, message.is_first) == (True, False)
    assert [mail.is_ours for mail in messages_of(session, conversation.key)] == [True, True, False]


def test_an_id_no_mail_may_carry_is_left_out_of_the_thread(session: Session) -> None:
    conversation, first = _conversation(session)
    _receive(session, conversation, message_id="no id at all")

    message = queue_manual(session, conversation.key, "Gladly.", key=KEY, now=NOON)

    parsed = message_from_bytes(message.raw, policy=policy.compat32)
    assert parsed["In-Reply-To"] == first.message_id


def test_nothing_is_not_an_answer(session: Session) -> None:
    conversation, _ = _conversation(session)
    with pytest.raises(Invalid, match="Write something"):
        queue_manual(session, conversation.key, "  \n", key=KEY, now=NOON)
