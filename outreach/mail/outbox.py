"""Mails on their way: putting them in, taking them out, and a person's word on the doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select, update

from outreach.activity.services import Subject, record
from outreach.core.errors import Conflict, NotFound
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from outreach.core.addresses import MailAddress
    from outreach.core.db import Session

RESTORED = (
    "This mail comes from a backup. It may have been sent after the backup was made, so it is "
    "not sent again by itself."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMail:
    """One mail as it enters the outbox, its bytes frozen."""

    mailbox_id: int
    conversation_id: int
    contact_id: int | None
    idempotency_key: str
    message_id: str
    recipient: MailAddress
    person_key: str
    subject: str
    body_text: str
    raw: bytes
    send_after: datetime
    is_first: bool


def enqueue(session: Session, mail: NewMail) -> OutboxMessage:
    """Put a mail into the outbox; the same key twice is refused by the database."""
    message = OutboxMessage(
        mailbox_id=mail.mailbox_id,
        conversation_id=mail.conversation_id,
        contact_id=mail.contact_id,
        idempotency_key=mail.idempotency_key,
        message_id=mail.message_id,
        recipient=mail.recipient.text,
        recipient_key=mail.person_key,
        recipient_domain=mail.recipient.domain,
        subject=mail.subject,
        body_text=mail.body_text,
        raw=mail.raw,
        send_after=mail.send_after,
        is_first=mail.is_first,
    )
    session.add(message)
    session.flush()
    return message


def get_message(session: Session, outbox_message_id: int) -> OutboxMessage:
    """Return one mail of ours.

    Raises:
        NotFound: There is none in this workspace.
    """
    message = session.exec(
        select(OutboxMessage).where(OutboxMessage.id == outbox_message_id)
    ).first()
    if message is None:
        raise NotFound("There is no such mail in this workspace.")
    return message


def find_by_message_ids(session: Session, message_ids: Collection[str]) -> Sequence[OutboxMessage]:
    """Return the mails of ours that carry one of these Message-IDs, oldest first."""
    return session.exec(
        select(OutboxMessage)
        .where(col(OutboxMessage.message_id).in_(sorted(set(message_ids))))
        .order_by(col(OutboxMessage.id))
    ).all()


def cancel_queued_for(session: Session, *, conversation_ids: Collection[int], because: str) -> int:
    """Take planned mails of these conversations out of the queue; return how many.

    One that a worker holds before its commit point is taken back too; answers a person wrote stay.
    """
    if not conversation_ids:
        return 0
    return _count(
        session,
        update(OutboxMessage)
        .where(
            col(OutboxMessage.conversation_id).in_(sorted(set(conversation_ids))),
            col(OutboxMessage.state).in_([OutboxState.QUEUED, OutboxState.CLAIMED]),
            ~col(OutboxMessage.idempotency_key).startswith("manual:"),
        )
        .values(state=OutboxState.CANCELLED, reason=because, lease_until=None),
    )


def cancel(session: Session, message: OutboxMessage, *, now: datetime) -> None:
    """Take one mail out of the queue at a person's word.

    Raises:
        Conflict: It is no longer waiting.
    """
    if not _move(
        session, message, (OutboxState.QUEUED,), state=OutboxState.CANCELLED, reason="Cancelled."
    ):
        raise Conflict("This mail is not waiting any more, so it cannot be cancelled.")
    record(session, "cancelled", _subject(message), f"Cancelled a mail to {message.recipient}.",
           now=now)  # fmt: skip


def mark_as_sent(session: Session, message: OutboxMessage, *, because: str, now: datetime) -> bool:
    """Settle a doubtful mail: it was sent; False when it is settled already."""
    lease = message.lease_until
    at = min(lease, now) if lease else now
    return _move(
        session, message, (OutboxState.IN_DOUBT,), state=OutboxState.SENT, sent_at=at,
        reason=because, lease_until=None,
    )  # fmt: skip


def queue_again(session: Session, message: OutboxMessage, *, because: str, now: datetime) -> bool:
    """Settle a doubtful mail: it was not sent, so it goes back into the queue.

    The caller has evidence, or a person who decided it.
    """
    return _move(
        session, message, (OutboxState.IN_DOUBT,), state=OutboxState.QUEUED, send_after=now,
        reason=because, lease_until=None,
    )  # fmt: skip


def try_again(session: Session, message: OutboxMessage, *, send_after: datetime) -> bool:
    """Queue a mail again that a server refused or put off for good: it was surely not sent."""
    return _move(
        session, message, (OutboxState.FAILED,), state=OutboxState.QUEUED, send_after=send_after,
        delay_count=0, reason="",
    )  # fmt: skip


def mark_restored(session: Session) -> int:
    """Doubt every mail of a restored backup that was on its way; return how many.

    Else the machine would send again what went out after the backup was made.
    """
    on_their_way = [OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.COMMITTING]
    return _count(
        session,
        update(OutboxMessage)
        .where(col(OutboxMessage.state).in_(on_their_way))
        .values(
            state=OutboxState.IN_DOUBT,
            reason=RESTORED,
            lease_until=None,
            attempt=col(OutboxMessage.attempt) + 1,
        ),
    )


def doubtful(session: Session, mailbox_id: int, *, now: datetime) -> Sequence[OutboxMessage]:
    """Return a mailbox's doubtful mails whose settling time is over, oldest first."""
    lease = col(OutboxMessage.lease_until)
    return session.exec(
        select(OutboxMessage)
        .where(
            OutboxMessage.mailbox_id == mailbox_id,
            OutboxMessage.state == OutboxState.IN_DOUBT,
            lease.is_(None) | (lease <= now),
        )
        .order_by(col(OutboxMessage.id))
    ).all()


