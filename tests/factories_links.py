"""Plain functions that make properties, assets, opportunities and links for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from outreach.accounts.models import InstallationSetting
from outreach.accounts.services import WEB_ACCESS
from outreach.activity.services import claim_job
from outreach.assets.models import Asset, Property
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.words import Stage
from outreach.core.db import Database, Scope, Session
from outreach.core.urls import parse_address
from outreach.links.models import Backlink
from outreach.links.services import Agreement, Win, expect_link
from outreach.prospects.words import Tactic
from tests.factories import add, make_prospect

if TYPE_CHECKING:
    from outreach.activity.models import Job

NOW = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)
OURS, GUIDE = "ours.example", "https://ours.example/guide"
POST = "https://blog.example/post"


def open_the_web(database: Database, *, is_open: bool = True) -> None:
    """Switch web access of the installation on."""
    with database.system() as session:
        session.add(InstallationSetting(name=WEB_ACCESS, value={"on": is_open}))


def make_property(session: Session, domain: str = OURS) -> Property:
    row = Property(domain=domain)
    add(session, row)
    return row


def make_asset(session: Session, url: str = GUIDE, **given: Any) -> Asset:
    address = parse_address(url)
    assert address is not None
    row = Asset(**{"url": url, "url_key": address.key, "title": "The guide", **given})
    add(session, row)
    return row


def make_opportunity(
    session: Session, *, asset: Asset | None = None, domain: str = "blog.example", **given: Any
) -> Opportunity:
    asset = asset or make_asset(session)
    campaign = Campaign(name=f"Campaign {domain}", tactic=Tactic.RESOURCE_PAGE, asset_id=asset.key)
    add(session, campaign)
    prospect = make_prospect(session, domain=domain)
    values: dict[str, Any] = {
        "campaign_id": campaign.key,
        "prospect_id": prospect.key,
        "stage": Stage.IN_CONVERSATION,
        "stage_changed_at": NOW,
    }
    row = Opportunity(**{**values, **given})
    add(session, row)
    return row


def make_won_link(
    session: Session, page: str = POST, target: str = GUIDE, **agreed: Any
) -> Backlink:
    """A link somebody says stands on a page; nobody has looked yet."""
    win = Win(page_url=page, agreement=Agreement(target_url=target, **agreed))
    return expect_link(session, win, now=NOW)


def claimed(database: Database, scope: Scope, job_id: int, now: datetime = NOW) -> Job:
    """Take a queued job as a worker does."""
    with database.writing(scope) as session:
        job = claim_job(session, job_id, now=now)
    assert job is not None
    return job
