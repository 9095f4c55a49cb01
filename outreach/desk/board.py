"""Opportunities as a board by stage, in lanes if wanted, with what speaks against writing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.accounts.models import User
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.rules import (
    BOARD_STAGES,
    days_since,
    has_been_pitched,
    is_stale,
    label,
    moves_from,
)
from outreach.campaigns.tally import Total, by_stage, tally
from outreach.campaigns.words import Lanes, Stage
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.prospects.models import Prospect
from outreach.suppression.queries import latest_collisions, suppressed_among
from outreach.suppression.rules import Collision, comparable_domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from outreach.campaigns.tally import Place
    from outreach.core.db import Session
    from outreach.suppression.words import SuppressionReason

CARDS = 20  # of one column; "more" leads to the table
CARDS_OF_ENDED = 5
CARDS_IN_LANE = 5
OPEN_LANES = 3  # the others are fetched when somebody opens them


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
    has_words: bool
    warnings: tuple[str, ...] = ()
    age: str = ""  # "in conversation 21 days"
    days: str = ""  # "21 days"
    is_stale: bool = False

    @property
    def contact_name(self) -> str:
        """Whom the pitch goes to, "" while nobody is chosen."""
        return self.contact or self.address or ""


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board, the latest moved first."""

    stage: Stage
    total: Total
    cards: list[Card]

    @property
    def count(self) -> int:
        """How many there are."""
        return self.total.count

    @property
    def hidden_count(self) -> int:
        """How many more the table shows."""
        return self.total.count - len(self.cards)

    @property
    def moves(self) -> str:
        """The stages a card may go to from here, as words of a data attribute."""
        return " ".join(moves_from(self.stage))


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the board: everything, one campaign, or one member's."""

    key: int  # a campaign's or a member's; 0 is nobody's, and the only lane of a board without
    name: str
    wanted: BoardFilter
    total: Total
    columns: list[Column] = field(default_factory=list)  # empty: fetched when it is opened


_COLUMNS: Any = (
    *(Opportunity.id, Opportunity.stage, Opportunity.stage_changed_at, Opportunity.value_cents),
    *(Prospect.domain, Prospect.score, Opportunity.campaign_id, Campaign.name),
    *(Opportunity.owner_id, User.name, Contact.name, Contact.address),
    *(Contact.deliverability, Contact.person_key),
    (col(Opportunity.personal_words) != "").label("has_words"),
)


