"""Tables of sequences and of who goes through them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import ScopedRecord, belongs_to, one_of, scoped, str_enum
from outreach.sequences.words import EnrollmentState, StopCause


class Sequence(ScopedRecord, table=True):
    """A plan of mails and waits."""

    __table_args__ = scoped(sa.UniqueConstraint("workspace_id", "name"))

    name: str = Field(max_length=120)
    window_start: str = Field(default="09:00", max_length=5)  # recipient's local time
    window_end: str = Field(default="16:30", max_length=5)
    is_archived: bool = False


class Step(ScopedRecord, table=True):
    """One message of a sequence, and how long to wait before it."""

    __table_args__ = scoped(
        belongs_to("sequence"),
        belongs_to("pitch_template", ondelete="NO ACTION"),
        sa.UniqueConstraint("workspace_id", "sequence_id", "position"),
        sa.CheckConstraint("wait_business_days BETWEEN 0 AND 90", name="wait_range"),
    )

    sequence_id: int
    position: int  # 0 is the first pitch
    wait_business_days: int = 0
    pitch_template_id: int


class Enrollment(ScopedRecord, table=True):
    """One contact going through a sequence for one opportunity."""

    __table_args__ = scoped(
        belongs_to("sequence", ondelete="NO ACTION"),
        belongs_to("opportunity"),
        belongs_to("contact", ondelete="NO ACTION"),
        belongs_to("mailbox", ondelete="NO ACTION"),
        belongs_to("conversation", ondelete="NO ACTION"),
        one_of("state", EnrollmentState),
        one_of("stopped_because", StopCause),
        sa.UniqueConstraint("workspace_id", "opportunity_id", "contact_id"),
        sa.Index(
            "ix_enrollment_due",
            "due_at",
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        ),
        sa.Index(None, "workspace_id", "contact_id"),
    )

    sequence_id: int
    opportunity_id: int
    contact_id: int
    mailbox_id: int
    conversation_id: int | None = None
    domain: str = Field(max_length=253)  # of the company, so that a colleague's reply stops it too
    state: EnrollmentState = Field(
        default=EnrollmentState.ACTIVE,
        sa_type=str_enum(EnrollmentState),
    )
    next_position: int = 0
    due_at: datetime | None = None
    stopped_because: StopCause = Field(default=StopCause.NONE, sa_type=str_enum(StopCause))
    stopped_by_message_id: int | None = None
    stopped_at: datetime | None = None
    held_because: str = ""  # why the due step has not been planned, in words


class SentStep(ScopedRecord, table=True):
    """A step that was planned for an enrollment: once, whatever happens."""

    __table_args__ = scoped(
        belongs_to("enrollment"),
        belongs_to("step", ondelete="NO ACTION"),
        belongs_to("outbox_message"),
        sa.UniqueConstraint("workspace_id", "enrollment_id", "step_id"),
    )

    enrollment_id: int
    step_id: int
    outbox_message_id: int
    template_version: int = 1
