"""Looks up which mails of ours an incoming one may be about, and lets the rules choose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.core.addresses import parse_mail_address
from outreach.mail.header_facts import thread_subject
from outreach.mail.matching import REMEMBERED, Match, SentMail, match
from outreach.mail.models import Conversation, InboundMessage, OutboxMessage
from outreach.mail.words import InboundKind, OutboxState
from outreach.prospects.models import Prospect
from outreach.suppression.rules import company_domain, person_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.mail.incoming import ReadMail

# How long ago the one conversation with somebody may be that a new thread of theirs joins.
_STILL_FRESH = timedelta(days=60)
_MOST = 200
_MOST_SUBJECTS = 5_000
# A mail in one of these states may have reached somebody.
_MAY_HAVE_LEFT = (OutboxState.SENT, OutboxState.IN_DOUBT, OutboxState.COMMITTING)
_COLUMNS = (
    OutboxMessage.id,
    OutboxMessage.message_id,
    OutboxMessage.recipient,
    OutboxMessage.recipient_key,
    OutboxMessage.subject,
    OutboxMessage.sent_at,
    OutboxMessage.send_after,
    OutboxMessage.conversation_id,
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, as far as a header can say: the person's key and their company's domain."""

    address: str
    person: str
    company: str
    is_person: bool


def sender_of(address: str, *, key: str) -> Sender:
    """Return the keys of an address; empty ones for what is no address."""
    parsed = parse_mail_address(address)
    if parsed is None:
        return Sender(address, "", "", is_person=False)
    company = company_domain(parsed)
    return Sender(address, person_key(key, parsed), company, is_person=not parsed.is_refused)


def find_match(session: Session, mail: ReadMail, *, key: str, now: datetime) -> Match | None:
    """Find the mail of ours that an incoming one is about, strongest evidence first."""
    head = mail.head
    ids = [*head.in_reply_to, *head.references, *mail.inside_ids]
    found = match(head, _by_ids(session, ids), inside_ids=mail.inside_ids) if ids else None
    if found is not None:
        return found
    sender = sender_of(head.from_address, key=key)
    people = {sender.person, *(sender_of(each, key=key).person for each in mail.failed)} - {""}
    around = _around(session, people, sender, now)
    found = match(head, around, failed=mail.failed)
    if found is None and mail.kind is not InboundKind.OWN_COPY:
        found = match(head, _same_subject(session, head.subject, now))
    if found is None and mail.kind is InboundKind.UNSUBSCRIBE:
        found = _latest_to(sender, around)
    if found is None and mail.kind is InboundKind.REPLY and not mail.is_list and sender.is_person:
        found = _wrote_anew(session, sender, around, now)
    return found


def find_by_own_id(session: Session, message_id: str) -> int | None:
    """Return the outbox message that carries a Message-ID."""
    if not message_id:
        return None
    return session.exec(
        select(OutboxMessage.id).where(OutboxMessage.message_id == message_id)
    ).first()


def _by_ids(session: Session, ids: Sequence[str]) -> list[SentMail]:
    """Return ours by id, and through others' mails we hold the last of ours before them."""
    wanted = sorted(set(ids))[:_MOST]
    found = _sent(session, col(OutboxMessage.message_id).in_(wanted), with_unsent=True)
    theirs = session.exec(
        select(InboundMessage.message_id, InboundMessage.conversation_id).where(
            col(InboundMessage.message_id).in_(wanted),
            col(InboundMessage.conversation_id).is_not(None),
        )
    ).all()
    for message_id, conversation_id in theirs:
        ours = _sent(session, col(OutboxMessage.conversation_id) == conversation_id)
        if ours:
            found.append(_referring(max(ours, key=lambda sent: sent.sent_at), message_id))
    return found


def _referring(sent: SentMail, message_id: str) -> SentMail:
    return SentMail(
        key=sent.key,
        message_id=sent.message_id,
        recipients=sent.recipients,
        subject=sent.subject,
        sent_at=sent.sent_at,
        conversation=sent.conversation,
        references=(message_id,),
    )