def last_sent(
    session: Session, mailbox_id: int, *, before: datetime, limit: int
) -> Sequence[OutboxMessage]:
    """Return mails a server surely took, newest first, sent before a moment."""
    return session.exec(
        select(OutboxMessage)
        .where(
            OutboxMessage.mailbox_id == mailbox_id,
            OutboxMessage.state == OutboxState.SENT,
            col(OutboxMessage.is_captured).is_(False),
            OutboxMessage.server_reply != "",
            col(OutboxMessage.sent_at) < before,
        )
        .order_by(col(OutboxMessage.sent_at).desc())
        .limit(limit)
    ).all()


def mailboxes_with_due_mail(session: Session, *, now: datetime) -> list[tuple[int, int]]:
    """Return (workspace, mailbox) ids whose mail is due, for the tick (system scope)."""
    rows = session.exec(
        select(OutboxMessage.workspace_id, OutboxMessage.mailbox_id)
        .where(OutboxMessage.state == OutboxState.QUEUED, OutboxMessage.send_after <= now)
        .distinct()
    ).all()
    return [(workspace_id, mailbox_id) for workspace_id, mailbox_id in rows]


def mailboxes_in_doubt(session: Session, *, now: datetime) -> list[tuple[int, int]]:
    """Return (workspace, mailbox) ids with mails to settle, for the tick (system scope)."""
    lease = col(OutboxMessage.lease_until)
    rows = session.exec(
        select(OutboxMessage.workspace_id, OutboxMessage.mailbox_id)
        .where(OutboxMessage.state == OutboxState.IN_DOUBT, lease.is_(None) | (lease <= now))
        .distinct()
    ).all()
    return [(workspace_id, mailbox_id) for workspace_id, mailbox_id in rows]


def _move(
    session: Session, message: OutboxMessage, states: tuple[OutboxState, ...], **values: Any
) -> bool:
    moved = _count(
        session,
        update(OutboxMessage)
        .where(col(OutboxMessage.id) == message.key, col(OutboxMessage.state).in_(states))
        .values(**values),
    )
    session.refresh(message)
    return moved == 1


def _count(session: Session, statement: Any) -> int:
    session.flush()
    statement = statement.execution_options(synchronize_session=False)
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _subject(message: OutboxMessage) -> Subject:
    return Subject("outbox_message", message.key)
