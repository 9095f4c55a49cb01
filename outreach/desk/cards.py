"""Opportunities as the board and the table show them, with what speaks against writing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.accounts.models import User
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.rules import days_since, has_been_pitched, is_stale, label
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.prospects.models import Prospect
from outreach.suppression.queries import latest_collisions, suppressed_among
from outreach.suppression.rules import Collision, comparable_domain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.suppression.words import SuppressionReason

_LABELS = {stage: label(stage) for stage in Stage}
_COLUMNS: Any = (
    *(Opportunity.id, Opportunity.stage, Opportunity.stage_changed_at, Opportunity.value_cents),
    *(Prospect.domain, Prospect.score, Opportunity.campaign_id, Campaign.name),
    *(Opportunity.owner_id, User.name, Contact.name, Contact.address),
    *(Contact.deliverability, Contact.person_key),
)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the pipeline is narrowed to; None means everything."""

    campaign_id: int | None = None
    owner_id: int | None = None  # 0 is nobody's
    stage: Stage | None = None  # of the table; the board has a column for each


@dataclass(slots=True)
class Card:
    """One opportunity as the board and the table show it."""

    id: int
    stage: Stage
    stage_changed_at: datetime
    value_cents: int
    domain: str
    score: int | None
    campaign_id: int
    campaign: str
    owner_id: int | None
    owner: str | None
    contact: str | None
    address: str | None
    deliverability: Deliverability | None
    person_key: str | None
    warnings: tuple[str, ...] = ()
    age: str = ""  # "in conversation 21 days"
    days: str = ""  # "21 days"
    is_stale: bool = False

    @property
    def contact_name(self) -> str:
        """Whom the pitch goes to, "" while nobody is chosen."""
        return self.contact or self.address or ""


def cards_among(ids: Any) -> sa.Select[Any]:
    """Build the statement of the cards whose id is among these: a parameter or a query of ids."""
    return (
        sa.select(*_COLUMNS)
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .outerjoin(Contact, col(Contact.id) == Opportunity.contact_id)
        .outerjoin(User, col(User.id) == Opportunity.owner_id)
        .where(col(Opportunity.id).in_(ids))
    )


@cache
def _cards_by_id() -> sa.Select[Any]:
    """Build the statement once: building it costs more than asking it."""
    return cards_among(sa.bindparam("ids", type_=sa.Integer(), expanding=True))


def cards_of(session: Session, ids: Sequence[int], *, now: datetime) -> list[Card]:
    """Return cards in the order of their ids as given; what is gone is left out."""
    if not ids:
        return []
    found = session.execute(_cards_by_id(), {"ids": list(ids)})
    rows = {row[0]: Card(*row) for row in found}
    return with_warnings(session, [rows[key] for key in ids if key in rows], now=now)


def card_of(session: Session, opportunity_id: int, *, now: datetime) -> Card:
    """Return one card; the caller knows that it exists."""
    return cards_of(session, [opportunity_id], now=now)[0]


def with_warnings(session: Session, cards: list[Card], *, now: datetime) -> list[Card]:
    """Say on each card how long it rests, and on each open one what speaks against writing."""
    still_open = [card for card in cards if not card.stage.is_over]
    companies = {card.domain: comparable_domain(card.domain) for card in still_open}
    domains = set(companies.values())
    suppressed = suppressed_among(
        session, person_keys={card.person_key or "" for card in still_open}, domains=domains
    )
    collisions = latest_collisions(session, domains, workspace_id=session.workspace_id, now=now)
    for card in cards:
        card.days = days_since(card.stage_changed_at, now)
        card.age = f"{_LABELS[card.stage]} {card.days}" if card.days else "since today"
        card.is_stale = is_stale(card.stage, card.stage_changed_at, now)
    for card in still_open:
        company = companies[card.domain]
        reason = suppressed.get(card.person_key or "") or suppressed.get(company)
        card.warnings = _warnings(card, reason, collisions.get(company), now)
    return cards


def _warnings(
    card: Card, reason: SuppressionReason | None, collision: Collision | None, now: datetime
) -> tuple[str, ...]:
    warnings = []
    if reason:
        warnings.append(f"suppressed: {reason.value}")
    if card.deliverability is Deliverability.UNDELIVERABLE:
        warnings.append("mail does not arrive")
    elif not card.address:
        warnings.append("no contact chosen")
    # Our own touch is news only before this opportunity was pitched itself.
    if collision and not (collision.is_ours and has_been_pitched(card.stage)):
        warnings.append(collision.sentence(now))
    return tuple(warnings)


def opportunities_of(session: Session, prospect_id: int) -> list[tuple[Opportunity, str]]:
    """Return a prospect's opportunities with the name of each campaign, the latest moved first."""
    rows = session.exec(
        select(Opportunity, Campaign.name)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .where(Opportunity.prospect_id == prospect_id)
    ).all()
    found = [(opportunity, name) for opportunity, name in rows]
    return sorted(found, key=lambda row: (row[0].stage_changed_at, row[0].key), reverse=True)
