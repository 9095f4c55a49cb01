"""The values of all merge fields for one opportunity, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity
from outreach.contacts.models import Contact
from outreach.core.addresses import parse_mail_address
from outreach.core.errors import NotFound
from outreach.prospects.models import Prospect, ProspectPage

if TYPE_CHECKING:
    from outreach.core.db import Session
    from outreach.pitches.rules import Place, Sender


@dataclass(frozen=True, slots=True)
class PitchSubject:
    """Everything a pitch may speak about: one opportunity and what hangs on it."""

    opportunity: Opportunity
    campaign: Campaign
    prospect: Prospect
    asset: Asset
    page: ProspectPage | None
    contact: Contact | None


def pitch_subject(
    session: Session, opportunity_id: int, *, contact_id: int | None = None
) -> PitchSubject:
    """Read what a pitch for an opportunity speaks about.

    Args:
        session: Open session.
        opportunity_id: Which opportunity.
        contact_id: Whom it goes to; without it, the opportunity's contact.

    Raises:
        NotFound: There is no such opportunity in this workspace.
    """
    row = session.exec(
        select(Opportunity, Campaign, Prospect, Asset)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Asset, col(Asset.id) == Campaign.asset_id)
        .where(Opportunity.id == opportunity_id)
    ).first()
    if row is None:
        raise NotFound("There is no such opportunity in this workspace.")
    opportunity, campaign, prospect, asset = row
    page_id = opportunity.prospect_page_id or prospect.best_page_id
    return PitchSubject(
        opportunity=opportunity,
        campaign=campaign,
        prospect=prospect,
        asset=asset,
        page=_page(session, page_id),
        contact=_contact(session, contact_id or opportunity.contact_id),
    )


def merge_values(about: PitchSubject, sender: Sender, place: Place) -> dict[str, object]:
    """Return the value of every merge field; one that is unknown is empty."""
    contact, page, asset = about.contact, about.page, about.asset
    first, last = _names(contact)
    return {
        "contact.first_name": first,
        "contact.last_name": last,
        "contact.name": contact.name if contact else "",
        "contact.role": contact.role if contact else "",
        "contact.outlet": contact.outlet if contact else "",
        "contact.beat": contact.beat if contact else "",
        "prospect.domain": about.prospect.domain,
        "prospect.title": about.prospect.title or about.prospect.domain,
        "page.url": page.url if page else "",
        "page.title": page.title if page else "",
        "page.topic": page.topic if page else "",
        "asset.title": asset.title,
        "asset.url": asset.url,
        "asset.summary": asset.summary,
        "asset.hook": asset.hook,
        "asset.anchors": asset.suggested_anchors,
        "asset.topics": asset.topics,
        "sender.name": sender.name,
        "sender.first_name": sender.name.split(" ")[0],
        "sender.email": sender.email,
        "sender.signature": sender.signature,
        "sequence.first_subject": place.first_subject,
        "sequence.days_since_first": place.days_since_first,
        "personal": about.opportunity.personal_words,
    }


def _names(contact: Contact | None) -> tuple[str, str]:
    """Return first and family name; a role address is never greeted by one."""
    if contact is None:
        return "", ""
    address = parse_mail_address(contact.address or "")
    if address is not None and address.is_role:
        return "", ""
    first = contact.first_name or contact.name.split(" ")[0]
    return first, contact.name.removeprefix(first).strip() if contact.name else ""


def _page(session: Session, page_id: int | None) -> ProspectPage | None:
    if page_id is None:
        return None
    return session.exec(select(ProspectPage).where(ProspectPage.id == page_id)).first()


def _contact(session: Session, contact_id: int | None) -> Contact | None:
    if contact_id is None:
        return None
    return session.exec(select(Contact).where(Contact.id == contact_id)).first()
