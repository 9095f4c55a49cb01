"""The bytes of the sample's answers: what a publisher's mail program would have sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.core.tokens import keyed_hash
from outreach.mail.models import Conversation, OutboxMessage
from outreach.mail.words import OutboxState

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session

_AWAY = timedelta(days=8)
_ANSWERING_DOMAIN = "answers.example"
_NO_MAILBOX = "550 5.1.1 There is no such mailbox here."


@dataclass(slots=True)
class Answer:
    """One answer that is still to come."""

    opportunity_id: int
    said: dict[str, Any]

    def first_mail(self, session: Session) -> OutboxMessage | None:
        """Return the first mail of ours it can be an answer to, once that was sent."""
        return session.exec(
            select(OutboxMessage)
            .join(Conversation, col(Conversation.id) == OutboxMessage.conversation_id)
            .where(
                Conversation.opportunity_id == self.opportunity_id,
                OutboxMessage.state == OutboxState.SENT,
            )
            .order_by(col(OutboxMessage.id))
            .limit(1)
        ).first()


def answer_bytes(said: dict[str, Any], sent: OutboxMessage | None, *, at: datetime) -> bytes:
    """Write one answer to a mail of ours; without one, a stranger's own mail."""
    if said.get("kind") == "bounce" and sent is not None:
        return delivery_report(sent.recipient, sent.raw, at=at)
    message = EmailMessage()
    address = said.get("address") or (sent.recipient if sent else "")
    message["From"] = f"{said['name']} <{address}>" if said.get("name") else address
    message["Date"] = format_datetime(at)
    message["Message-ID"] = _message_id(f"{address} {at.isoformat()}")
    message["Subject"] = said.get("subject") or (f"Re: {sent.subject}" if sent else "")
    if sent is not None:
        message["In-Reply-To"] = message["References"] = sent.message_id
    if said.get("kind") == "out_of_office" and sent is not None:
        del message["Subject"]
        message["Subject"] = f"Automatic reply: {sent.subject}"
        message["Auto-Submitted"] = "auto-replied"
    back = f"{at + _AWAY:%-d %B %Y}"
    text = said["text"].replace("{back}", back)
    message.set_content(text + (_quoted(sent) if sent else ""))
    return message.as_bytes()


def _quoted(sent: OutboxMessage) -> str:
    lines = "\n".join(f"> {line}" for line in sent.body_text.splitlines())
    return f"\n\nOn {sent.sent_at:%d %b %Y} you wrote:\n{lines}\n"


def delivery_report(recipient: str, returned: bytes, *, at: datetime) -> bytes:
    """Write what a server sends back, as RFC 3464 has it, that has no such mailbox."""
    host = recipient.partition("@")[2]
    boundary = keyed_hash("sample", "boundary", f"{recipient} {at.isoformat()}")[:24]
    status = (
        f"Reporting-MTA: dns; mx.{host}\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; {_NO_MAILBOX}\r\n"
    )
    head = returned.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("ascii", "replace")
    parts = (
        ("text/plain; charset=utf-8", f"<{recipient}>: {_NO_MAILBOX}\r\n"),
        ("message/delivery-status", status),
        ("text/rfc822-headers", head.replace("\n", "\r\n") + "\r\n"),
    )
    body = "".join(
        f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts
    )
    return (
        f"From: Mail Delivery <mailer-daemon@mx.{host}>\r\n"
        f"Date: {format_datetime(at)}\r\n"
        f"Message-ID: <{boundary}@mx.{host}>\r\n"
        "Subject: Undelivered mail returned to sender\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status;\r\n"
        f' boundary="{boundary}"\r\n\r\n'
        f"{body}--{boundary}--\r\n"
    ).encode()


def _message_id(seed: str) -> str:
    return f"<{keyed_hash('sample', 'message-id', seed)[:32]}@{_ANSWERING_DOMAIN}>"