def board(session: Session, wanted: BoardFilter, *, now: datetime) -> list[Column]:
    """Return a column for each stage, the latest moved first.

    One indexed query of ids for each stage in use, one of cards, two of what speaks against them.
    """
    totals = tally(session, campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    (columns,) = _columns(session, [(wanted, by_stage(totals))], CARDS, now)
    return columns


def lanes_of(
    session: Session,
    by: Lanes,
    wanted: BoardFilter,
    names: dict[int, str],
    *,
    now: datetime,
) -> list[Lane]:
    """Return a lane for each campaign or member in use, the fullest first; the first with cards."""
    totals: dict[int, dict[Stage, Total]] = {}
    found = tally(session, campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    for place, total in found.items():
        stages = totals.setdefault(_lane_key(by, place), {})
        stages[place.stage] = stages.get(place.stage, Total()) + total
    lanes = [
        Lane(
            key, names.get(key, "Nobody"), narrowed_to_lane(wanted, by, key), _sum(stages.values())
        )
        for key, stages in totals.items()
    ]
    lanes.sort(key=lambda lane: (-lane.total.count, lane.name))
    shown = [(lane.wanted, totals[lane.key]) for lane in lanes[:OPEN_LANES]]
    filled = _columns(session, shown, CARDS_IN_LANE, now)
    opened = [replace(lane, columns=row) for lane, row in zip(lanes, filled, strict=False)]
    return opened + lanes[OPEN_LANES:]


def lane_columns(session: Session, wanted: BoardFilter, *, now: datetime) -> list[Column]:
    """Return the columns of one lane, opened later."""
    totals = tally(session, campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    (columns,) = _columns(session, [(wanted, by_stage(totals))], CARDS_IN_LANE, now)
    return columns


def narrowed_to_lane(wanted: BoardFilter, by: Lanes, key: int) -> BoardFilter:
    """What a lane shows of what the board is narrowed to."""
    if by is Lanes.CAMPAIGN:
        return replace(wanted, campaign_id=key)
    return replace(wanted, owner_id=key)


def _lane_key(by: Lanes, place: Place) -> int:
    return place.campaign_id if by is Lanes.CAMPAIGN else place.owner_id


def _sum(totals: Iterable[Total]) -> Total:
    return sum(totals, start=Total())


def _columns(
    session: Session,
    lanes: Sequence[tuple[BoardFilter, dict[Stage, Total]]],
    most: int,
    now: datetime,
) -> list[list[Column]]:
    ids = [
        {
            stage: _ids(
                session, wanted, stage, min(most, CARDS_OF_ENDED) if stage.is_over else most
            )
            for stage in BOARD_STAGES
            if stage in totals
        }
        for wanted, totals in lanes
    ]
    wanted_ids = [key for lane in ids for found in lane.values() for key in found]
    cards = {card.id: card for card in cards_of(session, wanted_ids, now=now)}
    return [
        [
            Column(
                stage=stage,
                total=totals.get(stage, Total()),
                cards=[cards[key] for key in lane.get(stage, ()) if key in cards],
            )
            for stage in BOARD_STAGES
        ]
        for lane, (_, totals) in zip(ids, lanes, strict=True)
    ]


def _ids(session: Session, wanted: BoardFilter, stage: Stage, limit: int) -> list[int]:
    statement = (
        sa.select(col(Opportunity.id))
        .where(*conditions(replace(wanted, stage=stage)))
        .order_by(col(Opportunity.stage_changed_at).desc(), col(Opportunity.id).desc())
        .limit(limit)
    )
    return list(session.execute(statement).scalars())


def conditions(wanted: BoardFilter) -> list[sa.ColumnElement[bool]]:
    """What a filter asks of an opportunity."""
    parts: list[sa.ColumnElement[bool]] = []
    if wanted.stage is not None:
        parts.append(col(Opportunity.stage) == wanted.stage)
    if wanted.campaign_id is not None:
        parts.append(col(Opportunity.campaign_id) == wanted.campaign_id)
    if wanted.owner_id is not None:
        parts.append(col(Opportunity.owner_id) == (wanted.owner_id or None))
    return parts


def cards_of(session: Session, ids: Sequence[int], *, now: datetime) -> list[Card]:
    """Return cards in the order of their ids as given; what is gone is left out."""
    if not ids:
        return []
    statement = (
        sa.select(*_COLUMNS)
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .outerjoin(Contact, col(Contact.id) == Opportunity.contact_id)
        .outerjoin(User, col(User.id) == Opportunity.owner_id)
        .where(col(Opportunity.id).in_(list(ids)))
    )
    rows = {row[0]: Card(*row) for row in session.execute(statement)}
    return with_warnings(session, [rows[key] for key in ids if key in rows], now=now)


def card_of(session: Session, opportunity_id: int, *, now: datetime) -> Card:
    """Return one card; the caller knows that it exists."""
    return cards_of(session, [opportunity_id], now=now)[0]


def with_warnings(session: Session, cards: list[Card], *, now: datetime) -> list[Card]:
    """Say on each card how long it rests, and on each open one what speaks against writing."""
    still_open = [card for card in cards if not card.stage.is_over]
    domains = {comparable_domain(card.domain) for card in still_open}
    suppressed = suppressed_among(
        session, person_keys={card.person_key or "" for card in still_open}, domains=domains
    )
    collisions = latest_collisions(session, domains, workspace_id=session.workspace_id, now=now)
    for card in cards:
        card.days = days_since(card.stage_changed_at, now)
        card.age = f"{label(card.stage)} {card.days}" if card.days else "since today"
        card.is_stale = is_stale(card.stage, card.stage_changed_at, now)
    for card in still_open:
        card.warnings = _warnings(card, suppressed, collisions, now)
    return cards


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
