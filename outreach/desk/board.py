"""Opportunities as a board by stage, in lanes if wanted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from outreach.campaigns.models import Opportunity
from outreach.campaigns.rules import BOARD_STAGES, moves_from
from outreach.campaigns.tally import Total, stage_totals, tally
from outreach.campaigns.words import Lanes, Stage
from outreach.desk.cards import BoardFilter, Card, cards_among, with_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from outreach.campaigns.tally import Place
    from outreach.core.db import Session

CARDS = 20  # of one column; "more" leads to the table
CARDS_OF_ENDED = 5
CARDS_IN_LANE = 5
OPEN_LANES = 3  # the others are fetched when somebody opens them


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


def board(session: Session, wanted: BoardFilter, *, now: datetime) -> list[Column]:
    """Return a column for each stage, the latest moved first.

    One query of the tally, one of all cards, two of what speaks against writing.
    """
    totals = stage_totals(session, campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    (columns,) = _columns(session, [(wanted, totals)], CARDS, now)
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
    totals = stage_totals(session, campaign_id=wanted.campaign_id, owner_id=wanted.owner_id)
    (columns,) = _columns(session, [(wanted, totals)], CARDS_IN_LANE, now)
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
    parts = [
        (wanted, stage, min(most, CARDS_OF_ENDED) if stage.is_over else most)
        for wanted, totals in lanes
        for stage in BOARD_STAGES
        if stage in totals
    ]
    cards = _latest(session, parts, now=now)
    return [
        [
            Column(
                stage=stage,
                total=totals.get(stage, Total()),
                cards=[card for card in cards.get(stage, ()) if _is_in(card, wanted)],
            )
            for stage in BOARD_STAGES
        ]
        for wanted, totals in lanes
    ]


def _is_in(card: Card, wanted: BoardFilter) -> bool:
    return wanted.campaign_id in {None, card.campaign_id} and (
        wanted.owner_id in {None, card.owner_id or 0}
    )


class _Part(NamedTuple):
    """What a statement of cards asks of one column; the ids come as parameters of its number."""

    stage: Stage
    limit: int
    of_campaign: bool
    of_owner: bool | None  # None: of nobody


def _latest(
    session: Session, asked: Sequence[tuple[BoardFilter, Stage, int]], *, now: datetime
) -> dict[Stage, list[Card]]:
    """Return the latest moved cards of all columns by stage, asked for in one statement."""
    if not asked:
        return {}
    parts: list[_Part] = []
    given: dict[str, int] = {}
    for number, (wanted, stage, limit) in enumerate(asked):
        of_owner = None if wanted.owner_id == 0 else wanted.owner_id is not None
        parts.append(_Part(stage, limit, wanted.campaign_id is not None, of_owner))
        if wanted.campaign_id is not None:
            given[f"campaign_{number}"] = wanted.campaign_id
        if wanted.owner_id:
            given[f"owner_{number}"] = wanted.owner_id
    rows = session.execute(_latest_of(tuple(parts)), given)
    cards = sorted(
        (Card(*row) for row in rows),
        key=lambda card: (card.stage_changed_at, card.id),
        reverse=True,
    )
    by_column: dict[Stage, list[Card]] = {}
    for card in with_warnings(session, cards, now=now):
        by_column.setdefault(card.stage, []).append(card)
    return by_column


@lru_cache(maxsize=256)
def _latest_of(parts: tuple[_Part, ...]) -> sa.Select[Any]:
    """Build the statement once for each shape of board: building it costs more than asking it."""
    ids = [sa.select(_ids_of(number, part).subquery().c.id) for number, part in enumerate(parts)]
    return cards_among(sa.union_all(*ids))


def _ids_of(number: int, part: _Part) -> sa.Select[Any]:
    statement = sa.select(col(Opportunity.id)).where(col(Opportunity.stage) == part.stage)
    if part.of_campaign:
        campaign = sa.bindparam(f"campaign_{number}", type_=sa.Integer())
        statement = statement.where(col(Opportunity.campaign_id) == campaign)
    if part.of_owner is None:
        statement = statement.where(col(Opportunity.owner_id).is_(None))
    elif part.of_owner:
        owner = sa.bindparam(f"owner_{number}", type_=sa.Integer())
        statement = statement.where(col(Opportunity.owner_id) == owner)
    return statement.order_by(
        col(Opportunity.stage_changed_at).desc(), col(Opportunity.id).desc()
    ).limit(part.limit)
