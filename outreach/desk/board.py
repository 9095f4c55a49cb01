"""Opportunities as a board by stage and as a table, and what speaks against writing to each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.accounts.models import User
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.rules import BOARD_STAGES, has_been_pitched, moves_from
from outreach.campaigns.tally import stage_counts
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.prospects.models import Prospect
from outreach.suppression.queries import latest_collisions, suppressed_among
from outreach.suppression.rules import Collision, comparable_domain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.campaigns.words import Stage
    from outreach.core.db import Session
    from outreach.suppression.words import SuppressionReason

CARDS = 20  # of one column; "more" leads to the table


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the pipeline is narrowed to; None means everything."""

    campaign_id: int | None = None
    owner_id: int | None = None
    stage: Stage | None = None  # of the table; the board has a column for each


@dataclass(frozen=True, slots=True)
class Card:
    """One opportunity as the board and the table show it."""

    id: int
    stage: Stage
    stage_changed_at: datetime
    domain: str
    score: int | None
    campaign_id: int
    campaign: str
    owner: str | None
    contact: str | None
    address: str | None
    deliverability: Deliverability | None
    person_key: str | None
    has_words: bool
    warnings: tuple[str, ...] = ()

    @property
    def contact_name(self) -> str:
        """Whom the pitch goes to, "" while nobody is chosen."""
        return self.contact or self.address or ""

    @property
    def moves(self) -> list[Stage]:
        """Where it may go next."""
        return moves_from(self.stage)


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board, the latest moved first."""

    stage: Stage
    count: int
    cards: list[Card]

    @property
    def hidden_count(self) -> int:
        """How many more the table shows."""
        return self.count - len(self.cards)


_COLUMNS = (
    Opportunity.id,
    Opportunity.stage,
    Opportunity.stage_changed_at,
    Prospect.domain,
    Prospect.score,
    Opportunity.campaign_id,
    Campaign.name,
    User.name,
    Contact.name,
    Contact.address,
    Contact.deliverability,
    Contact.person_key,
)


def board(session: Session, wanted: BoardFilter, *, now: datetime) -> list[Column]:
    """Return a column for each stage, at most 20 cards each: one indexed query per column in use.

    Badges cost two statements for the whole board.
    """
    counts = stage_counts(session, campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    cards = [
        card
        for stage in BOARD_STAGES
        if counts.get(stage)
        for card in _cards(session, _narrowed(wanted, stage).limit(CARDS))
    ]
    by_stage: dict[Stage, list[Card]] = {stage: [] for stage in BOARD_STAGES}
    for card in with_warnings(session, cards, now=now):
        by_stage[card.stage].append(card)
    return [
        Column(stage=stage, count=counts.get(stage, 0), cards=by_stage[stage])
        for stage in BOARD_STAGES
    ]


def opportunity_table(
    session: Session, wanted: BoardFilter, *, now: datetime, cursor: str = "", limit: int = 50
) -> Page[Card]:
    """Return the same as a table, the latest moved first, one page at a time."""
    statement = _narrowed(wanted, wanted.stage).limit(limit + 1)
    if cursor:
        moved_at, opportunity_id = decode_cursor(cursor, 2)
        last, moved = datetime.fromisoformat(str(moved_at)), col(Opportunity.stage_changed_at)
        is_older = (moved < last) | (col(Opportunity.id) < int(opportunity_id))
        statement = statement.where(moved <= last, is_older)
    cards = _cards(session, statement)
    following = None
    if len(cards) > limit:
        last_card = cards[limit - 1]
        following = encode_cursor(last_card.stage_changed_at.isoformat(), last_card.id)
    return Page(rows=with_warnings(session, cards[:limit], now=now), next_cursor=following)


def card_of(session: Session, opportunity_id: int, *, now: datetime) -> Card:
    """Return one card; the caller knows that it exists."""
    statement = _statement().where(col(Opportunity.id) == opportunity_id)
    return with_warnings(session, _cards(session, statement), now=now)[0]


def _narrowed(wanted: BoardFilter, stage: Stage | None) -> sa.Select[tuple[object, ...]]:
    statement = _statement().order_by(
        col(Opportunity.stage_changed_at).desc(), col(Opportunity.id).desc()
    )
    if stage is not None:
        statement = statement.where(col(Opportunity.stage) == stage)
    if wanted.campaign_id is not None:
        statement = statement.where(col(Opportunity.campaign_id) == wanted.campaign_id)
    if wanted.owner_id is not None:
        statement = statement.where(col(Opportunity.owner_id) == wanted.owner_id)
    return statement


def _statement() -> sa.Select[tuple[object, ...]]:
    has_words = (col(Opportunity.personal_words) != "").label("has_words")
    found: sa.Select[tuple[object, ...]] = (
        sa.select(*_COLUMNS, has_words)  # type: ignore[call-overload]
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .outerjoin(Contact, col(Contact.id) == Opportunity.contact_id)
        .outerjoin(User, col(User.id) == Opportunity.owner_id)
    )
    return found


def _cards(session: Session, statement: sa.Select[tuple[object, ...]]) -> list[Card]:
    return [Card(*row) for row in session.execute(statement).all()]


def with_warnings(session: Session, cards: Sequence[Card], *, now: datetime) -> list[Card]:
    """Say on each open card what speaks against writing: suppression, collision, dead address."""
    still_open = [card for card in cards if not card.stage.is_over]
    domains = {comparable_domain(card.domain) for card in still_open}
    suppressed = suppressed_among(
        session, person_keys={card.person_key or "" for card in still_open}, domains=domains
    )
    collisions = latest_collisions(session, domains, workspace_id=session.workspace_id, now=now)
    return [
        card
        if card.stage.is_over
        else replace(card, warnings=_warnings(card, suppressed, collisions, now))
        for card in cards
    ]


def _warnings(
    card: Card,
    suppressed: dict[str, SuppressionReason],
    collisions: dict[str, Collision],
    now: datetime,
) -> tuple[str, ...]:
    domain = comparable_domain(card.domain)
    warnings = []
    reason = suppressed.get(card.person_key or "") or suppressed.get(domain)
    if reason:
        warnings.append(f"suppressed: {reason.value}")
    if card.deliverability is Deliverability.UNDELIVERABLE:
        warnings.append("mail does not arrive")
    elif not card.address:
        warnings.append("no contact chosen")
    collision = collisions.get(domain)
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
