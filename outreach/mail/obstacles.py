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


def find_obstacle(
    session: Session, message_id: int, *, is_capture: bool, now: datetime
) -> Obstacle | None:
    """Return what stands in a mail's way, or None.

    On PostgreSQL the workspace's row is locked to the end of the transaction, so that two
    mailboxes cannot both take the last place at one recipient domain.
    """
    workspace = select(Workspace.id).where(Workspace.id == session.workspace_id)
    session.exec(workspace.with_for_update(key_share=True)).one()
    message, contact, domain, has_reply = _facts(session, message_id)
    if not is_capture and not installation_switch(session, MAIL_SENDING):
        return Obstacle(Way.WAIT, "Sending is switched off in Settings.")
    return (
        _silence(session, message, contact, domain)
        or _answered(message, has_reply)
        or _caps(session, message, is_capture, now)
    )


def _facts(session: Session, message_id: int) -> tuple[OutboxMessage, Contact | None, str, bool]:
    row = session.exec(
        select(OutboxMessage, Contact, Prospect.domain, Conversation.has_reply)
        .join(Conversation, col(Conversation.id) == OutboxMessage.conversation_id)
        .outerjoin(Contact, col(Contact.id) == OutboxMessage.contact_id)
        .outerjoin(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .where(OutboxMessage.id == message_id)
        .execution_options(populate_existing=True)
    ).one()
    return row[0], row[1], row[2] or "", row[3]


def _silence(
    session: Session, message: OutboxMessage, contact: Contact | None, domain: str
) -> Obstacle | None:
    """Look for a suppression of the person, of the mail's domain or of the company's."""
    for each in dict.fromkeys((domain or message.recipient_domain, message.recipient_domain)):
        found = find_suppression(session, person_key=message.recipient_key, domain=each)
        if found is not None:
            return Obstacle(Way.SUPPRESSED, f"Never to be written to: {found.reason.value}.")
    if contact is not None and contact.deliverability is Deliverability.UNDELIVERABLE:
        because = contact.undeliverable_because or "mail to this address fails"
        return Obstacle(Way.SUPPRESSED, f"The address cannot be reached: {because}.")
    return None


def _answered(message: OutboxMessage, has_reply: bool) -> Obstacle | None:
    if has_reply and not message.is_manual:
        return Obstacle(Way.CANCELLED, "They have answered.")
    return None


def _caps(
    session: Session, message: OutboxMessage, is_capture: bool, now: datetime
) -> Obstacle | None:
    cap = session.exec(select(Mailbox.daily_cap).where(Mailbox.id == message.mailbox_id)).one()
    mailbox = sent_today(session, message.mailbox_id, is_captured=is_capture, now=now)
    if mailbox.is_full(cap):
        said = f"The mailbox has sent its {cap} mails of 24 hours."
        return Obstacle(Way.WAIT, said, mailbox.free_at(now))
    domain = _sent_to(session, message.recipient_domain, is_captured=is_capture, now=now)
    if domain.is_full(RECIPIENT_DOMAIN_CAP):
        said = f"{RECIPIENT_DOMAIN_CAP} mails went to {message.recipient_domain} in 24 hours."
        return Obstacle(Way.WAIT, said, domain.free_at(now))
    return None


def sent_today(session: Session, mailbox_id: int, *, is_captured: bool, now: datetime) -> Ledger:
    """Count what a mailbox sent, or may have sent, in the last 24 hours."""
    return _ledger(session, OutboxMessage.mailbox_id == mailbox_id, is_captured, now)


def _sent_to(session: Session, domain: str, *, is_captured: bool, now: datetime) -> Ledger:
    return _ledger(session, OutboxMessage.recipient_domain == domain, is_captured, now)


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
