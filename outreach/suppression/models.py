"""Tables of who is never written to, and who was lately; shared by the whole installation."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import Record, one_of, str_enum
from outreach.suppression.words import SuppressionKind, SuppressionReason, TouchOutcome


class Suppression(Record, table=True):
    """One address or domain nobody here writes to.

    Addresses are kept as a keyed hash of their normal form, so that an erased person stays
    suppressed without being known.
    """

    __table_args__ = (
        sa.UniqueConstraint("kind", "match_key"),
        one_of("kind", SuppressionKind),
        one_of("reason", SuppressionReason),
    )

    kind: SuppressionKind = Field(sa_type=str_enum(SuppressionKind))
    match_key: str = Field(max_length=253)  # keyed hash of an address, or a domain
    label: str = Field(default="", max_length=254)  # shown to people; empty once erased
    reason: SuppressionReason = Field(sa_type=str_enum(SuppressionReason))
    note: str = Field(default="", max_length=500)
    added_in_workspace_id: int | None = Field(
        default=None, foreign_key="workspace.id", ondelete="SET NULL"
    )
    added_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class ContactTouch(Record, table=True):
    """Somebody here wrote to somebody there: what the collision guard looks at."""

    __table_args__ = (
        sa.UniqueConstraint("source_key"),
        sa.Index(None, "domain", "at"),
        sa.Index(None, "person_key", "at"),
        sa.Index(None, "in_workspace_id", "at"),
        one_of("outcome", TouchOutcome),
    )

    domain: str = Field(max_length=253)
    person_key: str = Field(default="", max_length=64)  # keyed hash of the address
    in_workspace_id: int | None = Field(
        default=None, foreign_key="workspace.id", ondelete="SET NULL"
    )
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    at: datetime
    outcome: TouchOutcome = Field(
        default=TouchOutcome.AWAITING,
        sa_type=str_enum(TouchOutcome),
    )
    source_key: str = Field(max_length=80)  # "outbox:7" or "import:3:214": one touch, one row


class UnsubscribeToken(Record, table=True):
    """An opaque token in a mail; it never expires, and stands for one address."""

    token_hash: str = Field(max_length=64, unique=True)
    person_key: str = Field(max_length=64)
    domain: str = Field(max_length=253)
    in_workspace_id: int | None = Field(
        default=None, foreign_key="workspace.id", ondelete="SET NULL"
    )
    used_at: datetime | None = None
