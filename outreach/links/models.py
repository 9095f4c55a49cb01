"""Tables of the link profile."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import JSON, ScopedRecord, belongs_to, one_of, scoped, str_enum
from outreach.links.words import CheckFamily, LinkState


class Backlink(ScopedRecord, table=True):
    """A known link to us: one referring page, one target URL."""

    __table_args__ = scoped(
        one_of("state", LinkState),
        belongs_to("asset", ondelete="NO ACTION"),
        sa.UniqueConstraint("workspace_id", "referring_key", "target_key"),
        sa.Index(None, "workspace_id", "state"),
        sa.Index(None, "workspace_id", "referring_domain"),
        sa.Index(
            "ix_backlink_due",
            "next_check_at",
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        ),
    )

    site_id: int = Field(foreign_key="site.id")
    referring_domain: str = Field(max_length=253)
    referring_url: str = Field(max_length=2048)
    referring_key: str = Field(max_length=1024)
    target_url: str = Field(max_length=2048)
    target_key: str = Field(max_length=1024)
    asset_id: int | None = None
    state: LinkState = Field(default=LinkState.EXPECTED, sa_type=str_enum(LinkState))
    anchor: str = ""
    rel: str = Field(default="", max_length=16)
    placement: str = Field(default="", max_length=32)
    context: str = ""
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    missing_since: datetime | None = None
    lost_at: datetime | None = None
    won_at: datetime | None = None
    next_check_at: datetime | None = None
    lease_until: datetime | None = None
    check_count: int = 0
    etag: str = Field(default="", max_length=255)
    last_modified: str = Field(default="", max_length=64)


class WonLink(ScopedRecord, table=True):
    """What was agreed on a link won through an opportunity."""

    __table_args__ = scoped(
        belongs_to("backlink"),
        belongs_to("opportunity"),
        sa.UniqueConstraint("workspace_id", "backlink_id"),
    )

    backlink_id: int
    opportunity_id: int | None = None
    agreed_target_url: str = Field(default="", max_length=2048)
    agreed_anchor: str = ""
    agreed_rel: str = Field(default="", max_length=16)
    agreed_placement: str = Field(default="", max_length=32)
    price_cents: int | None = None
    currency: str = Field(default="", max_length=3)
    terms: str = ""
    expires_on: date | None = None
    won_at: datetime
    won_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class LinkCheck(ScopedRecord, table=True):
    """One look at a backlink and its evidence."""

    __table_args__ = scoped(
        belongs_to("backlink"),
        belongs_to("blob", ondelete="NO ACTION"),
        one_of("family", CheckFamily),
        one_of("state_after", LinkState),
        sa.Index(None, "workspace_id", "backlink_id", "checked_at"),
    )

    backlink_id: int
    checked_at: datetime
    family: CheckFamily = Field(sa_type=str_enum(CheckFamily))
    reason: str = Field(max_length=48)
    detail: str = ""
    state_after: LinkState = Field(sa_type=str_enum(LinkState))
    status: int | None = None
    final_url: str = Field(default="", max_length=2048)
    redirects: list[str] = Field(default_factory=list, sa_type=JSON)
    headers: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    target_url: str = Field(default="", max_length=2048)  # where the link led
    changes: list[str] = Field(default_factory=list, sa_type=JSON)  # reasons, the gravest first
    anchor: str = ""
    rel: str = Field(default="", max_length=16)
    placement: str = Field(default="", max_length=32)
    context: str = ""
    body_sha256: str = Field(default="", max_length=64)
    blob_id: int | None = None
