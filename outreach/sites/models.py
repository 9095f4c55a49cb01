"""Tables of sites and the open data about them, shared by the whole installation."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import Record


class Site(Record, table=True):
    """One registrable domain (a referring domain, once it links)."""

    domain: str = Field(max_length=253, unique=True)  # ASCII form


class SiteMetric(Record, table=True):
    """One figure an open list gives for a site; vendors' figures belong to workspaces."""

    __table_args__ = (sa.UniqueConstraint("site_id", "source"),)

    site_id: int = Field(foreign_key="site.id", ondelete="CASCADE")
    source: str = Field(max_length=48)  # such as "majestic_rank", "cc_pagerank_rank"
    value: float
    measured_on: date


class MetricList(Record, table=True):
    """An open list that was consulted: a site it lacks ranks below its length."""

    source: str = Field(max_length=48, unique=True)
    release: str = Field(default="", max_length=64)
    length: int  # how many domains the whole list ranks
    measured_on: date
    consulted_at: datetime
