"""The outbox as a page: what waits, what went, what is in doubt, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from outreach.accounts.queries import installation_switch
from outreach.accounts.services import MAIL_SENDING
from outreach.contacts.models import Contact
from outreach.core.errors import NotFound
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.mail.models import Mailbox, OutboxMessage
from outreach.mail.sending_rules import DAY
from outreach.mail.words import OutboxState, Transport

if TYPE_CHECKING:
    from outreach.core.db import Session


class OutboxTab(StrEnum):
    """The parts of the outbox."""

    WAITING = "waiting"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    CAPTURED = "captured"
    NOT_SENT = "not_sent"


_STATES = {
    OutboxTab.WAITING: (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.COMMITTING),
    OutboxTab.IN_DOUBT: (OutboxState.IN_DOUBT,),
    OutboxTab.SENT: (OutboxState.SENT,),
    OutboxTab.CAPTURED: (OutboxState.SENT,),
    OutboxTab.NOT_SENT: (OutboxState.FAILED, OutboxState.SUPPRESSED, OutboxState.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """One mail of the list."""

    id: int
    recipient: str
    contact_name: str
    subject: str
    state: str
    is_captured: bool
    is_first: bool
    at: datetime  # sent, or to be sent
    mailbox: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Facts:
    """What explains why a mail is where it is."""

    state: OutboxState
    reason: str
    server_reply: str
    send_after: datetime
    transport: Transport
    is_paused: bool
    paused_because: str
    is_proven: bool
    pace: str  # why its mailbox sends nothing for the moment, "" when it may
    is_manual: bool


def outbox_page(
    session: Session, tab: OutboxTab, *, now: datetime, cursor: str = "", limit: int = 50
) -> Page[OutboxLine]:
    """Return one page: what waits in the order it goes, everything else newest first."""
    is_sending = installation_switch(session, MAIL_SENDING)
    rows = session.exec(_statement(tab, cursor).limit(limit + 1)).all()
    paces = _paces(session, now) if tab is OutboxTab.WAITING else {}
    lines = [_line(row, paces, is_sending, now) for row in rows[:limit]]
    following = None
    if len(rows) > limit:
        last = lines[-1]
        key = rows[limit - 1][7].isoformat() if tab is OutboxTab.WAITING else ""
        following = encode_cursor(key, last.id)
    return Page(rows=lines, next_cursor=following)


def _statement(tab: OutboxTab, cursor: str) -> Any:
    statement: Any = (
        select(
            OutboxMessage.id, OutboxMessage.recipient, Contact.name, OutboxMessage.subject,
            OutboxMessage.state, OutboxMessage.is_captured, OutboxMessage.is_first,
            OutboxMessage.send_after, OutboxMessage.sent_at, OutboxMessage.reason,
            OutboxMessage.server_reply, Mailbox.address, Mailbox.transport, Mailbox.is_paused,
            Mailbox.paused_because, Mailbox.proven_at, OutboxMessage.mailbox_id,
            OutboxMessage.idempotency_key,
        )  # type: ignore[call-overload]
        .join(Mailbox, col(Mailbox.id) == OutboxMessage.mailbox_id)
        .outerjoin(Contact, col(Contact.id) == OutboxMessage.contact_id)
        .where(col(OutboxMessage.state).in_(_STATES[tab]))
    )  # fmt: skip
    if tab in {OutboxTab.SENT, OutboxTab.CAPTURED}:
        statement = statement.where(col(OutboxMessage.is_captured).is_(tab is OutboxTab.CAPTURED))
    return _after(statement, tab, cursor)


def _after(statement: Any, tab: OutboxTab, cursor: str) -> Any:
    message_id = col(OutboxMessage.id)
    if tab is not OutboxTab.WAITING:
        if cursor:
            statement = statement.where(message_id < _number(decode_cursor(cursor, 2)[1]))
        return statement.order_by(message_id.desc())
    send_after = col(OutboxMessage.send_after)
    if cursor:
        at, last = decode_cursor(cursor, 2)
        try:
            moment = datetime.fromisoformat(str(at))
        except ValueError as error:
            raise NotFound("This page link is damaged; open the list again.") from error
        statement = statement.where(
            sa.tuple_(send_after, message_id) > sa.tuple_(moment, _number(last))
        )
    return statement.order_by(send_after, message_id)


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise NotFound("This page link is damaged; open the list again.")
    return value


def _line(row: Any, paces: dict[int, str], is_sending: bool, now: datetime) -> OutboxLine:
    (
        message_id, recipient, name, subject, state, is_captured, is_first, send_after, sent_at,
        reason, reply, address, transport, is_paused, because, proven_at, mailbox_id, key,
    ) = row  # fmt: skip
    facts = _Facts(
        OutboxState(state), reason, reply, send_after, Transport(transport), is_paused, because,
        proven_at is not None, paces.get(mailbox_id, ""), key.startswith("manual:"),
    )  # fmt: skip
    return OutboxLine(
        id=message_id,
        recipient=recipient,
        contact_name=name or "",
        subject=subject,
        state=OutboxState(state).value,
        is_captured=is_captured,
        is_first=is_first,
        at=sent_at or send_after,
        mailbox=address,
        sentence=_sentence(facts, is_sending=is_sending, now=now),
    )


def explain(session: Session, message: OutboxMessage, mailbox: Mailbox, *, now: datetime) -> str:
    """Say in a sentence why a mail is where it is."""
    facts = _Facts(
        message.state, message.reason, message.server_reply, message.send_after,
        mailbox.transport, mailbox.is_paused, mailbox.paused_because,
        mailbox.proven_at is not None, _paces(session, now).get(mailbox.key, ""), message.is_manual,
    )  # fmt: skip
    is_sending = installation_switch(session, MAIL_SENDING)
    return _sentence(facts, is_sending=is_sending, now=now)


def _sentence(facts: _Facts, *, is_sending: bool, now: datetime) -> str:
    match facts.state:
        case OutboxState.QUEUED:
            return _why_it_waits(facts, is_sending=is_sending, now=now)
        case OutboxState.CLAIMED | OutboxState.COMMITTING:
            return "It is being handed over right now."
        case OutboxState.SENT:
            return facts.reason or facts.server_reply or "The server took it."
        case _:
            return facts.reason or "Nobody wrote down why."


def _why_it_waits(facts: _Facts, *, is_sending: bool, now: datetime) -> str:
    if facts.is_paused:
        return f"Its mailbox is paused: {facts.paused_because or 'by a person'}"
    is_real = facts.transport is Transport.SMTP and is_sending
    if is_real and not facts.is_proven:
        return "Its mailbox has not been proven; prove the sign-in in Settings."
    if facts.send_after > now:
        return facts.reason or "It waits for its moment."
    if facts.pace and not facts.is_manual:
        return facts.pace
    return facts.reason or ("It goes next." if is_real else "It is captured next.")


def _paces(session: Session, now: datetime) -> dict[int, str]:
    """Say of each mailbox that has to wait between mails, or for tomorrow, that it does."""
    rows = session.exec(
        select(Mailbox, func.count(), func.max(OutboxMessage.sent_at))
        .join(OutboxMessage, col(OutboxMessage.mailbox_id) == Mailbox.id)
        .where(col(OutboxMessage.sent_at) > now - DAY)
        .group_by(col(Mailbox.id))
    ).all()
    found: dict[int, str] = {}
    for mailbox, count, last in rows:
        cap, gap = mailbox.daily_cap, mailbox.gap_minutes
        if count >= cap:
            found[mailbox.key] = f"Its mailbox has sent its {cap} mails of 24 hours."
        elif last is not None and last + timedelta(minutes=gap) > now:
            found[mailbox.key] = f"Its mailbox leaves {gap} minutes or more between two mails."
    return found


def outbox_counts(session: Session) -> dict[OutboxTab, int]:
    """Count what waits and what is in doubt; the rest only grows and is not counted."""
    rows = session.exec(
        select(OutboxMessage.state, func.count())
        .where(
            col(OutboxMessage.state).in_(
                [*_STATES[OutboxTab.WAITING], *_STATES[OutboxTab.IN_DOUBT]]
            )
        )
        .group_by(col(OutboxMessage.state))
    ).all()
    found = {OutboxState(state): count for state, count in rows}
    return {
        tab: sum(found.get(state, 0) for state in _STATES[tab])
        for tab in (OutboxTab.WAITING, OutboxTab.IN_DOUBT)
    }
