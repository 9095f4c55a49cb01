"""Everything said with one contact, both directions, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select, update

from outreach.core.errors import NotFound
from outreach.mail.mime import MAX_TOKEN
from outreach.mail.models import Conversation, InboundMessage, OutboxMessage
from outreach.mail.words import InboundKind, OutboxState

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session

# Kinds of mail that come from the address of somebody one may answer.
_FROM_PEOPLE = (
    InboundKind.REPLY,
    InboundKind.UNSUBSCRIBE,
    InboundKind.OUT_OF_OFFICE,
    InboundKind.AUTO_REPLY,
    InboundKind.UNPARSED,
)
# A doubtful mail may have been read; naming one that was not does no harm.
_SAID = (OutboxState.SENT, OutboxState.COMMITTING, OutboxState.IN_DOUBT)
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")


@dataclass(frozen=True, slots=True)
class Opening:
    """With whom a conversation is, and about what."""

    mailbox_id: int
    opportunity_id: int | None
    prospect_id: int | None
    contact_id: int | None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ThreadMail:
    """One mail of a conversation as it is shown."""

    id: int  # of the outbox message, or of the inbound one
    is_ours: bool
    at: datetime
    who: str
    address: str
    subject: str
    text: str
    state: str  # of the outbox, or the kind of an inbound mail
    reason: str
    is_captured: bool


def open_conversation(session: Session, opening: Opening, *, now: datetime) -> Conversation:
    """Begin a conversation; one for each enrollment."""
    conversation = Conversation(
        mailbox_id=opening.mailbox_id,
        opportunity_id=opening.opportunity_id,
        prospect_id=opening.prospect_id,
        contact_id=opening.contact_id,
        subject=opening.subject,
        last_message_at=now,
    )
    session.add(conversation)
    session.flush()
    return conversation


def get_conversation(session: Session, conversation_id: int) -> Conversation:
    """Return one conversation.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(Conversation).where(Conversation.id == conversation_id)).first()
    if found is None:
        raise NotFound("There is no such conversation in this workspace.")
    return found


def note_message(
    session: Session, conversation_id: int, *, at: datetime, is_reply: bool = False
) -> None:
    """Keep that something was said; `is_reply` when a person on the other side said it."""
    values: dict[str, object] = {"has_reply": True} if is_reply else {}
    session.flush()
    session.execute(
        update(Conversation)
        .where(col(Conversation.id) == conversation_id)
        .values(last_message_at=at, **values)
        .execution_options(synchronize_session="fetch")
    )


def messages_of(session: Session, conversation_id: int) -> list[ThreadMail]:
    """Return the mails of a conversation, oldest first; cancelled ones are not part of it."""
    ours = session.exec(
        select(OutboxMessage).where(
            OutboxMessage.conversation_id == conversation_id,
            OutboxMessage.state != OutboxState.CANCELLED,
        )
    ).all()
    theirs = session.exec(
        select(InboundMessage).where(InboundMessage.conversation_id == conversation_id)
    ).all()
    mails = [_shown_ours(mail) for mail in ours] + [_shown_theirs(mail) for mail in theirs]
    return sorted(mails, key=lambda mail: (mail.at, mail.id))


def thread_ids(session: Session, conversation_id: int) -> tuple[str, ...]:
    """Return the Message-IDs said so far, oldest first: the References of the next mail."""
    ours = session.exec(
        select(OutboxMessage.sent_at, OutboxMessage.created_at, OutboxMessage.message_id).where(
            OutboxMessage.conversation_id == conversation_id,
            col(OutboxMessage.state).in_(_SAID),
        )
    ).all()
    theirs = session.exec(
        select(InboundMessage.received_at, InboundMessage.message_id).where(
            InboundMessage.conversation_id == conversation_id,
            col(InboundMessage.kind).in_([*_FROM_PEOPLE, InboundKind.OWN_COPY]),
        )
    ).all()
    said = [(sent or made, name) for sent, made, name in ours] + [(at, name) for at, name in theirs]
    return tuple(name for _, name in sorted(said) if _is_usable(name))


def latest_inbound(session: Session, conversation_id: int) -> InboundMessage | None:
    """Return the last mail they sent us; a bounce or a copy of our own is nobody's."""
    return session.exec(
        select(InboundMessage)
        .where(
            InboundMessage.conversation_id == conversation_id,
            col(InboundMessage.kind).in_(_FROM_PEOPLE),
        )
        .order_by(col(InboundMessage.received_at).desc(), col(InboundMessage.id).desc())
        .limit(1)
    ).first()


def _is_usable(message_id: str) -> bool:
    """Strangers write strange ids; one that is none is left out of the thread."""
    return len(message_id) <= MAX_TOKEN and bool(_MESSAGE_ID.fullmatch(message_id))


def _shown_ours(mail: OutboxMessage) -> ThreadMail:
    return ThreadMail(
        id=mail.key,
        is_ours=True,
        at=mail.sent_at or mail.send_after,
        who="",
        address=mail.recipient,
        subject=mail.subject,
        text=mail.body_text,
        state=mail.state.value,
        reason=mail.reason,
        is_captured=mail.is_captured,
    )


def _shown_theirs(mail: InboundMessage) -> ThreadMail:
    return ThreadMail(
        id=mail.key,
        is_ours=mail.kind is InboundKind.OWN_COPY,  # written by hand, found in the Sent folder
        at=mail.received_at,
        who=mail.from_name,
        address=mail.from_address,
        subject=mail.subject,
        text=mail.visible_text,
        state=mail.kind.value,
        reason="",
        is_captured=False,
    )
