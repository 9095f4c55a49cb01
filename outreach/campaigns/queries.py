"""Asking about campaigns and opportunities."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.words import Stage
from outreach.core.errors import NotFound
from outreach.prospects.models import Prospect
from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from outreach.core.db import Session


def all_campaigns(session: Session, *, with_archived: bool = False) -> Sequence[Campaign]:
    """Return campaigns by name."""
    statement = select(Campaign).order_by(col(Campaign.name), col(Campaign.id))
    if not with_archived:
        statement = statement.where(col(Campaign.is_archived).is_(False))
    return session.exec(statement).all()


def campaign_names(session: Session, *, with_archived: bool = False) -> list[tuple[int, str]]:
    """Return the id and name of campaigns, by name."""
    return [(row[0], row[1]) for row in session.execute(_names_of_campaigns(with_archived))]


@cache
def _names_of_campaigns(with_archived: bool) -> Any:
    """Build the statement once: building it costs more than asking it."""
    statement = sa.select(col(Campaign.id), col(Campaign.name)).order_by(
        col(Campaign.name), col(Campaign.id)
    )
    return statement if with_archived else statement.where(col(Campaign.is_archived).is_(False))


def get_campaign(session: Session, campaign_id: int) -> Campaign:
    """Return a campaign.

    Raises:
        NotFound: There is none in this workspace.
    """
    campaign = session.exec(select(Campaign).where(Campaign.id == campaign_id)).first()
    if campaign is None:
        raise NotFound("There is no such campaign in this workspace.")
    return campaign


def find_campaign_by_name(session: Session, name: str) -> Campaign | None:
    """Return the campaign of this name."""
    return session.exec(select(Campaign).where(Campaign.name == name)).first()


def asset_of_campaign(session: Session, campaign: Campaign) -> Asset:
    """Return the page of ours a campaign is about."""
    return session.exec(select(Asset).where(Asset.id == campaign.asset_id)).one()


def get_opportunity(session: Session, opportunity_id: int) -> Opportunity:
    """Return an opportunity.

    Raises:
        NotFound: There is none in this workspace.
    """
    opportunity = session.exec(select(Opportunity).where(Opportunity.id == opportunity_id)).first()
    if opportunity is None:
        raise NotFound("There is no such opportunity in this workspace.")
    return opportunity


def opportunities_of_prospect(session: Session, prospect_id: int) -> list[Opportunity]:
    """Return a prospect's opportunities, the latest moved first.

    Sorted here: ordered in SQL, the planner would walk all opportunities by age.
    """
    found = session.exec(select(Opportunity).where(Opportunity.prospect_id == prospect_id)).all()
    return sorted(found, key=lambda row: (row.stage_changed_at, row.key), reverse=True)


def opportunities_of_contact(session: Session, contact_id: int) -> Sequence[Opportunity]:
    """Return the opportunities whose pitch goes, or went, to a contact."""
    return session.exec(
        select(Opportunity)
        .where(Opportunity.contact_id == contact_id)
        .order_by(col(Opportunity.id))
    ).all()


def stages_of_prospects(session: Session, prospect_ids: Collection[int]) -> dict[int, list[Stage]]:
    """Return the stages of these prospects' opportunities; prospects without any are left out."""
    rows = session.exec(
        select(Opportunity.prospect_id, Opportunity.stage).where(
            col(Opportunity.prospect_id).in_(sorted(set(prospect_ids)))
        )
    ).all()
    stages: dict[int, list[Stage]] = {}
    for prospect_id, stage in rows:
        stages.setdefault(prospect_id, []).append(Stage(stage))
    return stages


def best_to_add(session: Session, campaign_id: int, *, limit: int = 25) -> list[int]:
    """Return the approved prospects not yet in a campaign, best score first."""
    is_in = (
        select(Opportunity.id)
        .where(Opportunity.prospect_id == Prospect.id, Opportunity.campaign_id == campaign_id)
        .exists()
    )
    rows = session.exec(
        select(Prospect.id)
        .where(Prospect.review == Review.APPROVED, ~is_in)
        .order_by(col(Prospect.score_order), col(Prospect.id))
        .limit(limit)
    ).all()
    return [prospect_id for prospect_id in rows if prospect_id is not None]


def opportunities_added_at(session: Session, campaign_id: int, at: datetime) -> list[int]:
    """Return the opportunities that one act put into a campaign and nobody has moved since."""
    rows = session.exec(
        select(Opportunity.id)
        .where(
            Opportunity.campaign_id == campaign_id,
            Opportunity.created_at == at,
            Opportunity.stage_changed_at == at,
        )
        .order_by(col(Opportunity.id))
    ).all()
    return [key for key in rows if key is not None]
