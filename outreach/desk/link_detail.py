"""Everything the page of one link shows: what was agreed, what was found, and every look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.activity.models import Job
from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity
from outreach.links.models import Backlink, LinkCheck, WonLink
from outreach.links.queries import checks_of, find_won_link, get_backlink
from outreach.links.words import CheckFamily, CheckReason
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class LinkDetail:
    """Everything the page of one link shows."""

    backlink: Backlink
    won: WonLink | None
    checks: Sequence[LinkCheck]
    last_seen: LinkCheck | None  # the last look that saw the link itself
    siblings: Sequence[Backlink]
    asset_title: str
    prospect_id: int | None
    campaign_name: str
    first_look: Job | None


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the contract: what was agreed beside what was found."""

    name: str
    agreed: str
    found: str
    is_changed: bool = False


_TERM_OF_CHANGE = {
    CheckReason.TARGET_CHANGED: "Target",
    CheckReason.ANCHOR_CHANGED: "Anchor",
    CheckReason.NOFOLLOW_ADDED: "Rel",
    CheckReason.SPONSORED_ADDED: "Rel",
    CheckReason.UGC_ADDED: "Rel",
    CheckReason.MOVED: "Placement",
}


def terms_of(detail: LinkDetail) -> list[Term]:
    """Put what was agreed and what the last look found side by side."""
    won, seen, backlink = detail.won, detail.last_seen, detail.backlink
    changes = seen.changes if seen else []
    changed = {_TERM_OF_CHANGE.get(CheckReason(change), "") for change in changes}
    pairs = (
        ("Target", won.agreed_target_url if won else "", seen.target_url if seen else ""),
        ("Anchor", won.agreed_anchor if won else "", backlink.anchor),
        ("Rel", won.agreed_rel if won else "", backlink.rel),
        ("Placement", won.agreed_placement if won else "", backlink.placement),
    )
    return [Term(name, agreed, found, name in changed) for name, agreed, found in pairs]


def link_detail(session: Session, backlink_id: int) -> LinkDetail:
    """Return everything about one link.

    Raises:
        NotFound: There is none in this workspace.
    """
    backlink = get_backlink(session, backlink_id)
    won = find_won_link(session, backlink_id)
    checks = checks_of(session, backlink_id)
    siblings = session.exec(
        select(Backlink)
        .where(Backlink.referring_key == backlink.referring_key, Backlink.id != backlink_id)
        .order_by(col(Backlink.id))
    ).all()
    return LinkDetail(
        backlink=backlink,
        won=won,
        checks=checks,
        last_seen=next((check for check in checks if _saw_it(check)), None),
        siblings=siblings,
        asset_title=_asset_title(session, backlink.asset_id),
        prospect_id=session.exec(
            select(Prospect.id).where(Prospect.site_id == backlink.site_id)
        ).first(),
        campaign_name=_campaign_name(session, won),
        first_look=_latest_job(session, backlink_id),
    )


def _saw_it(check: LinkCheck) -> bool:
    return check.family is CheckFamily.SEEN and bool(check.target_url)


def _asset_title(session: Session, asset_id: int | None) -> str:
    if asset_id is None:
        return ""
    return session.exec(select(Asset.title).where(Asset.id == asset_id)).first() or ""


def _campaign_name(session: Session, won: WonLink | None) -> str:
    if won is None or won.opportunity_id is None:
        return ""
    return (
        session.exec(
            select(Campaign.name)
            .join(Opportunity, col(Opportunity.campaign_id) == Campaign.id)
            .where(Opportunity.id == won.opportunity_id)
        ).first()
        or ""
    )


def _latest_job(session: Session, backlink_id: int) -> Job | None:
    return session.exec(
        select(Job)
        .where(Job.subject_type == "backlink", Job.subject_id == backlink_id)
        .order_by(col(Job.id).desc())
        .limit(1)
    ).first()
