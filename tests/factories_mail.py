"""Mails in the outbox, and all that a pitch needs, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from outreach.mail.conversations import Opening, open_conversation
from outreach.mail.mime import MailDraft, build_message
from outreach.mail.models import Mailbox, OutboxMessage
from outreach.mail.outbox import NewMail, enqueue
from outreach.suppression.rules import person_key
from tests import factories
from tests.factories_campaigns import KEY, address, make_contact
from tests.factories_campaigns import make_mailbox as make_plain_mailbox

if TYPE_CHECKING:
    from outreach.core.db import Session

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday, everybody at work
_serial = count(1)


class Clock:
    """A clock a test moves by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def make_mailbox(session: Session, **given: Any) -> Mailbox:
    """A mailbox that never has to wait between two mails."""
    return make_plain_mailbox(session, **{"gap_minutes": 0, **given})


def queue_mail(
    session: Session, mailbox: Mailbox, recipient: str = "", **given: Any
) -> OutboxMessage:
    """Put a mail a person could have written into the outbox, its contact known."""
    number = next(_serial)
    to = address(recipient or f"reader{number}@site{number}.example")
    contact = make_contact(session, to.text)
    prospect = factories.make_prospect(session)
    opening = Opening(mailbox.key, None, prospect.key, contact.key, "A page for you")
    conversation = open_conversation(session, opening, now=NOON)
    message_id = f"<mail{number}@ours.example>"
    draft = MailDraft(
        from_address=mailbox.address,
        to_address=to.text,
        subject="A page for you",
        text=f"Hello {number}",
        message_id=message_id,
        sent_at=NOON,
    )
    values: dict[str, Any] = {
        "mailbox_id": mailbox.key,
        "conversation_id": conversation.key,
        "contact_id": contact.key,
        "idempotency_key": f"enrollment:{number}:step:1",
        "message_id": message_id,
        "recipient": to,
        "person_key": person_key(KEY, to),
        "subject": draft.subject,
        "body_text": draft.text,
        "raw": build_message(draft),
        "send_after": NOON - timedelta(minutes=1),
        "is_first": True,
    }
    return enqueue(session, NewMail(**{**values, **given}))
