"""What keeps a mail from going out, asked when it is claimed and again at the commit point."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from outreach.accounts.models import Workspace
from outreach.accounts.queries import installation_switch
from outreach.accounts.services import MAIL_SENDING
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.mail.models import Conversation, Mailbox, OutboxMessage
from outreach.mail.sending_rules import DAY, RECIPIENT_DOMAIN_CAP
from outreach.mail.words import OutboxState
from outreach.prospects.models import Prospect
from outreach.suppression.queries import find_suppression

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session


class Way(StrEnum):
    """What becomes of a mail that meets an obstacle."""

    WAIT = "wait"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a mail does not go out now; `until` is when it may be tried again."""

    way: Way
    sentence: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Mails counted against a cap, and when the first of them was."""

    count: int
    first_at: datetime | None

    def is_full(self, cap: int) -> bool:
        """True when no place is left."""
        return self.count >= cap

    def free_at(self, now: datetime) -> datetime:
        """When the earliest of them no longer counts."""
        return (self.first_at or now) + DAY


@dataclass(frozen=True, slots=True)
class _Facts:
    """A mail with what its fate depends on."""

    message: OutboxMessage
    mailbox: Mailbox
    contact: Contact | None
    company: str
    has_reply: bool


def find_obstacle(
    session: Session, message_id: int, *, is_capture: bool, is_final: bool, now: datetime
) -> Obstacle | None:
    """Return what stands in a mail's way, or None.

    Args:
        session: Open session of the workspace.
        message_id: The mail.
        is_capture: Nothing leaves this machine, so nothing has to be switched on.
        is_final: At the commit point: the mailbox's cap is counted again, and on PostgreSQL the
            workspace's row is locked to the end of the transaction, so that two mailboxes cannot
            both take the last place at one recipient domain.
        now: When.
    """
    if is_final and session.is_postgres:
        workspace = select(Workspace.id).where(Workspace.id == session.workspace_id)
        session.exec(workspace.with_for_update(key_share=True)).one()
    facts = _facts(session, message_id)
    if not is_capture and not installation_switch(session, MAIL_SENDING):
        return Obstacle(Way.WAIT, "Sending is switched off in Settings.")
    return (
        _silence(session, facts)
        or _answered(facts)
        or (_mailbox_cap(session, facts, is_capture, now) if is_final else None)
        or _domain_cap(session, facts.message.recipient_domain, is_capture, now)
    )


def _facts(session: Session, message_id: int) -> _Facts:
    message, mailbox, contact, domain, has_reply = session.exec(
        select(OutboxMessage, Mailbox, Contact, Prospect.domain, Conversation.has_reply)  # type: ignore[call-overload]
        .join(Mailbox, col(Mailbox.id) == OutboxMessage.mailbox_id)
        .join(Conversation, col(Conversation.id) == OutboxMessage.conversation_id)
        .outerjoin(Contact, col(Contact.id) == OutboxMessage.contact_id)
        .outerjoin(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .where(OutboxMessage.id == message_id)
        .execution_options(populate_existing=True)
    ).one()
    return _Facts(message, mailbox, contact, domain or message.recipient_domain, has_reply)


def _silence(session: Session, facts: _Facts) -> Obstacle | None:
    """Look for a suppression of the person, of the mail's domain or of the company's."""
    person, contact = facts.message.recipient_key, facts.contact
    for domain in dict.fromkeys((facts.company, facts.message.recipient_domain)):
        found = find_suppression(session, person_key=person, domain=domain)
        if found is not None:
            return Obstacle(Way.SUPPRESSED, f"Never to be written to: {found.reason.value}.")
    if contact is not None and contact.deliverability is Deliverability.UNDELIVERABLE:
        because = contact.undeliverable_because or "mail to this address fails"
        return Obstacle(Way.SUPPRESSED, f"The address cannot be reached: {because}.")
    return None


def _answered(facts: _Facts) -> Obstacle | None:
    if facts.has_reply and not facts.message.is_manual:
        return Obstacle(Way.CANCELLED, "They have answered.")
    return None


def _mailbox_cap(
    session: Session, facts: _Facts, is_capture: bool, now: datetime
) -> Obstacle | None:
    cap = facts.mailbox.daily_cap
    sent = sent_today(session, facts.mailbox.key, is_captured=is_capture, now=now)
    if not sent.is_full(cap):
        return None
    said = f"The mailbox has sent its {cap} mails of 24 hours."
    return Obstacle(Way.WAIT, said, sent.free_at(now))


def _domain_cap(session: Session, domain: str, is_capture: bool, now: datetime) -> Obstacle | None:
    sent = _ledger(session, OutboxMessage.recipient_domain == domain, is_capture, now)
    if not sent.is_full(RECIPIENT_DOMAIN_CAP):
        return None
    said = f"{RECIPIENT_DOMAIN_CAP} mails went to {domain} in 24 hours."
    return Obstacle(Way.WAIT, said, sent.free_at(now))


def sent_today(session: Session, mailbox_id: int, *, is_captured: bool, now: datetime) -> Ledger:
    """Count what a mailbox sent, or may have sent, in the last 24 hours."""
    return _ledger(session, OutboxMessage.mailbox_id == mailbox_id, is_captured, now)


def _ledger(session: Session, which: bool, is_captured: bool, now: datetime) -> Ledger:
    captured = col(OutboxMessage.is_captured) == is_captured
    sent = session.exec(
        select(func.count(), func.min(OutboxMessage.sent_at)).where(
            which, captured, col(OutboxMessage.sent_at) > now - DAY
        )
    ).one()
    open_states = (OutboxState.COMMITTING, OutboxState.IN_DOUBT)
    doubtful = session.exec(
        select(func.count()).select_from(OutboxMessage).where(
            which, captured,
            col(OutboxMessage.state).in_(open_states),
            col(OutboxMessage.lease_until) > now - DAY,
        )
    ).one()  # fmt: skip
    return Ledger(count=sent[0] + doubtful, first_at=sent[1])
