"""Tables of our own domains and pages."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.assets.words import AssetKind
from outreach.core.tables import JSON, ScopedRecord, one_of, scoped, str_enum


class Property(ScopedRecord, table=True):
    """A domain of ours that links should point at, and the names people call it by."""

    __table_args__ = scoped(sa.UniqueConstraint("workspace_id", "domain"))

    domain: str = Field(max_length=253)
    brand_aliases: list[str] = Field(default_factory=list, sa_type=JSON)


class Asset(ScopedRecord, table=True):
    """A page of ours worth linking to."""

    __table_args__ = scoped(
        one_of("kind", AssetKind), sa.UniqueConstraint("workspace_id", "url_key")
    )

    url: str = Field(max_length=2048)
    url_key: str = Field(max_length=2048)
    title: str = Field(max_length=300)
    kind: AssetKind = Field(default=AssetKind.PAGE, sa_type=str_enum(AssetKind))
    summary: str = ""
    topics: list[str] = Field(default_factory=list, sa_type=JSON)
    keywords: list[str] = Field(default_factory=list, sa_type=JSON)
    hook: str = ""  # why somebody should care, in a sentence
    suggested_anchors: list[str] = Field(default_factory=list, sa_type=JSON)
    language: str = Field(default="", max_length=8)
    page_text: str = ""  # as read from the live page; empty until then
    read_at: datetime | None = None
    read_failure: str = ""
    is_archived: bool = False
