"""All that happened around one prospect as one stream: activity, mail, notes, looks at links."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
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
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.desk.annotations import NoteLine
    from outreach.prospects.models import Prospect

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
    found = _notes(notes) if only in {None, Kind.NOTE} else []
    if only is not Kind.NOTE:
        given = {"prospect_id": prospect.key, "domain": prospect.domain, "most": _MOST}
        found += [_happening(*row) for row in session.execute(_happenings(only), given)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:_MOST]


@cache
def _happenings(only: Kind | None) -> Any:
    """Select all kinds, or one, in one statement, built once: what, two texts, when."""
    parts = {
        Kind.ACTIVITY: [_activities()],
        Kind.MAIL: [_sent(), _received()],
        Kind.CHECK: [_checks()],
    }
    newest = [
        part.order_by(sa.desc("at")).limit(sa.bindparam("most", type_=sa.Integer())).subquery()
        for kind, some in parts.items()
        if only in {None, kind}
        for part in some
    ]
    return sa.union_all(*(sa.select(part) for part in newest))


def _line(kind: Kind, verb: Any, text: Any, detail: Any, at: Any) -> Any:
    texts = (sa.cast(each, sa.Text()) for each in (sa.literal(kind.value), verb, text, detail))
    columns = zip(("kind", "verb", "text", "detail"), texts, strict=True)
    return sa.select(*(column.label(name) for name, column in columns), at.label("at"))


def _about_prospect() -> Any:
    return col(Conversation.prospect_id) == sa.bindparam("prospect_id", type_=sa.Integer())


def _activities() -> Any:
    prospect_id = sa.bindparam("prospect_id", type_=sa.Integer())
    columns = (Activity.verb, Activity.sentence, sa.func.coalesce(User.name, ""), col(Activity.at))
    return (
        _line(Kind.ACTIVITY, *columns)
        .select_from(Activity)
        .outerjoin(User, col(User.id) == Activity.user_id)
        .where(col(Activity.subject_type) == "prospect", col(Activity.subject_id) == prospect_id)
    )


def _sent() -> Any:
    message, at = OutboxMessage, col(OutboxMessage.sent_at)
    return (
        _line(Kind.MAIL, sa.literal("sent"), message.subject, message.recipient, at)
        .select_from(message)
        .join(Conversation, col(Conversation.id) == message.conversation_id)
        .where(_about_prospect(), col(message.state) == OutboxState.SENT, at.is_not(None))
    )


def _received() -> Any:
    message, at = InboundMessage, col(InboundMessage.received_at)
    return (
        _line(Kind.MAIL, sa.literal("replied"), message.subject, message.from_address, at)
        .select_from(message)
        .join(Conversation, col(Conversation.id) == message.conversation_id)
        .where(_about_prospect())
    )


def _checks() -> Any:
    domain = sa.bindparam("domain", type_=sa.String())
    said = sa.case((col(LinkCheck.reason) != "", LinkCheck.reason), else_=LinkCheck.state_after)
    at = col(LinkCheck.checked_at)
    return (
        _line(Kind.CHECK, sa.literal("checked"), said, Backlink.referring_url, at)
        .select_from(LinkCheck)
        .join(Backlink, col(Backlink.id) == LinkCheck.backlink_id)
        .where(col(Backlink.referring_domain) == domain)
    )


def _happening(kind: str, verb: str, text: str, detail: str, at: datetime) -> Happening:
    if kind == Kind.CHECK:
        return Happening(Kind.CHECK, verb, _said(text), detail, at)
    if kind == Kind.ACTIVITY:
        return Happening(Kind.ACTIVITY, verb, text, detail, at)
    if verb == "sent":
        return Happening(Kind.MAIL, verb, f"Sent “{text}”", f"to {detail}", at)
    return Happening(Kind.MAIL, verb, f"Received “{text}”", f"from {detail}", at)


def _notes(notes: list[NoteLine]) -> list[Happening]:
    return [
        Happening(Kind.NOTE, "note", note.body[:_NOTE_LENGTH], note.author, note.created_at)
        for note in notes
    ]


def _said(reason: str) -> str:
    """Say what a look at a link found: its reason, or else the state it left."""
    if reason in set(CheckReason):
        return f"Looked at the link: {REASON_SENTENCES[CheckReason(reason)]}"
    return f"Looked at the link: {reason.replace('_', ' ')}"
