"""A conversation's page: everything said with a company, in order, and what may come next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.rules import moves_from, needs_reason
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.core.errors import NotFound
from outreach.mail.models import Conversation, InboundMessage, Mailbox, OutboxMessage
from outreach.mail.words import InboundKind, InboundState, OutboxState
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session

_MOST_MAILS = 200
# What a person may decide about an answer; a won link is logged with its page instead.
OUTCOMES = (
    Stage.IN_CONVERSATION,
    Stage.COMMITTED,
    Stage.DECLINED,
    Stage.UNRESPONSIVE,
    Stage.LOST,
)

_columns: Any = sa.select  # its typing knows tables, not single columns


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the history."""

    id: int
    is_ours: bool
    at: datetime
    who: str
    address: str
    subject: str
    text: str
    state: str  # of our outbox, or whether theirs waits for a person
    kind: str  # of an incoming mail, "" for ours
    rule: str  # why it is of that kind and belongs here
    reason: str
    is_captured: bool
    is_here: bool  # in the conversation that is open, not in another with the same company

    @property
    def is_inbound(self) -> bool:
        """True for what came over the mailbox, our own copies included."""
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class ConversationView:
    """All a conversation's page shows."""

    conversation: Conversation
    mailbox_address: str
    contact: Contact | None
    prospect_id: int | None
    domain: str
    opportunity: Opportunity | None
    campaign_name: str
    mails: list[Mail]

    @property
    def who(self) -> str:
        """Whom the conversation is with."""
        return self.contact.display_name if self.contact else self.domain or "Unknown"

    @property
    def is_open(self) -> bool:
        """True while something in it waits for a person."""
        return any(mail.state == InboundState.OPEN for mail in self.mails if mail.is_here)

    @property
    def outcomes(self) -> list[tuple[Stage, bool]]:
        """Stages a person may choose, and whether each needs a reason."""
        if self.opportunity is None:
            return []
        old = self.opportunity.stage
        possible = set(moves_from(old))
        return [(stage, needs_reason(old, stage)) for stage in OUTCOMES if stage in possible]


def conversation_view(session: Session, conversation_id: int) -> ConversationView:
    """Return a conversation with the whole history of its company.

    Raises:
        NotFound: There is none in this workspace.
    """
    row = session.execute(
        _columns(
            Conversation, Mailbox.address, Contact, Prospect.domain, Opportunity, Campaign.name
        )
        .join(Mailbox, col(Mailbox.id) == Conversation.mailbox_id)
        .outerjoin(Contact, col(Contact.id) == Conversation.contact_id)
        .outerjoin(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .outerjoin(Opportunity, col(Opportunity.id) == Conversation.opportunity_id)
        .outerjoin(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .where(Conversation.id == conversation_id)
    ).first()
    if row is None:
        raise NotFound("There is no such conversation in this workspace.")
    conversation, mailbox_address, contact, domain, opportunity, campaign_name = row
    return ConversationView(
        conversation=conversation,
        mailbox_address=mailbox_address,
        contact=contact,
        prospect_id=conversation.prospect_id,
        domain=domain or "",
        opportunity=opportunity,
        campaign_name=campaign_name or "",
        mails=_history(session, conversation),
    )


def _history(session: Session, conversation: Conversation) -> list[Mail]:
    """Return what was said with the contact or about the prospect, the newest mails of it."""
    same = [col(Conversation.id) == conversation.key]
    if conversation.prospect_id is not None:
        same.append(col(Conversation.prospect_id) == conversation.prospect_id)
    if conversation.contact_id is not None:
        same.append(col(Conversation.contact_id) == conversation.contact_id)
    talks = list(session.exec(select(Conversation.id).where(sa.or_(*same)).limit(200)).all())
    mails = _ours(session, talks, conversation.key) + _theirs(session, talks, conversation.key)
    return sorted(mails, key=lambda mail: (mail.at, mail.is_ours, mail.id))[-_MOST_MAILS:]


def _ours(session: Session, talks: list[Any], here: int) -> list[Mail]:
    at = sa.func.coalesce(OutboxMessage.sent_at, OutboxMessage.send_after)
    rows = session.execute(
        _columns(
            OutboxMessage.id,
            OutboxMessage.sent_at,
            OutboxMessage.send_after,
            OutboxMessage.recipient,
            OutboxMessage.subject,
            OutboxMessage.body_text,
            OutboxMessage.state,
            OutboxMessage.reason,
            OutboxMessage.is_captured,
            OutboxMessage.conversation_id,
        )
        .where(
            col(OutboxMessage.conversation_id).in_(talks),
            col(OutboxMessage.state) != OutboxState.CANCELLED,
        )
        .order_by(at.desc(), col(OutboxMessage.id).desc())
        .limit(_MOST_MAILS)
    ).all()
    return [
        Mail(
            id=row.id,
            is_ours=True,
            at=row.sent_at or row.send_after,
            who="",
            address=row.recipient,
            subject=row.subject,
            text=row.body_text,
            state=row.state.value,
            kind="",
            rule="",
            reason=row.reason,
            is_captured=row.is_captured,
            is_here=row.conversation_id == here,
        )
        for row in rows
    ]


def _theirs(session: Session, talks: list[Any], here: int) -> list[Mail]:
    rows = session.execute(
        _columns(
            InboundMessage.id,
            InboundMessage.received_at,
            InboundMessage.from_name,
            InboundMessage.from_address,
            InboundMessage.subject,
            InboundMessage.visible_text,
            InboundMessage.state,
            InboundMessage.kind,
            InboundMessage.kind_rule,
            InboundMessage.match_rule,
            InboundMessage.conversation_id,
        )
        .where(col(InboundMessage.conversation_id).in_(talks))
        .order_by(col(InboundMessage.received_at).desc(), col(InboundMessage.id).desc())
        .limit(_MOST_MAILS)
    ).all()
    return [
        Mail(
            id=row.id,
            is_ours=row.kind is InboundKind.OWN_COPY,
            at=row.received_at,
            who=row.from_name,
            address=row.from_address,
            subject=row.subject,
            text=row.visible_text,
            state=row.state.value,
            kind=row.kind.value,
            rule=f"{row.kind_rule}; found by {row.match_rule}",
            reason="",
            is_captured=False,
            is_here=row.conversation_id == here,
        )
        for row in rows
    ]
