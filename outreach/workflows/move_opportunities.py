"""Putting prospects into campaigns and moving them through the stages.

Whatever moves an opportunity also keeps `prospect.stage` true, and a move that ends the pitching
stops the sequence: nobody is chased after a person said it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.campaigns.queries import get_campaign, get_opportunity, stages_of_prospects
from outreach.campaigns.rules import STAGES, furthest
from outreach.campaigns.services import (
    Added,
    add_opportunities,
    move_opportunity,
    remove_untouched,
)
from outreach.campaigns.words import Stage
from outreach.prospects.services import note_stage
from outreach.sequences.queries import enrollments_of_opportunity
from outreach.sequences.services import stop_enrollments
from outreach.sequences.words import StopCause

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from outreach.campaigns.models import Opportunity
    from outreach.core.db import Database, Scope, Session

CHUNK = 500  # prospects for each transaction, some 30 ms of the writer's lock

# Stages in which a planned follow-up would be wrong, and why the sequence then stops.
STOPS = {
    Stage.IN_CONVERSATION: StopCause.REPLIED,
    Stage.COMMITTED: StopCause.REPLIED,
    Stage.WON: StopCause.WON,
    Stage.LOST: StopCause.LOST,
    Stage.DECLINED: StopCause.MANUAL,
    Stage.UNRESPONSIVE: StopCause.MANUAL,
}


def add_to_campaign(
    database: Database,
    scope: Scope,
    campaign_id: int,
    prospect_ids: Sequence[int],
    *,
    now: datetime,
) -> Added:
    """Put prospects into a campaign, a few hundred for each transaction; twice changes nothing.

    Raises:
        NotFound: There is no such campaign in this workspace.
    """
    new_ids: list[int] = []
    known = rejected = 0
    for start in range(0, max(1, len(prospect_ids)), CHUNK):
        chunk = prospect_ids[start : start + CHUNK]
        with database.writing(scope) as session:
            campaign = get_campaign(session, campaign_id)
            added = add_opportunities(session, campaign, chunk, now=now)
            note_stages(session, chunk)
        new_ids += added.opportunity_ids
        known, rejected = known + added.known, rejected + added.rejected
    return Added(opportunity_ids=new_ids, known=known, rejected=rejected)


def take_out_again(database: Database, scope: Scope, opportunity_ids: Sequence[int]) -> int:
    """Undo an adding; what somebody has worked on since stays. Returns how many are gone."""
    count = 0
    for start in range(0, len(opportunity_ids), CHUNK):
        with database.writing(scope) as session:
            gone = remove_untouched(session, opportunity_ids[start : start + CHUNK])
            note_stages(session, gone)
        count += len(gone)
    return count


def move_by_hand(
    database: Database,
    scope: Scope,
    opportunity_id: int,
    stage: Stage,
    *,
    now: datetime,
    reason: str = "",
) -> Stage:
    """Move an opportunity at a person's word; returns the stage it was in.

    Raises:
        NotFound: There is no such opportunity in this workspace.
        Conflict: The move would falsify the record; the message says what is missing.
    """
    with database.writing(scope) as session:
        opportunity = get_opportunity(session, opportunity_id)
        old = opportunity.stage
        move(session, opportunity, stage, now=now, reason=reason)
    return old


def move(
    session: Session, opportunity: Opportunity, stage: Stage, *, now: datetime, reason: str = ""
) -> None:
    """Move an opportunity within a transaction of the caller's, with all that follows from it."""
    cause = STOPS.get(stage)
    if cause is not None:
        views = enrollments_of_opportunity(session, opportunity.key)
        stop_enrollments(session, [view.enrollment for view in views], cause, now=now)
    move_opportunity(session, opportunity, stage, now=now, reason=reason)
    note_stages(session, [opportunity.prospect_id])


def move_forward(
    session: Session, opportunity_id: int, stage: Stage, *, now: datetime
) -> Opportunity:
    """Move an opportunity as far as a stage, unless it is there or further already."""
    opportunity = get_opportunity(session, opportunity_id)
    if STAGES.index(opportunity.stage) < STAGES.index(stage):
        move_opportunity(session, opportunity, stage, now=now)
        note_stages(session, [opportunity.prospect_id])
    return opportunity


def note_stages(session: Session, prospect_ids: Collection[int]) -> None:
    """Copy the furthest stage of each prospect's opportunities to where lists sort by it."""
    stages = stages_of_prospects(session, prospect_ids)
    by_stage: dict[str, list[int]] = {}
    for prospect_id in sorted(set(prospect_ids)):
        stage = furthest(stages.get(prospect_id, []))
        by_stage.setdefault(stage.value if stage else "", []).append(prospect_id)
    for stage_name, chosen in sorted(by_stage.items()):
        note_stage(session, chosen, stage_name)