def _around(session: Session, people: set[str], sender: Sender, now: datetime) -> list[SentMail]:
    """Return recent mails to the sender, to those a bounce names and to the sender's colleagues."""
    same = [col(OutboxMessage.recipient_key).in_(sorted(people))] if people else []
    if sender.company:
        host = sender.address.rpartition("@")[2].lower()
        same.append(col(OutboxMessage.recipient_domain).in_(sorted({host, sender.company})))
    if not same:
        return []
    recent = col(OutboxMessage.sent_at) > now - REMEMBERED
    undated = col(OutboxMessage.sent_at).is_(None)
    return _sent(session, sa.or_(*same) & (recent | undated), sender=sender)


def _same_subject(session: Session, subject: str, now: datetime) -> list[SentMail]:
    """Return mails of the last weeks with the subject of an answer; none for a fresh subject."""
    wanted = thread_subject(subject)
    if not wanted or wanted == " ".join(subject.split()).casefold():
        return []
    rows = session.exec(
        select(OutboxMessage.id, OutboxMessage.subject)
        .where(
            col(OutboxMessage.sent_at) > now - _STILL_FRESH,
            col(OutboxMessage.state).in_(_MAY_HAVE_LEFT),
        )
        .order_by(col(OutboxMessage.sent_at).desc())
        .limit(_MOST_SUBJECTS)
    ).all()
    same = [key for key, text in rows if thread_subject(text) == wanted][:_MOST]
    return _sent(session, col(OutboxMessage.id).in_(same)) if same else []


def _wrote_anew(
    session: Session, sender: Sender, around: list[SentMail], now: datetime
) -> Match | None:
    """Join a new thread to the one fresh conversation with its sender, else with their company."""
    fresh = [sent for sent in around if _is_fresh(sent, now)]
    mine = [sent for sent in fresh if sender.address.lower() in sent.recipients]
    found = _only_conversation(mine, "only conversation with the sender")
    if found is not None or mine or not sender.company:
        return found
    at_site = [sent for sent in _at_prospect(session, sender.company) if _is_fresh(sent, now)]
    return _only_conversation([*fresh, *at_site], "only conversation with the sender's company")


def _latest_to(sender: Sender, around: list[SentMail]) -> Match | None:
    """A wish for silence has a subject of its own; it stands for all we wrote to the person."""
    mine = [sent for sent in around if sender.address.lower() in sent.recipients]
    if not mine:
        return None
    return Match(max(mine, key=lambda sent: sent.sent_at), "last mail to who unsubscribes")


def _only_conversation(fitting: list[SentMail], rule: str) -> Match | None:
    if len({sent.conversation for sent in fitting}) != 1:
        return None
    return Match(max(fitting, key=lambda sent: sent.sent_at), rule)


def _is_fresh(sent: SentMail, now: datetime) -> bool:
    """Tell whether a mail went out in the weeks before; clocks may differ by a day."""
    return -timedelta(days=1) <= now - sent.sent_at <= _STILL_FRESH


def _at_prospect(session: Session, domain: str) -> list[SentMail]:
    """Return mails about a prospect, whatever host its contact has their mailbox at."""
    conversations = session.exec(
        select(Conversation.id)
        .join(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .where(Prospect.domain == domain)
        .order_by(col(Conversation.id).desc())
        .limit(_MOST)
    ).all()
    return _sent(session, col(OutboxMessage.conversation_id).in_(list(conversations)))


def _sent(
    session: Session, which: Any, *, sender: Sender | None = None, with_unsent: bool = False
) -> list[SentMail]:
    statement = sa.select(*_COLUMNS).where(which)  # type: ignore[call-overload]
    if not with_unsent:
        statement = statement.where(col(OutboxMessage.state).in_(_MAY_HAVE_LEFT))
    statement = statement.order_by(col(OutboxMessage.id).desc()).limit(_MOST)
    return [_candidate(row, sender) for row in session.execute(statement).all()]


def _candidate(row: Any, sender: Sender | None) -> SentMail:
    return SentMail(
        key=row.id,
        message_id=row.message_id,
        recipients=tuple(_names_of(row, sender)),
        subject=row.subject,
        sent_at=row.sent_at or row.send_after,
        conversation=row.conversation_id,
    )


def _names_of(row: Any, sender: Sender | None) -> Iterable[str]:
    """The address we wrote to, and the sender's where both spell one person."""
    yield row.recipient.lower()
    if sender is not None and sender.person and sender.person == row.recipient_key:
        yield sender.address.lower()
