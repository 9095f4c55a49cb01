"""The tally of the pipeline: how many opportunities stand where, counted as they change.

Every change of an opportunity's campaign, owner, stage or value calls `note_shifts` in its own
transaction, under a lock on the rows it changes, so that two people moving one card cannot count it
twice. What a transaction noted is counted right before it commits, all at once and in one order:
two transactions never wait for each other's rows of the tally, and nobody waits for them long.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import col, select, update

from outreach.campaigns.models import Opportunity, PipelineTally
from outreach.campaigns.words import Stage
from outreach.core.db import Session, bulk_write
from outreach.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


_NOTED = "outreach_noted_shifts"


class Place(NamedTuple):
    """Where opportunities are counted together; `owner_id` 0 is nobody's."""

    campaign_id: int
    owner_id: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class Total:
    """How many, and what they are worth in cents of the workspace's currency."""

    count: int = 0
    value_cents: int = 0

    def __add__(self, other: Total) -> Total:
        """Count both together."""
        return Total(self.count + other.count, self.value_cents + other.value_cents)


@dataclass(frozen=True, slots=True)
class Shift:
    """One opportunity's way between places; None stands for outside the pipeline."""

    before: Place | None
    after: Place | None
    value_before: int = 0
    value_after: int = 0


def place_of(opportunity: Opportunity) -> Place:
    """Where an opportunity is counted."""
    return Place(opportunity.campaign_id, opportunity.owner_id or 0, opportunity.stage)


def hold(session: Session, opportunity: Opportunity) -> None:
    """Lock an opportunity and read it anew: what is counted off must be what stands there.

    Raises:
        NotFound: Somebody has taken it out of its campaign meanwhile.
    """
    session.flush()
    if not hold_many(session, [opportunity.key]):
        raise NotFound("This opportunity was taken out of its campaign meanwhile.")


def hold_many(session: Session, ids: Collection[int]) -> list[Opportunity]:
    """Lock opportunities in the order of their ids, read anew; those that are gone are left out."""
    rows = session.exec(
        select(Opportunity)
        .where(col(Opportunity.id).in_(sorted(set(ids))))
        .order_by(col(Opportunity.id))
        .with_for_update(of=Opportunity)
        .execution_options(populate_existing=True)
    ).all()
    return list(rows)


def note_shifts(session: Session, shifts: Iterable[Shift]) -> None:
    """Count opportunities off where they were and on where they are, as the transaction commits."""
    session.info.setdefault(_NOTED, []).extend(shifts)


@event.listens_for(Session, "before_commit")
def _count_noted(session: Session) -> None:
    """Write what was noted; whoever asks for the tally before that has it written sooner."""
    counts: Counter[Place] = Counter()
    values: Counter[Place] = Counter()
    for shift in session.info.pop(_NOTED, ()):
        if shift.before is not None:
            counts[shift.before] -= 1
            values[shift.before] -= shift.value_before
        if shift.after is not None:
            counts[shift.after] += 1
            values[shift.after] += shift.value_after
    for place in sorted(counts):
        if counts[place] or values[place]:
            _add(session, place, counts[place], values[place])


@event.listens_for(Session, "after_soft_rollback")
def _forget_noted(session: Session, _transaction: Any) -> None:
    session.info.pop(_NOTED, None)


def _add(session: Session, place: Place, count: int, value: int) -> None:
    if _update(session, place, count, value):
        return
    blank = PipelineTally(campaign_id=place.campaign_id, stage=place.stage)
    columns = (
        *("campaign_id", "owner_id", "stage", "opportunity_count", "value_cents"),
        *("created_at", "updated_at"),
    )
    unique = ("campaign_id", "owner_id", "stage")
    row = (*place, 0, 0, blank.created_at, blank.updated_at)
    bulk_write(session, PipelineTally, columns, [row], unique=unique)
    if not _update(session, place, count, value):
        raise LookupError(f"The tally has no row for {place}.")


