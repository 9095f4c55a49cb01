"""Opportunities, links, assets and campaigns as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.models import User
from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.desk.exports import Export, ExportList, by_id
from outreach.links.models import Backlink, WonLink
from outreach.links.words import LinkState
from outreach.mail.models import Mailbox
from outreach.prospects.models import Prospect
from outreach.sequences.models import Sequence as PitchSequence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from outreach.core.db import Session

_columns: Any = sa.select  # its typing knows tables, not single columns


def _opportunities(session: Session, arguments: Mapping[str, str], _now: datetime) -> Export:
    campaign_id, owner_id = _number(arguments, "campaign"), _number(arguments, "owner")
    stage = arguments.get("stage", "")
    statement = (
        _columns(
            Opportunity.id, Prospect.domain, Campaign.name, Opportunity.stage,
            Opportunity.stage_changed_at, Opportunity.value_cents, Contact.name, Contact.address,
            User.name, Prospect.score, Opportunity.lost_because, Opportunity.created_at,
        )
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .outerjoin(Contact, col(Contact.id) == Opportunity.contact_id)
        .outerjoin(User, col(User.id) == Opportunity.owner_id)
    )  # fmt: skip
    if campaign_id is not None:
        statement = statement.where(col(Opportunity.campaign_id) == campaign_id)
    if owner_id is not None:  # 0 is nobody
        statement = statement.where(col(Opportunity.owner_id) == (owner_id or None))
    if stage in set(Stage):
        statement = statement.where(col(Opportunity.stage) == Stage(stage))
    header = (
        "Site", "Campaign", "Stage", "In this stage since", "Value", "Contact", "Email", "Owner",
        "Score", "Lost because", "Added",
    )  # fmt: skip

    def show(row: Any) -> list[object]:
        _, *cells = row
        return [*cells[:4], cells[4] / 100, *cells[5:]]

    said = " ".join(part for part in (_campaign_name(session, campaign_id), stage) if part)
    return by_id(header, col(Opportunity.id), statement, show, said)


def _campaign_name(session: Session, campaign_id: int | None) -> str:
    statement = _columns(Campaign.name).where(col(Campaign.id) == campaign_id)
    return str(session.execute(statement).scalar() or "") if campaign_id is not None else ""


def _links(_session: Session, arguments: Mapping[str, str], _now: datetime) -> Export:
    state, rel = arguments.get("state", ""), arguments.get("rel", "")
    words = arguments.get("q", "").strip()[:200]
    statement = _columns(
        Backlink.id, Backlink.referring_url, Backlink.referring_domain, Backlink.target_url,
        Backlink.anchor, Backlink.rel, Backlink.placement, Backlink.state, Backlink.first_seen_at,
        Backlink.last_seen_at, Backlink.lost_at, col(WonLink.id).is_not(None),
    ).outerjoin(WonLink, col(WonLink.backlink_id) == Backlink.id)  # fmt: skip
    if state in set(LinkState):
        statement = statement.where(col(Backlink.state) == LinkState(state))
    if rel:
        statement = statement.where(col(Backlink.rel) == rel)
    if words:
        page = col(Backlink.referring_key).icontains(words, autoescape=True)
        statement = statement.where(page | col(Backlink.anchor).icontains(words, autoescape=True))
    header = (
        "Page", "Site", "Links to", "Anchor", "Rel", "Placement", "State", "First seen",
        "Last seen", "Lost", "Won by us",
    )  # fmt: skip
    said = " ".join(part for part in (state, rel, words) if part)
    return by_id(header, col(Backlink.id), statement, lambda row: row[1:], said)


def _assets(_session: Session, arguments: Mapping[str, str], _now: datetime) -> Export:
    statement = _columns(
        Asset.id, Asset.url, Asset.title, Asset.kind, Asset.language, Asset.summary, Asset.hook,
        Asset.topics, Asset.keywords, Asset.suggested_anchors, Asset.is_archived,
    )  # fmt: skip
    if arguments.get("archived") != "1":
        statement = statement.where(col(Asset.is_archived).is_(False))
    header = (
        "URL", "Title", "Kind", "Language", "Summary", "Why care", "Topics", "Keywords",
        "Suggested anchors", "Archived",
    )  # fmt: skip

    def show(row: Any) -> list[object]:
        return ["; ".join(cell) if isinstance(cell, list) else cell for cell in row[1:]]

    return by_id(header, col(Asset.id), statement, show)


def _campaigns(_session: Session, _arguments: Mapping[str, str], _now: datetime) -> Export:
    total = (
        _columns(sa.func.count(col(Opportunity.id)))
        .where(col(Opportunity.campaign_id) == Campaign.id)
        .correlate(Campaign)
    )
    won = total.where(col(Opportunity.stage) == Stage.WON)
    statement = (
        _columns(
            Campaign.id, Campaign.name, Campaign.tactic, Asset.title, Asset.url,
            PitchSequence.name, Mailbox.address, User.name, total.scalar_subquery(),
            won.scalar_subquery(), Campaign.is_archived,
        )
        .join(Asset, col(Asset.id) == Campaign.asset_id)
        .outerjoin(PitchSequence, col(PitchSequence.id) == Campaign.sequence_id)
        .outerjoin(Mailbox, col(Mailbox.id) == Campaign.mailbox_id)
        .outerjoin(User, col(User.id) == Campaign.owner_id)
    )  # fmt: skip
    header = (
        "Campaign", "Tactic", "Asset", "Asset URL", "Sequence", "Mailbox", "Owner",
        "Opportunities", "Won", "Archived",
    )  # fmt: skip
    return by_id(header, col(Campaign.id), statement, lambda row: row[1:])


def _number(arguments: Mapping[str, str], name: str) -> int | None:
    given = arguments.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


WORK = (
    ExportList("opportunities", "Opportunities", "opportunity", _opportunities),
    ExportList("links", "Links", "link", _links),
    ExportList("assets", "Assets", "asset", _assets),
    ExportList("campaigns", "Campaigns", "campaign", _campaigns),
)
