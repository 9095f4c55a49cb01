"""Incoming mail: kept raw together with the place in its folder, and settled once."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select, update

from outreach.core.errors import NotFound
from outreach.mail.models import FolderPosition, InboundMessage, Mailbox
from outreach.mail.words import InboundState
from outreach.ports.mail import FolderCursor, IncomingMail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session

READING_LEASE = timedelta(minutes=10)
EVERY = timedelta(minutes=2)
# A refused sign-in is not repeated every two minutes: providers lock accounts for that.
NEEDS_PERSON_REST = timedelta(minutes=30)


class Place(StrEnum):
    """What kind of folder a mail came from."""

    INBOX = "inbox"
    JUNK = "junk"
    SENT = "sent"
    FILE = "file"


def take_reading_lease(session: Session, mailbox_id: int, *, now: datetime) -> bool:
    """Become a mailbox's only reader; False while somebody else is, or it rests."""
    is_free = col(Mailbox.reading_lease_until).is_(None) | (col(Mailbox.reading_lease_until) <= now)
    return _changed(
        session,
        update(Mailbox)
        .where(col(Mailbox.id) == mailbox_id, is_free)
        .values(reading_lease_until=now + READING_LEASE),
    )


def end_reading(
    session: Session,
    mailbox_id: int,
    *,
    now: datetime,
    failure: str = "",
    rest: timedelta | None = None,
) -> None:
    """Let go of a mailbox, and keep when it was read or why it could not be."""
    values: dict[str, Any] = {
        "read_failure": failure,
        "reading_lease_until": now + rest if rest else None,
    }
    if not failure:
        values["last_read_at"] = now
    _changed(session, update(Mailbox).where(col(Mailbox.id) == mailbox_id).values(**values))


def mailboxes_to_read(session: Session, *, now: datetime) -> list[tuple[int, int]]:
    """Return (workspace, mailbox) ids that have a way in and nobody reading (system scope)."""
    lease = col(Mailbox.reading_lease_until)
    rows = session.exec(
        select(Mailbox.workspace_id, Mailbox.id)
        .where(Mailbox.imap_host != "", lease.is_(None) | (lease <= now))
        .order_by(col(Mailbox.id))
    ).all()
    return [(workspace_id, found) for workspace_id, found in rows if found is not None]


def mailboxes_with_waiting_mail(session: Session) -> list[tuple[int, int]]:
    """Return (workspace, mailbox) ids with stored mail whose effects are to come (system scope)."""
    rows = session.exec(
        select(InboundMessage.workspace_id, InboundMessage.mailbox_id)
        .where(col(InboundMessage.processed_at).is_(None))
        .distinct()
    ).all()
    return [(workspace_id, mailbox_id) for workspace_id, mailbox_id in rows]


def cursor_of(session: Session, mailbox_id: int, folder: str) -> FolderCursor:
    """Return how far a folder has been read; from its start when it never was."""
    found = _position(session, mailbox_id, folder)
    return FolderCursor(found.uidvalidity, found.last_uid) if found else FolderCursor()


def store_mail(
    session: Session, mailbox_id: int, mail: IncomingMail, place: Place, *, now: datetime
) -> bool:
    """Keep a mail's bytes and move the folder's position past it, in one transaction.

    Nothing is read into the bytes yet. A mail we hold already, moved to another folder or seen
    again after the folder was numbered anew, is not kept twice.

    Returns:
        True when the mail is new.
    """
    digest = hashlib.sha256(mail.raw).hexdigest()
    _move_position(session, mailbox_id, mail)
    known = session.exec(
        select(InboundMessage.id)
        .where(InboundMessage.mailbox_id == mailbox_id, InboundMessage.sha256 == digest)
        .limit(1)
    ).first()
    if known is not None or _is_stored(session, mailbox_id, mail):
        return False
    session.add(
        InboundMessage(
            mailbox_id=mailbox_id,
            folder=mail.folder,
            uidvalidity=mail.uidvalidity,
            uid=mail.uid,
            sha256=digest,
            raw=mail.raw,
            received_at=now,
            facts={"place": place.value},
        )
    )
    session.flush()
    return True


