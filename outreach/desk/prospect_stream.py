"""All that happened around one prospect as one stream: activity, mail, notes, looks at links."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.models import User
from outreach.activity.models import Activity
from outreach.links.models import Backlink, LinkCheck
from outreach.links.words import REASON_SENTENCES, CheckReason
from outreach.mail.models import Conversation, InboundMessage, OutboxMessage
from outreach.mail.words import OutboxState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.desk.annotations import NoteLine
    from outreach.prospects.models import Prospect

_columns: Any = sa.select  # its typing knows tables, not single columns
_MOST = 100
_NOTE_LENGTH = 200


class Kind(StrEnum):
    """What the stream may be narrowed to."""

    ACTIVITY = "activity"
    MAIL = "mail"
    NOTE = "note"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: what, by whom, when."""

    kind: Kind
    verb: str
    text: str
    detail: str
    at: datetime


def stream_of(
    session: Session, prospect: Prospect, notes: list[NoteLine], *, only: Kind | None = None
) -> list[Happening]:
    """Return what happened around a prospect, newest first; its notes are known already."""
    readers: dict[Kind, Callable[[], list[Happening]]] = {
        Kind.ACTIVITY: lambda: _activities(session, prospect.key),
        Kind.MAIL: lambda: _mails(session, prospect.key),
        Kind.NOTE: lambda: _notes(notes),
        Kind.CHECK: lambda: _checks(session, prospect.domain),
    }
    found = [one for kind, read in readers.items() if only in {None, kind} for one in read()]
    return sorted(found, key=lambda one: one.at, reverse=True)[:_MOST]


def _activities(session: Session, prospect_id: int) -> list[Happening]:
    rows = session.execute(
        _columns(Activity.verb, Activity.sentence, Activity.at, User.name)
        .outerjoin(User, col(User.id) == Activity.user_id)
        .where(col(Activity.subject_type) == "prospect", col(Activity.subject_id) == prospect_id)
        .order_by(col(Activity.at).desc(), col(Activity.id).desc())
        .limit(_MOST)
    )
    return [Happening(Kind.ACTIVITY, verb, text, name or "", at) for verb, text, at, name in rows]


def _mails(session: Session, prospect_id: int) -> list[Happening]:
    sent = session.execute(
        _columns(OutboxMessage.subject, OutboxMessage.recipient, OutboxMessage.sent_at)
        .join(Conversation, col(Conversation.id) == OutboxMessage.conversation_id)
        .where(
            col(Conversation.prospect_id) == prospect_id,
            col(OutboxMessage.state) == OutboxState.SENT,
            col(OutboxMessage.sent_at).is_not(None),
        )
        .order_by(col(OutboxMessage.sent_at).desc())
        .limit(_MOST)
    )
    received = session.execute(
        _columns(InboundMessage.subject, InboundMessage.from_address, InboundMessage.received_at)
        .join(Conversation, col(Conversation.id) == InboundMessage.conversation_id)
        .where(col(Conversation.prospect_id) == prospect_id)
        .order_by(col(InboundMessage.received_at).desc())
        .limit(_MOST)
    )
    mails = [
        Happening(Kind.MAIL, "sent", f"Sent “{subject}”", f"to {to}", at)
        for subject, to, at in sent
    ]
    return mails + [
        Happening(Kind.MAIL, "replied", f"Received “{subject}”", f"from {by}", at)
        for subject, by, at in received
    ]


def _notes(notes: list[NoteLine]) -> list[Happening]:
    return [
        Happening(Kind.NOTE, "note", note.body[:_NOTE_LENGTH], note.author, note.created_at)
        for note in notes
    ]


def _checks(session: Session, domain: str) -> list[Happening]:
    rows = session.execute(
        _columns(
            LinkCheck.reason, LinkCheck.state_after, LinkCheck.checked_at, Backlink.referring_url
        )
        .join(Backlink, col(Backlink.id) == LinkCheck.backlink_id)
        .where(col(Backlink.referring_domain) == domain)
        .order_by(col(LinkCheck.checked_at).desc())
        .limit(_MOST)
    )
    return [
        Happening(Kind.CHECK, "checked", _said(reason, str(state)), url, at)
        for reason, state, at, url in rows
    ]


def _said(reason: str, state: str) -> str:
    if reason in set(CheckReason):
        return f"Looked at the link: {REASON_SENTENCES[CheckReason(reason)]}"
    return f"Looked at the link: {state.replace('_', ' ')}"
