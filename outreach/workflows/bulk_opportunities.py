"""What can be done to many opportunities at once: move, hand over, value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.accounts.queries import members_of
from outreach.campaigns import many
from outreach.campaigns.models import Opportunity
from outreach.campaigns.rules import label, problem_with_move, problem_with_value
from outreach.campaigns.words import Stage
from outreach.core.errors import Invalid
from outreach.sequences.queries import live_enrollments_for
from outreach.sequences.services import stop_enrollments
from outreach.workflows.bulk import BulkKind, Change, Chosen, Plan
from outreach.workflows.move_opportunities import STOPS, note_stages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from outreach.core.db import Session

Arguments = dict[str, object]


def plan_move(session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
    """Say how many would move and which stay, and why."""
    stage, reason = _stage(arguments), str(arguments.get("reason", ""))
    counts, up_to_id = _counts(session, chosen)
    refused: dict[str, int] = {}
    for old, count in counts.items():
        problem = problem_with_move(old, stage, reason=reason)
        if problem:
            refused[problem] = refused.get(problem, 0) + count
    total, stay = sum(counts.values()), sum(refused.values())
    sentence = f"Move {total - stay:,} to {label(stage)}."
    if total == stay:
        sentence = f"Nothing would move to {label(stage)}."
    for problem, count in refused.items():
        stays = "1 stays" if count == 1 else f"{count:,} stay"
        sentence += f" {stays}: {problem[:1].lower()}{problem[1:]}"
    return Plan(total - stay, total, sentence, up_to_id)


def _move(
    session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
) -> list[Change]:
    """Move a few hundred, with all that follows from it: sequences stop, prospects are told."""
    stage, reason = _stage(arguments), str(arguments.get("reason", ""))
    cause = STOPS.get(stage)
    if cause is not None:
        movable = _movable(session, ids, stage, reason)
        stop_enrollments(session, live_enrollments_for(session, movable), cause, now=now)
    altered = many.move_many(session, ids, stage, now=now, reason=reason)
    note_stages(session, [row.prospect_id for row in altered])
    return [Change(row.id, row.before, row.after) for row in altered]


def _movable(session: Session, ids: Sequence[int], stage: Stage, reason: str) -> list[int]:
    rows = session.execute(
        sa.select(col(Opportunity.id), col(Opportunity.stage)).where(
            col(Opportunity.id).in_(list(ids))
        )
    ).all()
    return [key for key, old in rows if not problem_with_move(Stage(old), stage, reason=reason)]


def plan_owner(session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
    """Say who gets how many."""
    owner_id = _number(arguments, "owner_id")
    name = "nobody"
    if owner_id is not None:
        members = {user.key: user.name for user, _ in members_of(session, session.workspace_id)}
        if owner_id not in members:
            raise Invalid("Choose a member of this workspace.")
        name = members[owner_id]
    counts, up_to_id = _counts(session, chosen)
    total = sum(counts.values())
    return Plan(total, total, f"Hand {total:,} to {name}.", up_to_id)


def _assign(
    session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
) -> list[Change]:
    altered = many.assign_many(session, ids, _number(arguments, "owner_id"), now=now)
    return [Change(row.id, row.before, row.after) for row in altered]


def plan_value(session: Session, chosen: Chosen, arguments: Arguments) -> Plan:
    """Say which value how many would have."""
    value = _number(arguments, "value_cents")
    if value is None:
        raise Invalid("Give the value as a number, such as 250.")
    problem = problem_with_value(value)
    if problem:
        raise Invalid(problem)
    counts, up_to_id = _counts(session, chosen)
    total = sum(counts.values())
    return Plan(total, total, f"Set the value of {total:,} to {value / 100:,.2f}.", up_to_id)


def _value(
    session: Session, ids: Sequence[int], arguments: Arguments, now: datetime
) -> list[Change]:
    altered = many.value_many(session, ids, _number(arguments, "value_cents") or 0, now=now)
    return [Change(row.id, row.before, row.after) for row in altered]


def _restore(session: Session, changes: Sequence[Change], now: datetime) -> int:
    known = [many.Altered(row.subject_id, 0, row.before, row.after) for row in changes]
    back = many.put_back(session, known, now=now)
    note_stages(session, [row.prospect_id for row in back])
    return len(back)


def find_opportunities(
    session: Session, chosen: Chosen, after_id: int, up_to_id: int, limit: int
) -> list[int]:
    """Return the next ids of a choice, in their order."""
    statement = (
        select(Opportunity.id)
        .where(_fits(chosen), col(Opportunity.id) > after_id, col(Opportunity.id) <= up_to_id)
        .order_by(col(Opportunity.id))
        .limit(limit)
    )
    return [key for key in session.exec(statement).all() if key is not None]


def _counts(session: Session, chosen: Chosen) -> tuple[dict[Stage, int], int]:
    rows = session.execute(
        sa.select(
            col(Opportunity.stage), sa.func.count(col(Opportunity.id)),
            sa.func.max(col(Opportunity.id)),
        )
        .where(_fits(chosen))
        .group_by(col(Opportunity.stage))
    ).all()  # fmt: skip
    counts = {Stage(stage): count for stage, count, _ in rows}
    ordered = {stage: counts[stage] for stage in Stage if stage in counts}
    return ordered, max((highest for *_, highest in rows), default=0)


def _fits(chosen: Chosen) -> sa.ColumnElement[bool]:
    """The filter of the pipeline: campaign, owner (0 for nobody's), stage; or the ids."""
    if not chosen.is_all:
        return col(Opportunity.id).in_(list(chosen.ids))
    parts: list[sa.ColumnElement[bool]] = [sa.true()]
    campaign_id, owner_id = _number(chosen.query, "campaign"), _number(chosen.query, "owner")
    if campaign_id is not None:
        parts.append(col(Opportunity.campaign_id) == campaign_id)
    if owner_id is not None:
        parts.append(col(Opportunity.owner_id) == (owner_id or None))
    if chosen.query.get("stage"):
        parts.append(col(Opportunity.stage) == _stage(chosen.query))
    return sa.and_(*parts)


def _stage(arguments: Mapping[str, object]) -> Stage:
    try:
        return Stage(str(arguments.get("stage", "")))
    except ValueError as error:
        raise Invalid("Choose a stage.") from error


def _number(arguments: Mapping[str, object], name: str) -> int | None:
    value = arguments.get(name)
    return value if isinstance(value, int) else None


MOVE, ASSIGN, VALUE = KINDS = tuple(
    BulkKind(name, "opportunity", done, plan, find_opportunities, change, _restore)
    for name, done, plan, change in (
        ("move_opportunities", "Moved", plan_move, _move),
        ("assign_opportunities", "Handed over", plan_owner, _assign),
        ("value_opportunities", "Valued", plan_value, _value),
    )
)
