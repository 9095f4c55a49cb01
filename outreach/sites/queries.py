"""Reading sites and the open data about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.core.db import rows_by_key
from outreach.core.errors import NotFound
from outreach.sites.models import MetricList, Site, SiteMetric

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from outreach.core.db import Session

MOST_NAMED = 5_000  # values named in one statement, well below either engine's limit


def find_site(session: Session, domain: str) -> Site | None:
    """Return the site of a registrable domain, if it is known."""
    return session.exec(select(Site).where(Site.domain == domain)).first()


def get_site(session: Session, site_id: int) -> Site:
    """Return a site.

    Raises:
        NotFound: There is none.
    """
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound("There is no such site.")
    return site


def site_ids(session: Session, domains: Collection[str]) -> dict[str, int]:
    """Return the ids of those of the domains that are known."""
    return dict(rows_by_key(session, Site, "domain", domains, ("id",)))


def all_site_ids(session: Session) -> dict[str, int]:
    """Return every known domain with its id: what a list of ranks is matched against."""
    rows = session.exec(select(Site.domain, Site.id)).all()
    return {domain: site_id for domain, site_id in rows if site_id is not None}


def metrics_of_sites(session: Session, wanted: Collection[int]) -> dict[int, list[SiteMetric]]:
    """Return the open metrics of each of these sites that has any."""
    ids = sorted(wanted)
    found: dict[int, list[SiteMetric]] = {}
    for start in range(0, len(ids), MOST_NAMED):
        rows = session.exec(
            select(SiteMetric)
            .where(col(SiteMetric.site_id).in_(ids[start : start + MOST_NAMED]))
            .order_by(col(SiteMetric.site_id), col(SiteMetric.source))
        )
        for row in rows:
            found.setdefault(row.site_id, []).append(row)
    return found


def consulted_lists(session: Session) -> Sequence[MetricList]:
    """Return the open lists that were read, by name."""
    return session.exec(select(MetricList).order_by(col(MetricList.source))).all()
