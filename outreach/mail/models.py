"""Tables of mailboxes, the outbox, the inbox and conversations."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import JSON, ScopedRecord, belongs_to, one_of, scoped, str_enum
from outreach.mail.words import InboundKind, InboundState, OutboxState, Transport


class Mailbox(ScopedRecord, table=True):
    """An account we send from and read."""

    __table_args__ = scoped(
        one_of("transport", Transport), sa.UniqueConstraint("workspace_id", "address")
    )

    address: str = Field(max_length=254)
    display_name: str = Field(default="", max_length=120)
    signature: str = ""
    transport: Transport = Field(default=Transport.CAPTURE, sa_type=str_enum(Transport))
    smtp_host: str = Field(default="", max_length=253)
    smtp_port: int = 587
    smtp_security: str = Field(default="starttls", max_length=16)
    imap_host: str = Field(default="", max_length=253)
    imap_port: int = 993
    imap_security: str = Field(default="tls", max_length=16)
    username: str = Field(default="", max_length=254)
    sealed_password: str = ""
    time_zone: str = Field(default="UTC", max_length=64)
    daily_cap: int = 40
    gap_minutes: int = 9
    is_paused: bool = False
    paused_because: str = ""
    proven_at: datetime | None = None
    proof_failure: str = ""
    sending_lease_until: datetime | None = None  # one sender for each mailbox
    sending_fence: int = 0
    reading_lease_until: datetime | None = None  # read by somebody, or not again before
    last_read_at: datetime | None = None
    read_failure: str = ""


class Conversation(ScopedRecord, table=True):
    """Everything said with one contact in one opportunity."""

    __table_args__ = scoped(
        belongs_to("mailbox"),
        belongs_to("opportunity"),
        belongs_to("prospect"),
        belongs_to("contact", ondelete="NO ACTION"),
        sa.Index(None, "workspace_id", "last_message_at", "id"),
        sa.Index(None, "workspace_id", "prospect_id"),
    )

    mailbox_id: int
    opportunity_id: int | None = None
    prospect_id: int | None = None
    contact_id: int | None = None
    subject: str = Field(default="", max_length=998)
    last_message_at: datetime
    has_reply: bool = False


class OutboxMessage(ScopedRecord, table=True):
    """One mail: its frozen bytes and how far it got."""

    __table_args__ = scoped(
        belongs_to("mailbox"),
        belongs_to("conversation"),
        belongs_to("contact", ondelete="NO ACTION"),
        one_of("state", OutboxState),
        sa.UniqueConstraint("workspace_id", "idempotency_key"),
        sa.UniqueConstraint("message_id"),
        sa.Index(
            "ix_outbox_message_due",
            "send_after",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        ),
        sa.Index(None, "state", "lease_until"),
        sa.Index(None, "workspace_id", "mailbox_id", "sent_at"),
        sa.Index(None, "workspace_id", "recipient_key", "sent_at"),
        sa.Index(None, "workspace_id", "recipient_domain", "sent_at"),
        sa.Index(None, "workspace_id", "conversation_id"),
    )

    mailbox_id: int
    conversation_id: int
    contact_id: int | None = None
    idempotency_key: str = Field(max_length=80)  # "enrollment:7:step:2", or "manual:<random>"
    message_id: str = Field(max_length=80)
    recipient: str = Field(max_length=254)
    recipient_key: str = Field(max_length=64)  # keyed hash, as in suppression
    recipient_domain: str = Field(max_length=253)
    subject: str = Field(max_length=998)
    body_text: str
    raw: bytes
    is_first: bool = True  # a first mail, not a follow-up
    state: OutboxState = Field(default=OutboxState.QUEUED, sa_type=str_enum(OutboxState))
    send_after: datetime
    attempt: int = 0  # grows with each claim, so that a late worker is recognised
    delay_count: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})
    claimed_by: str = Field(default="", max_length=64)
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    is_captured: bool = False
    server_reply: str = ""
    reason: str = ""  # why it failed, waits, was suppressed or is in doubt

    @property
    def is_manual(self) -> bool:
        """True for an answer a person wrote, which belongs to no sequence."""
        return self.idempotency_key.startswith("manual:")


class InboundMessage(ScopedRecord, table=True):
    """One mail that came, raw bytes kept before anything was read into them."""

    __table_args__ = scoped(
        belongs_to("mailbox"),
        belongs_to("conversation", ondelete="CASCADE"),
        one_of("kind", InboundKind),
        one_of("state", InboundState),
        sa.UniqueConstraint("workspace_id", "mailbox_id", "folder", "uidvalidity", "uid"),
        sa.Index(None, "workspace_id", "mailbox_id", "sha256"),
        sa.Index(None, "workspace_id", "state", "received_at", "id"),
        sa.Index(None, "workspace_id", "message_id"),
        sa.Index(None, "workspace_id", "conversation_id"),
        sa.Index(
            "ix_inbound_message_waiting",
            "workspace_id",
            "mailbox_id",
            "id",
            sqlite_where=sa.text("processed_at IS NULL"),
            postgresql_where=sa.text("processed_at IS NULL"),
        ),
    )

    mailbox_id: int
    folder: str = Field(max_length=255)
    uidvalidity: int = Field(sa_type=sa.BigInteger)
    uid: int = Field(sa_type=sa.BigInteger)
    sha256: str = Field(max_length=64)
    raw: bytes
    message_id: str = Field(default="", max_length=998)
    from_address: str = Field(default="", max_length=320)
    from_name: str = Field(default="", max_length=300)
    subject: str = Field(default="", max_length=998)
    received_at: datetime
    kind: InboundKind = Field(default=InboundKind.UNPARSED, sa_type=str_enum(InboundKind))
    kind_rule: str = Field(default="", max_length=120)
    match_rule: str = Field(default="", max_length=64)
    conversation_id: int | None = None
    outbox_message_id: int | None = None
    visible_text: str = ""
    facts: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    state: InboundState = Field(default=InboundState.TRIAGE, sa_type=str_enum(InboundState))
    processed_at: datetime | None = None  # None: stored, its effects still to come


class FolderPosition(ScopedRecord, table=True):
    """How far a folder of a mailbox has been read; moves with the stored mail."""

    __table_args__ = scoped(
        belongs_to("mailbox"), sa.UniqueConstraint("workspace_id", "mailbox_id", "folder")
    )

    mailbox_id: int
    folder: str = Field(max_length=255)
    uidvalidity: int = Field(default=0, sa_type=sa.BigInteger)
    last_uid: int = Field(default=0, sa_type=sa.BigInteger)