def _update(session: Session, place: Place, count: int, value: int) -> bool:
    changed = session.execute(
        update(PipelineTally)
        .where(
            col(PipelineTally.campaign_id) == place.campaign_id,
            col(PipelineTally.owner_id) == place.owner_id,
            col(PipelineTally.stage) == place.stage,
        )
        .values(
            opportunity_count=col(PipelineTally.opportunity_count) + count,
            value_cents=col(PipelineTally.value_cents) + value,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def tally(
    session: Session, *, campaign_id: int | None = None, owner_id: int | None = None
) -> dict[Place, Total]:
    """Return how many opportunities stand where; a place without any is left out."""
    asked = {"campaign_id": campaign_id, "owner_id": owner_id}
    given = {name: value for name, value in asked.items() if value is not None}
    _count_noted(session)
    rows = session.execute(_tally_by(tuple(given)), given).all()
    return {Place(row[0], row[1], row[2]): Total(row[3], row[4]) for row in rows}


@cache
def _tally_by(names: tuple[str, ...]) -> sa.Select[Any]:
    """Build the statement once: every board asks it, and building it costs more than asking."""
    columns: Any = (
        *(PipelineTally.campaign_id, PipelineTally.owner_id, PipelineTally.stage),
        *(PipelineTally.opportunity_count, PipelineTally.value_cents),
    )
    in_use = col(PipelineTally.opportunity_count) != 0
    return sa.select(*columns).where(in_use, *_asked(names))


def _asked(names: tuple[str, ...]) -> list[Any]:
    return [
        getattr(PipelineTally, name) == sa.bindparam(name, type_=sa.Integer()) for name in names
    ]


def by_stage(totals: dict[Place, Total]) -> dict[Stage, Total]:
    """Add a tally up by stage."""
    added: dict[Stage, Total] = {}
    for place, total in totals.items():
        added[place.stage] = added.get(place.stage, Total()) + total
    return added


def stage_totals(
    session: Session, *, campaign_id: int | None = None, owner_id: int | None = None
) -> dict[Stage, Total]:
    """Return the tally added up by stage; a stage without any is left out."""
    asked = {"campaign_id": campaign_id, "owner_id": owner_id}
    given = {name: value for name, value in asked.items() if value is not None}
    _count_noted(session)
    rows = session.execute(_sums_by(tuple(given)), given)
    return {row[0]: Total(int(row[1]), int(row[2])) for row in rows if row[1]}


@cache
def _sums_by(names: tuple[str, ...]) -> Any:
    stage = col(PipelineTally.stage)
    count, value = col(PipelineTally.opportunity_count), col(PipelineTally.value_cents)
    sums = sa.select(stage, sa.func.sum(count), sa.func.sum(value)).group_by(stage)
    return sums.where(*_asked(names))


def stage_counts(
    session: Session, *, campaign_id: int | None = None, owner_id: int | None = None
) -> dict[Stage, int]:
    """Count opportunities by stage; a stage without any is left out."""
    totals = stage_totals(session, campaign_id=campaign_id, owner_id=owner_id)
    return {stage: total.count for stage, total in totals.items()}


def totals_by_campaign(session: Session) -> dict[int, dict[Stage, Total]]:
    """Return each campaign's opportunities by stage."""
    found: dict[int, dict[Stage, Total]] = {}
    for place, total in tally(session).items():
        stages = found.setdefault(place.campaign_id, {})
        stages[place.stage] = stages.get(place.stage, Total()) + total
    return found


def counted_anew(session: Session) -> dict[Place, Total]:
    """Count the opportunities themselves, to compare with the tally."""
    owner = sa.func.coalesce(col(Opportunity.owner_id), 0)
    rows = session.execute(
        sa.select(
            col(Opportunity.campaign_id), owner, col(Opportunity.stage),
            sa.func.count(col(Opportunity.id)), sa.func.sum(col(Opportunity.value_cents)),
        ).group_by(col(Opportunity.campaign_id), owner, col(Opportunity.stage))
    ).all()  # fmt: skip
    return {Place(row[0], row[1], Stage(row[2])): Total(row[3], int(row[4])) for row in rows}
