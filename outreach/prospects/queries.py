"""Reading prospects and their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.core.db import rows_by_key
from outreach.core.errors import NotFound
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.prospects.rules import vendor_copies

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from outreach.core.db import Session


def get_prospect(session: Session, prospect_id: int) -> Prospect:
    """Return a prospect.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(Prospect).where(Prospect.id == prospect_id)).first()
    if found is None:
        raise NotFound("There is no such prospect here.")
    return found


def get_prospects(session: Session, ids: Sequence[int]) -> list[Prospect]:
    """Return those of the prospects that there are, in the order of their ids as given."""
    rows = session.exec(select(Prospect).where(col(Prospect.id).in_(ids))).all()
    return sorted(rows, key=lambda prospect: ids.index(prospect.key))


def find_prospect_of_site(session: Session, site_id: int) -> Prospect | None:
    """Return the prospect of a site, if the workspace has one."""
    return session.exec(select(Prospect).where(Prospect.site_id == site_id)).first()


def find_prospect(session: Session, domain: str) -> Prospect | None:
    """Return the prospect of a registrable domain, if the workspace has one."""
    return session.exec(select(Prospect).where(Prospect.domain == domain)).first()


def prospect_ids(session: Session, domains: Collection[str]) -> dict[str, int]:
    """Return the ids of those of the domains that are prospects."""
    return dict(rows_by_key(session, Prospect, "domain", domains, ("id",)))


def vendor_copies_of(
    session: Session, prospects: Collection[int]
) -> dict[int, tuple[int | None, ...]]:
    """Return what the columns of VENDOR_COPIES must be, for each of the prospects."""
    figures: dict[int, list[tuple[str, float, date]]] = {found: [] for found in prospects}
    columns = ("source", "value", "measured_on")
    for prospect_id, *figure in rows_by_key(
        session, VendorMetric, "prospect_id", prospects, columns
    ):
        figures[prospect_id].append((figure[0], figure[1], figure[2]))
    return {prospect_id: vendor_copies(known) for prospect_id, known in figures.items()}


def get_page(session: Session, page_id: int) -> ProspectPage:
    """Return a page of a prospect.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(ProspectPage).where(ProspectPage.id == page_id)).first()
    if found is None:
        raise NotFound("There is no such page here.")
    return found


def find_page_by_key(session: Session, url_key: str) -> ProspectPage | None:
    """Return the page known under a key."""
    return session.exec(select(ProspectPage).where(ProspectPage.url_key == url_key)).first()


def pages_of(session: Session, prospect_id: int, *, limit: int = 200) -> Sequence[ProspectPage]:
    """Return a prospect's pages, most relevant first, unscored last."""
    return session.exec(
        select(ProspectPage)
        .where(ProspectPage.prospect_id == prospect_id)
        .order_by(col(ProspectPage.relevance).desc().nulls_last(), col(ProspectPage.id))
        .limit(limit)
    ).all()


def vendor_metrics_of(session: Session, prospect_id: int) -> Sequence[VendorMetric]:
    """Return the vendors' figures for a prospect, by name."""
    return session.exec(
        select(VendorMetric)
        .where(VendorMetric.prospect_id == prospect_id)
        .order_by(col(VendorMetric.source))
    ).all()
