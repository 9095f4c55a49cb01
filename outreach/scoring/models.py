"""Tables of scores and what they are made of."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import JSON, ScopedRecord, belongs_to, scoped


class ScoreCard(ScopedRecord, table=True):
    """How one prospect stands to one asset: its best page, every part with source and date."""

    __table_args__ = scoped(
        belongs_to("prospect"),
        belongs_to("asset"),
        sa.UniqueConstraint("workspace_id", "prospect_id", "asset_id"),
        sa.Index(None, "workspace_id", "asset_id", "score", "prospect_id"),
    )

    prospect_id: int
    asset_id: int
    prospect_page_id: int | None = None
    score: int | None = None
    relevance: int | None = None
    relevance_state: str = Field(default="", max_length=32)
    parts: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    engine: str = Field(max_length=32)
    scored_at: datetime
