"""Tables of notes, mentions and attached files."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import ScopedRecord, belongs_to, scoped


class Note(ScopedRecord, table=True):
    """What a person wrote about a record."""

    __table_args__ = scoped(sa.Index(None, "workspace_id", "subject_type", "subject_id", "id"))

    subject_type: str = Field(max_length=32)
    subject_id: int
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    body: str  # plain text
    edited_at: datetime | None = None
    deleted_at: datetime | None = None  # kept for a day, to be brought back


class Mention(ScopedRecord, table=True):
    """A person called in a note; stays in their Today until they have seen it."""

    __table_args__ = scoped(
        belongs_to("note"),
        sa.UniqueConstraint("workspace_id", "note_id", "user_id"),
        sa.Index(
            "ix_mention_unseen",
            "workspace_id",
            "user_id",
            "id",
            sqlite_where=sa.text("seen_at IS NULL"),
            postgresql_where=sa.text("seen_at IS NULL"),
        ),
    )

    note_id: int
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    seen_at: datetime | None = None


class Attachment(ScopedRecord, table=True):
    """A file beside a record; its bytes are a blob."""

    __table_args__ = scoped(
        belongs_to("blob", ondelete="NO ACTION"),
        sa.Index(None, "workspace_id", "subject_type", "subject_id"),
    )

    subject_type: str = Field(max_length=32)
    subject_id: int
    filename: str = Field(max_length=255)
    media_type: str = Field(default="application/octet-stream", max_length=100)
    size_bytes: int
    blob_id: int
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    deleted_at: datetime | None = None  # kept for a day, to be brought back
