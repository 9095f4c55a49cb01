"""The list of campaigns and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.models import User
from outreach.activity.queries import timeline_of
from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign
from outreach.campaigns.queries import best_to_add
from outreach.campaigns.rules import has_been_pitched
from outreach.campaigns.tally import Total, by_stage, tally, totals_by_campaign
from outreach.campaigns.words import Stage
from outreach.mail.models import Mailbox
from outreach.sequences.models import Sequence as PitchSequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.activity.models import Activity
    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign, what it goes out with, and how far it is."""

    campaign: Campaign
    asset: str
    asset_url: str
    sequence: str | None
    mailbox: str | None
    owner: str | None
    totals: dict[Stage, Total]

    @property
    def total(self) -> int:
        """All its opportunities."""
        return sum(total.count for total in self.totals.values())

    @property
    def value_cents(self) -> int:
        """What all of them would be worth."""
        return sum(total.value_cents for total in self.totals.values())

    @property
    def won_value_cents(self) -> int:
        """What the links won are worth."""
        return self.totals.get(Stage.WON, Total()).value_cents

    @property
    def pitched(self) -> int:
        """Those somebody has written to."""
        return sum(row.count for stage, row in self.totals.items() if has_been_pitched(stage))

    @property
    def won(self) -> int:
        """Those that ended in a link."""
        return self.totals.get(Stage.WON, Total()).count

    @property
    def stages(self) -> list[tuple[Stage, Total]]:
        """Its opportunities by stage, in the order of stages; stages without any left out."""
        return [(stage, self.totals[stage]) for stage in Stage if stage in self.totals]

    @property
    def missing(self) -> list[str]:
        """What it still needs before anything can be sent."""
        return [
            name
            for name, value in (("a sequence", self.sequence), ("a mailbox", self.mailbox))
            if value is None
        ]


@dataclass(frozen=True, slots=True)
class CampaignView:
    """All a campaign's page shows beside the table of its opportunities."""

    line: CampaignLine
    best_ids: list[int]  # approved prospects it could take, best first
    timeline: Sequence[Activity]


def campaign_lines(session: Session, *, with_archived: bool = False) -> list[CampaignLine]:
    """Return campaigns by name with what they go out with."""
    statement = _statement().order_by(col(Campaign.name), col(Campaign.id))
    if not with_archived:
        statement = statement.where(col(Campaign.is_archived).is_(False))
    totals = totals_by_campaign(session)
    rows = session.execute(statement).all()
    return [_line(row, totals.get(row[0].key, {})) for row in rows]


def campaign_view(session: Session, campaign_id: int, *, best: int = 25) -> CampaignView:
    """Gather a campaign's page; the caller knows that it exists."""
    row = session.execute(_statement().where(col(Campaign.id) == campaign_id)).one()
    totals = by_stage(tally(session, campaign_id=campaign_id))
    return CampaignView(
        line=_line(row, totals),
        best_ids=best_to_add(session, campaign_id, limit=best),
        timeline=timeline_of(session, "campaign", campaign_id, limit=20),
    )


def _line(row: Any, totals: dict[Stage, Total]) -> CampaignLine:
    campaign, asset, asset_url, sequence, mailbox, owner = row
    return CampaignLine(campaign, asset, asset_url, sequence, mailbox, owner, totals)


def _statement() -> sa.Select[Any]:
    wanted: Any = (
        *(Campaign, col(Asset.title), col(Asset.url)),
        *(col(PitchSequence.name), col(Mailbox.address), col(User.name)),
    )
    found: sa.Select[Any] = sa.select(*wanted)
    return (
        found.join(Asset, col(Asset.id) == Campaign.asset_id)
        .outerjoin(PitchSequence, col(PitchSequence.id) == Campaign.sequence_id)
        .outerjoin(Mailbox, col(Mailbox.id) == Campaign.mailbox_id)
        .outerjoin(User, col(User.id) == Campaign.owner_id)
    )
