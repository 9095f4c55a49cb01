"""Tables of campaigns and of each prospect in play."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.campaigns.words import Stage
from outreach.core.tables import ScopedRecord, belongs_to, one_of, scoped, str_enum
from outreach.prospects.words import Tactic


class Campaign(ScopedRecord, table=True):
    """An aim: one asset, one tactic, the sequence and the mailbox it goes out with."""

    __table_args__ = scoped(
        belongs_to("asset", ondelete="NO ACTION"),
        belongs_to("sequence", ondelete="NO ACTION"),
        belongs_to("mailbox", ondelete="NO ACTION"),
        one_of("tactic", Tactic),
        sa.UniqueConstraint("workspace_id", "name"),
    )

    name: str = Field(max_length=120)
    tactic: Tactic = Field(sa_type=str_enum(Tactic))
    asset_id: int
    sequence_id: int | None = None
    mailbox_id: int | None = None
    owner_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    is_archived: bool = False


class Opportunity(ScopedRecord, table=True):
    """One prospect in one campaign."""

    __table_args__ = scoped(
        belongs_to("campaign"),
        belongs_to("prospect"),
        belongs_to("contact", ondelete="NO ACTION"),
        one_of("stage", Stage),
        sa.UniqueConstraint("workspace_id", "campaign_id", "prospect_id"),
        sa.Index(None, "workspace_id", "stage", "stage_changed_at", "id"),
        sa.Index(None, "workspace_id", "stage_changed_at", "id"),
        sa.Index(None, "workspace_id", "owner_id", "stage", "stage_changed_at", "id"),
        sa.Index(None, "workspace_id", "owner_id", "stage_changed_at", "id"),
        sa.Index(None, "workspace_id", "value_cents", "id"),
        sa.Index(  # walked in the order of prospects, without reading what a filter leaves out
            "ix_opportunity_of_prospect",
            *("workspace_id", "prospect_id", "campaign_id", "stage", "owner_id"),
        ),
        sa.Index(None, "workspace_id", "contact_id"),
        sa.Index(None, "workspace_id", "campaign_id", "stage_changed_at", "id"),
        sa.Index(None, "workspace_id", "campaign_id", "stage", "stage_changed_at", "id"),
    )

    campaign_id: int
    prospect_id: int
    prospect_page_id: int | None = None
    contact_id: int | None = None
    owner_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    stage: Stage = Field(default=Stage.IDENTIFIED, sa_type=str_enum(Stage))
    stage_changed_at: datetime
    value_cents: int = 0  # what the link is worth to us, in the workspace's currency
    personal_words: str = ""  # the sentence only this recipient gets
    lost_because: str = ""


class PipelineTally(ScopedRecord, table=True):
    """How many opportunities stand where, and their worth: counted as they change, for the board.

    `owner_id` is 0 for nobody's. `campaigns.services` alone writes it; `outreach doctor` proves it
    equal to a recount.
    """

    __table_args__ = scoped(
        belongs_to("campaign"),
        one_of("stage", Stage),
        sa.UniqueConstraint("workspace_id", "campaign_id", "owner_id", "stage"),
    )

    campaign_id: int
    owner_id: int = 0
    stage: Stage = Field(sa_type=str_enum(Stage))
    opportunity_count: int = 0
    value_cents: int = 0
