"""Mail of one person: taking it out of the queue, moving it to another contact, forgetting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select, update

from outreach.mail.models import Conversation, InboundMessage, OutboxMessage
from outreach.mail.words import OutboxState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from outreach.core.db import Session


def cancel_queued_to(session: Session, person_keys: Collection[str], *, because: str) -> int:
    """Take every waiting mail to a person out of the queue, answers written by hand included."""
    return _count(
        session,
        update(OutboxMessage)
        .where(
            col(OutboxMessage.recipient_key).in_(sorted(person_keys)),
            col(OutboxMessage.state).in_([OutboxState.QUEUED, OutboxState.CLAIMED]),
        )
        .values(state=OutboxState.CANCELLED, reason=because, lease_until=None),
    )


def conversations_with(
    session: Session, contact_ids: Collection[int], person_keys: Collection[str]
) -> Sequence[Conversation]:
    """Return the conversations with these contacts, or in which these people were written to."""
    written_to = select(OutboxMessage.conversation_id).where(
        col(OutboxMessage.recipient_key).in_(sorted(person_keys))
    )
    same = sa.or_(
        col(Conversation.contact_id).in_(sorted(contact_ids)), col(Conversation.id).in_(written_to)
    )
    return session.exec(select(Conversation).where(same).order_by(col(Conversation.id))).all()


def repoint_contact(session: Session, gone_id: int, kept_id: int) -> None:
    """Let the conversations and mails of a merged contact point at the one that stays."""
    for model in (Conversation, OutboxMessage):
        contact_id = col(model.contact_id)
        _count(session, update(model).where(contact_id == gone_id).values(contact_id=kept_id))


def forget_person(
    session: Session,
    contact_ids: Collection[int],
    person_keys: Collection[str],
    addresses: Collection[str],
) -> None:
    """Empty every mail to and from a person; that there was one, and when, stays.

    A mail at its commit point is emptied too: its worker holds the bytes already.

    Args:
        session: Open session of one workspace.
        contact_ids: The person's contacts here.
        person_keys: Keyed hashes of their addresses.
        addresses: Their addresses, in folded case.
    """
    talks = [row.key for row in conversations_with(session, contact_ids, person_keys)]
    _count(
        session,
        update(OutboxMessage)
        .where(
            sa.or_(
                col(OutboxMessage.conversation_id).in_(talks),
                col(OutboxMessage.recipient_key).in_(sorted(person_keys)),
                col(OutboxMessage.contact_id).in_(sorted(contact_ids)),
            )
        )
        .values(recipient="", subject="", body_text="", raw=b"", server_reply="", reason=""),
    )
    _count(
        session,
        update(InboundMessage)
        .where(
            sa.or_(
                col(InboundMessage.conversation_id).in_(talks),
                sa.func.lower(col(InboundMessage.from_address)).in_(sorted(addresses)),
            )
        )
        .values(
            from_address="", from_name="", subject="", visible_text="", message_id="", raw=b"",
            facts={},
        ),
    )  # fmt: skip
    _count(session, update(Conversation).where(col(Conversation.id).in_(talks)).values(subject=""))


def empty_raw(
    session: Session, model: type[OutboxMessage | InboundMessage], ids: Collection[int]
) -> None:
    """Drop the original bytes of mails whose shown text had a person's name taken out."""
    statement = update(model).where(col(model.id).in_(sorted(ids)))
    if model is OutboxMessage:
        waiting = [OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.COMMITTING]
        statement = statement.where(col(OutboxMessage.state).not_in(waiting))
    nothing: dict[str, Any] = {"raw": b""}
    if model is InboundMessage:
        nothing["facts"] = {}  # the whole text is among them
    _count(session, statement.values(**nothing))


def _count(session: Session, statement: Any) -> int:
    session.flush()
    statement = statement.execution_options(synchronize_session=False)
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
