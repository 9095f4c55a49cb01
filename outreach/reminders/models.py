"""Tables of reminders."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import ScopedRecord, scoped


class Reminder(ScopedRecord, table=True):
    """Something somebody wants to be told at a time; about anything, or about nothing."""

    __table_args__ = scoped(
        sa.Index(
            "ix_reminder_due",
            "workspace_id",
            "due_at",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
        sa.UniqueConstraint("workspace_id", "source_key"),
        sa.Index(None, "workspace_id", "subject_type", "subject_id"),
    )

    text: str = Field(max_length=500)
    subject_type: str = Field(default="", max_length=32)
    subject_id: int | None = None
    for_user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    due_at: datetime
    snooze_count: int = 0
    done_at: datetime | None = None
    done_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    created_by_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    source_key: str | None = Field(default=None, max_length=80)  # made by a workflow: only once
