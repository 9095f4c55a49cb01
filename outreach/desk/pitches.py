"""What pages about pitching read across packages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.campaigns.models import Campaign, Opportunity
from outreach.contacts.models import Contact
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class PreviewChoice:
    """An opportunity a template can be tried on."""

    id: int
    label: str


def opportunities_to_preview(session: Session, *, limit: int = 25) -> list[PreviewChoice]:
    """Return the latest opportunities, those with somebody to write to first."""
    rows = session.exec(
        select(Opportunity.id, Prospect.domain, Campaign.name, Contact.name)
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .outerjoin(Contact, col(Contact.id) == Opportunity.contact_id)
        .order_by(col(Opportunity.contact_id).is_(None), col(Opportunity.id).desc())
        .limit(limit)
    ).all()
    return [
        PreviewChoice(found, " · ".join(part for part in (domain, name, campaign) if part))
        for found, domain, campaign, name in rows
        if found is not None
    ]
