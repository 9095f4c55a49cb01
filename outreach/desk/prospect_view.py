"""What a prospect's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import select

from outreach.accounts.models import User
from outreach.activity.queries import timeline_of
from outreach.assets.queries import asset_titles
from outreach.imports.models import ImportFile
from outreach.prospects.queries import pages_of, vendor_metrics_of
from outreach.prospects.rules import source_import_id
from outreach.scoring.queries import cards_of_prospect
from outreach.sites.queries import metrics_of_sites

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.activity.models import Activity
    from outreach.core.db import Session
    from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
    from outreach.scoring.models import ScoreCard
    from outreach.sites.models import SiteMetric


@dataclass(frozen=True, slots=True)
class Standing:
    """How a prospect stands to one asset, with its page."""

    asset_title: str
    card: ScoreCard
    page: ProspectPage | None


@dataclass(frozen=True, slots=True)
class ProspectView:
    """Everything a prospect's page shows but its contacts."""

    prospect: Prospect
    owner_name: str | None
    source_name: str
    source_import_id: int | None
    pages: Sequence[ProspectPage]
    standings: list[Standing]
    site_metrics: Sequence[SiteMetric]
    vendor_metrics: Sequence[VendorMetric]
    timeline: Sequence[Activity]


def prospect_view(session: Session, prospect: Prospect) -> ProspectView:
    """Gather a prospect's page."""
    pages = pages_of(session, prospect.key)
    cards = cards_of_prospect(session, prospect.key)
    titles = asset_titles(session)
    by_id = {page.key: page for page in pages}
    owner = session.get(User, prospect.owner_id) if prospect.owner_id else None
    file_id = source_import_id(prospect.source)
    return ProspectView(
        prospect=prospect,
        owner_name=owner.name if owner else None,
        source_name=_source_name(session, prospect, file_id),
        source_import_id=file_id,
        pages=pages,
        standings=[
            Standing(titles.get(card.asset_id, ""), card, by_id.get(card.prospect_page_id or 0))
            for card in cards
        ],
        site_metrics=metrics_of_sites(session, [prospect.site_id]).get(prospect.site_id, ()),
        vendor_metrics=vendor_metrics_of(session, prospect.key),
        timeline=timeline_of(session, "prospect", prospect.key),
    )


def _source_name(session: Session, prospect: Prospect, file_id: int | None) -> str:
    if file_id is None:
        return "added by hand" if prospect.source == "manual" else prospect.source
    name = session.exec(select(ImportFile.filename).where(ImportFile.id == file_id)).first()
    return name or "an import"