def waiting_mail(session: Session, mailbox_id: int, *, limit: int = 100) -> list[int]:
    """Return ids of stored mails whose effects are to come, in the order they came."""
    rows = session.exec(
        select(InboundMessage.id)
        .where(InboundMessage.mailbox_id == mailbox_id, col(InboundMessage.processed_at).is_(None))
        .order_by(col(InboundMessage.id))
        .limit(limit)
    ).all()
    return [found for found in rows if found is not None]


def claim_to_settle(session: Session, message_id: int, *, now: datetime) -> InboundMessage | None:
    """Take a stored mail whose effects are drawn in this transaction; None when they were."""
    taken = _changed(
        session,
        update(InboundMessage)
        .where(col(InboundMessage.id) == message_id, col(InboundMessage.processed_at).is_(None))
        .values(processed_at=now),
    )
    return get_inbound(session, message_id) if taken else None


def get_inbound(session: Session, inbound_message_id: int) -> InboundMessage:
    """Return one incoming mail as it is now.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(
        select(InboundMessage)
        .where(InboundMessage.id == inbound_message_id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("There is no such mail in this workspace.")
    return found


def whole_text_of(message: InboundMessage) -> str:
    """Return all the words of a mail, history and signature included.

    They are read once, by the worker: a stranger's HTML never reaches the web process.
    """
    return str(message.facts.get("whole_text") or message.visible_text)


def inbound_of(session: Session, conversation_id: int) -> Sequence[InboundMessage]:
    """Return what they sent us in one conversation and still waits for a person."""
    return session.exec(
        select(InboundMessage)
        .where(
            InboundMessage.conversation_id == conversation_id,
            InboundMessage.state == InboundState.OPEN,
        )
        .order_by(col(InboundMessage.id))
    ).all()


def set_state(session: Session, message: InboundMessage, state: InboundState) -> None:
    """Keep whether a person still has to look at a mail."""
    message.state = state
    session.add(message)
    session.flush()


def handle_conversation(session: Session, conversation_id: int) -> list[int]:
    """Mark the open mails of a conversation as handled; return which, for undoing."""
    handled = []
    for message in inbound_of(session, conversation_id):
        message.state = InboundState.HANDLED
        handled.append(message.key)
    session.flush()
    return handled


def reopen_messages(session: Session, message_ids: Sequence[int]) -> int:
    """Undo that mails were handled; those without a conversation go back to triage."""
    rows = session.exec(
        select(InboundMessage).where(
            col(InboundMessage.id).in_(sorted(message_ids)),
            InboundMessage.state == InboundState.HANDLED,
        )
    ).all()
    for message in rows:
        is_matched = message.conversation_id is not None
        message.state = InboundState.OPEN if is_matched else InboundState.TRIAGE
    session.flush()
    return len(rows)


def _is_stored(session: Session, mailbox_id: int, mail: IncomingMail) -> bool:
    return (
        session.exec(
            select(InboundMessage.id).where(
                InboundMessage.mailbox_id == mailbox_id,
                InboundMessage.folder == mail.folder,
                InboundMessage.uidvalidity == mail.uidvalidity,
                InboundMessage.uid == mail.uid,
            )
        ).first()
        is not None
    )


def _position(session: Session, mailbox_id: int, folder: str) -> FolderPosition | None:
    return session.exec(
        select(FolderPosition)
        .where(FolderPosition.mailbox_id == mailbox_id, FolderPosition.folder == folder)
        .execution_options(populate_existing=True)
    ).first()


def _move_position(session: Session, mailbox_id: int, mail: IncomingMail) -> None:
    position = _position(session, mailbox_id, mail.folder)
    if position is None:
        position = FolderPosition(mailbox_id=mailbox_id, folder=mail.folder)
        session.add(position)
    is_same_numbering = position.uidvalidity == mail.uidvalidity
    last = position.last_uid if is_same_numbering else 0
    position.uidvalidity, position.last_uid = mail.uidvalidity, max(last, mail.uid)
    session.flush()


def _changed(session: Session, statement: Any) -> bool:
    session.flush()
    statement = statement.execution_options(synchronize_session=False)
    return bool(session.execute(statement).rowcount == 1)  # type: ignore[attr-defined]
