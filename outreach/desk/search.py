"""Search over everything a workspace keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import col, or_, select

from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity
from outreach.contacts.models import Contact
from outreach.contacts.search import SEARCHED_CONTACTS
from outreach.core.words import parse_question
from outreach.mail.models import Conversation
from outreach.prospects.models import Prospect
from outreach.prospects.search import SEARCHED_PROSPECTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from outreach.core.db import Session

SHORTEST = 2
_columns: Any = select  # its typing knows tables, not single columns
_LATEST_CONVERSATIONS = 5_000  # subjects are looked through one by one


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that matches: what it is, its id and how it is called."""

    kind: str  # "prospect", "contact", "asset", "campaign", "opportunity", "conversation"
    id: int
    title: str
    detail: str


def search_everything(session: Session, text: str, *, limit: int = 10) -> list[Hit]:
    """Return records that match, some of each kind: by their words, or by part of their name."""
    text = text.strip()
    if len(text) < SHORTEST:
        return []
    prospects = _prospects(session, text, limit)
    campaigns = _named(
        session, "campaign", Campaign, (col(Campaign.name), col(Campaign.tactic)), text, limit
    )
    return [
        *prospects,
        *_contacts(session, text, limit),
        *_opportunities(session, prospects, campaigns, limit),
        *_named(session, "asset", Asset, (col(Asset.title), col(Asset.url)), text, limit),
        *campaigns,
        *_conversations(session, text, limit),
    ]


def _prospects(session: Session, text: str, limit: int) -> list[Hit]:
    key = col(Prospect.id)
    plan = SEARCHED_PROSPECTS.plan(session, parse_question(text))
    statement = _columns(key, Prospect.domain, Prospect.title)
    keys = (col(Prospect.score_order), key)
    return _hits("prospect", plan.first_rows(session, statement, keys, key, limit))


def _contacts(session: Session, text: str, limit: int) -> list[Hit]:
    key = col(Contact.id)
    plan = SEARCHED_CONTACTS.plan(session, parse_question(text))
    is_current = col(Contact.merged_into_id).is_(None) & col(Contact.erased_at).is_(None)
    statement = _columns(key, Contact.name, Contact.address).where(is_current)
    keys = (col(Contact.name_order), key)
    return _hits("contact", plan.first_rows(session, statement, keys, key, limit))


def _opportunities(
    session: Session, prospects: list[Hit], campaigns: list[Hit], limit: int
) -> list[Hit]:
    """Return those of the prospects found, then some of the campaigns found."""
    statement = (
        _columns(col(Opportunity.id), Prospect.domain, Campaign.name)
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
    )
    found: dict[int, Any] = {}
    for column, hits in (
        (col(Opportunity.prospect_id), prospects),
        (col(Opportunity.campaign_id), campaigns),
    ):
        if hits and len(found) < limit:
            rows = session.execute(
                statement.where(column.in_([hit.id for hit in hits])).limit(limit)
            )
            found |= {row[0]: row for row in rows}
    return _hits("opportunity", list(found.values())[:limit])


def _conversations(session: Session, text: str, limit: int) -> list[Hit]:
    latest = (
        select(Conversation.id)
        .order_by(col(Conversation.last_message_at).desc(), col(Conversation.id).desc())
        .limit(_LATEST_CONVERSATIONS)
    )
    rows = session.exec(
        select(Conversation.id, Conversation.subject, Prospect.domain)
        .outerjoin(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .where(
            col(Conversation.id).in_(latest),
            col(Conversation.subject).icontains(text, autoescape=True),
        )
        .order_by(col(Conversation.last_message_at).desc())
        .limit(limit)
    )
    return _hits("conversation", rows)


def _named(
    session: Session, kind: str, model: Any, columns: tuple[Any, Any], text: str, limit: int
) -> list[Hit]:
    matches = or_(*(column.icontains(text, autoescape=True) for column in columns))
    rows = session.exec(select(model.id, *columns).where(matches).order_by(model.id).limit(limit))
    return _hits(kind, rows)


def _hits(kind: str, rows: Iterable[Any]) -> list[Hit]:
    return [
        Hit(kind, key, title or detail or "", (detail or "") if title else "")
        for key, title, detail in rows
    ]
