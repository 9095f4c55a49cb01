"""Keeping sites and the open data about them; both are shared by the whole installation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import select

from outreach.core.db import bulk_write
from outreach.core.errors import Invalid
from outreach.core.urls import parse_domain
from outreach.sites.models import MetricList, Site, SiteMetric
from outreach.sites.queries import site_ids

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class ConsultedList:
    """An open list that was read whole: a known site it lacks ranks below its length."""

    source: str
    release: str
    length: int
    measured_on: date


def add_missing(session: Session, domains: Collection[str], *, now: datetime) -> dict[str, int]:
    """Make sure each registrable domain has a site, and return all their ids."""
    ids = site_ids(session, domains)
    missing = [domain for domain in dict.fromkeys(domains) if domain not in ids]
    if missing:
        rows = ((domain, now, now) for domain in missing)
        bulk_write(session, Site, ("domain", "created_at", "updated_at"), rows, unique=("domain",))
        ids.update(site_ids(session, missing))
    return ids


def site_of(session: Session, address: str, *, now: datetime) -> Site:
    """Return the site a domain or web address belongs to, adding it if need be.

    Raises:
        Invalid: It is neither.
    """
    domain = parse_domain(address)
    if domain is None:
        raise Invalid(f"“{address[:80]}” is neither a domain nor a web address.")
    add_missing(session, [domain], now=now)
    return session.exec(select(Site).where(Site.domain == domain)).one()


def record_metrics(
    session: Session,
    source: str,
    values: Iterable[tuple[int, float]],
    *,
    measured_on: date,
    now: datetime,
) -> int:
    """Keep one source's figure for many sites, given as (site id, value).

    Returns:
        How many figures are new or changed.
    """
    rows = ((site_id, source, value, measured_on, now, now) for site_id, value in values)
    return bulk_write(
        session,
        SiteMetric,
        ("site_id", "source", "value", "measured_on", "created_at", "updated_at"),
        rows,
        unique=("site_id", "source"),
        update=("value", "measured_on"),
    )


def note_list(session: Session, consulted: ConsultedList, *, now: datetime) -> MetricList:
    """Remember that a list was read, so that a site's absence from it counts."""
    row = session.exec(
        select(MetricList).where(MetricList.source == consulted.source)
    ).first() or MetricList(
        source=consulted.source,
        length=consulted.length,
        measured_on=consulted.measured_on,
        consulted_at=now,
    )
    row.release, row.length = consulted.release, consulted.length
    row.measured_on, row.consulted_at = consulted.measured_on, now
    session.add(row)
    session.flush()
    return row
