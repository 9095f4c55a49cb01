"""The inbox: mail that waits for a person, and what an unmatched mail may belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from outreach.campaigns.models import Opportunity
from outreach.contacts.models import Contact
from outreach.core.addresses import parse_mail_address
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.mail.header_facts import thread_subject
from outreach.mail.models import Conversation, InboundMessage
from outreach.mail.words import InboundKind, InboundState
from outreach.prospects.models import Prospect
from outreach.suppression.rules import company_domain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session

# The order of the inbox: what nobody understands, what waits, what is done.
ORDER = (InboundState.TRIAGE, InboundState.OPEN, InboundState.HANDLED)
_SNIPPET = 200
_MOST_SUGGESTED = 12

_columns: Any = sa.select  # its typing knows tables, not single columns


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What the inbox is narrowed to; nothing given means everything."""

    state: InboundState | None = None
    kind: InboundKind | None = None


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One mail of the list."""

    id: int
    conversation_id: int | None
    from_name: str
    from_address: str
    subject: str
    snippet: str
    kind: str
    state: str
    received_at: datetime
    domain: str | None
    stage: str | None

    @property
    def who(self) -> str:
        """The sender's name, else the address."""
        return self.from_name or self.from_address or "Unknown sender"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A conversation an unmatched mail may belong to, and why."""

    conversation_id: int
    who: str
    address: str
    domain: str
    subject: str
    last_message_at: datetime
    why: str


_LINE = (
    InboundMessage.id,
    InboundMessage.conversation_id,
    InboundMessage.from_name,
    InboundMessage.from_address,
    InboundMessage.subject,
    sa.func.substr(InboundMessage.visible_text, 1, _SNIPPET),
    InboundMessage.kind,
    InboundMessage.state,
    InboundMessage.received_at,
    Prospect.domain,
    Opportunity.stage,
)


def inbox_page(
    session: Session, wanted: InboxFilter, *, cursor: str = "", limit: int = 50
) -> Page[InboxLine]:
    """Return mails in the order of the inbox, newest first within a state.

    Each state is read by its own index range, so the handled thousands are never sorted.
    """
    states = [state for state in ORDER if wanted.state in {None, state}]
    begin, before = _place(cursor)
    rows: list[InboxLine] = []
    for state in states:
        rank = ORDER.index(state)
        if rank < begin or len(rows) > limit:
            continue
        after = before if rank == begin else None
        rows += _lines(session, state, wanted.kind, after, limit + 1 - len(rows))
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        rank = ORDER.index(InboundState(last.state))
        following = encode_cursor(rank, last.received_at.isoformat(), last.id)
    return Page(rows=rows[:limit], next_cursor=following)


def waiting_counts(session: Session) -> dict[InboundState, int]:
    """Count what waits: mail for triage and open mail."""
    rows = session.exec(
        select(InboundMessage.state, sa.func.count(col(InboundMessage.id)))
        .where(col(InboundMessage.state).in_([InboundState.TRIAGE, InboundState.OPEN]))
        .group_by(col(InboundMessage.state))
    ).all()
    return {InboundState(state): count for state, count in rows}


def suggestions_for(
    session: Session, message: InboundMessage, *, words: str = ""
) -> list[Suggestion]:
    """Return conversations an unmatched mail may belong to, likeliest first.

    With words a person typed, those whose contact or site is called so.
    """
    sender = parse_mail_address(message.from_address)
    company = company_domain(sender)
    subject = thread_subject(message.subject)
    statement = (
        _columns(
            Conversation.id,
            Contact.name,
            Contact.address,
            Contact.address_key,
            Prospect.domain,
            Conversation.subject,
            Conversation.last_message_at,
        )
        .outerjoin(Contact, col(Contact.id) == Conversation.contact_id)
        .outerjoin(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .order_by(col(Conversation.last_message_at).desc(), col(Conversation.id).desc())
        .limit(_MOST_SUGGESTED)
    )
    if words:
        condition = _called(words)
    else:
        key = sender.key if sender else ""
        condition = _likely(key, company, subject)
    rows = session.execute(statement.where(condition)).all()
    found = [_suggestion(row, sender.key if sender else "", company, subject) for row in rows]
    return sorted(found, key=lambda each: _WHYS.index(each.why))


_SENDER, _COMPANY, _SUBJECT, _FOUND = "same address", "same company", "same subject", "found"
_WHYS = (_SENDER, _COMPANY, _SUBJECT, _FOUND)


def _likely(key: str, company: str, subject: str) -> sa.ColumnElement[bool]:
    same: list[sa.ColumnElement[bool]] = [sa.false()]
    if key:
        same.append(col(Contact.address_key) == key)
    if company:
        same.append(col(Prospect.domain) == company)
        same.append(col(Contact.address_key).endswith(f"@{company}", autoescape=True))
    if subject:
        same.append(sa.func.lower(Conversation.subject) == subject)
    return sa.or_(*same)


def _called(words: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        *(
            column.icontains(words, autoescape=True)
            for column in (col(Contact.name), col(Contact.address), col(Prospect.domain))
        )
    )


def _suggestion(row: Any, key: str, company: str, subject: str) -> Suggestion:
    why = _FOUND
    if key and row.address_key == key:
        why = _SENDER
    elif company and (row.domain == company or (row.address_key or "").endswith(f"@{company}")):
        why = _COMPANY
    elif subject and thread_subject(row.subject) == subject:
        why = _SUBJECT
    return Suggestion(
        conversation_id=row.id,
        who=row.name or row.address or "Nobody",
        address=row.address or "",
        domain=row.domain or "",
        subject=row.subject,
        last_message_at=row.last_message_at,
        why=why,
    )


def _place(cursor: str) -> tuple[int, tuple[datetime, int] | None]:
    if not cursor:
        return 0, None
    rank, at, message_id = decode_cursor(cursor, 3)
    return int(rank), (datetime.fromisoformat(str(at)), int(message_id))


def _lines(
    session: Session,
    state: InboundState,
    kind: InboundKind | None,
    before: tuple[datetime, int] | None,
    limit: int,
) -> Sequence[InboxLine]:
    statement = (
        _columns(*_LINE)
        .outerjoin(Conversation, col(Conversation.id) == InboundMessage.conversation_id)
        .outerjoin(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .outerjoin(Opportunity, col(Opportunity.id) == Conversation.opportunity_id)
        .where(InboundMessage.state == state)
        .order_by(col(InboundMessage.received_at).desc(), col(InboundMessage.id).desc())
        .limit(limit)
    )
    if kind is not None:
        statement = statement.where(col(InboundMessage.kind) == kind)
    if before is not None:
        place = sa.tuple_(col(InboundMessage.received_at), col(InboundMessage.id))
        values = sa.tuple_(
            sa.literal(before[0], type_=UTCDateTime()),
            sa.literal(before[1]),
        )
        statement = statement.where(place < values)
    return [InboxLine(*row) for row in session.execute(statement).all()]
