"""Tables of what happened and of long work under way."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.activity.words import BulkState, JobState
from outreach.core.tables import (
    JSON,
    Record,
    ScopedRecord,
    belongs_to,
    one_of,
    scoped,
    str_enum,
)


class Activity(ScopedRecord, table=True):
    """One thing somebody, or the clock, did to something.

    Points by subject type and id, so that it may live below everything it speaks of.
    """

    __table_args__ = scoped(
        sa.Index(None, "workspace_id", "subject_type", "subject_id", "at"),
        sa.Index(None, "workspace_id", "at"),
    )

    at: datetime
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    verb: str = Field(max_length=48)
    subject_type: str = Field(max_length=32)
    subject_id: int
    sentence: str
    details: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class Job(ScopedRecord, table=True):
    """Long work with progress: survives leaving the page, a restart and a kill."""

    __table_args__ = scoped(
        one_of("state", JobState),
        sa.Index(None, "state", "lease_until"),
        sa.Index(None, "workspace_id", "subject_type", "subject_id"),
    )

    kind: str = Field(max_length=48)
    subject_type: str = Field(default="", max_length=32)
    subject_id: int | None = None
    arguments: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    state: JobState = Field(default=JobState.QUEUED, sa_type=str_enum(JobState))
    done_count: int = 0
    total_count: int | None = None
    sentence: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    lease_until: datetime | None = None
    attempt: int = 0
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")

    @property
    def is_over(self) -> bool:
        """True when nothing more will happen to it by itself."""
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class BulkAction(ScopedRecord, table=True):
    """One action on everything a filter found, and on nothing that came later."""

    __table_args__ = scoped(one_of("state", BulkState))

    kind: str = Field(max_length=48)  # such as "tag", "decide", "assign"
    subject_type: str = Field(max_length=32)
    chosen: dict[str, object] = Field(default_factory=dict, sa_type=JSON)  # the filter, or ids
    arguments: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    sentence: str = ""  # what it will do, as the person was told
    state: BulkState = Field(default=BulkState.QUEUED, sa_type=str_enum(BulkState))
    up_to_id: int = 0  # records that came later are not touched
    next_id: int = 0  # where it goes on
    changed_count: int = 0
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    finished_at: datetime | None = None


class BulkChange(ScopedRecord, table=True):
    """What one record was before a bulk action and after it, so that an undo is exact."""

    __table_args__ = scoped(
        belongs_to("bulk_action"),
        sa.UniqueConstraint("workspace_id", "bulk_action_id", "subject_id"),
    )

    bulk_action_id: int
    subject_id: int
    before: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    after: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class Blob(ScopedRecord, table=True):
    """Bytes that must commit with a row: raw mail, evidence; compressed, at most 2 MB."""

    __table_args__ = scoped(sa.UniqueConstraint("workspace_id", "sha256"))

    sha256: str = Field(max_length=64)
    kind: str = Field(max_length=32)
    size_bytes: int
    packed: bytes


class Tick(Record, table=True):
    """When a scheduled job last ran, for `outreach doctor`."""

    name: str = Field(max_length=64, unique=True)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: str = ""
    run_count: int = 0
