"""The words of mail: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class Transport(StrEnum):
    """Where a mailbox's mail goes."""

    CAPTURE = "capture"  # kept here, shown as it would have gone out
    SMTP = "smtp"


class OutboxState(StrEnum):
    """States of a mail; security.md section 5 says why these and in this order."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    COMMITTING = "committing"
    SENT = "sent"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class InboundKind(StrEnum):
    """What an inbound mail is."""

    REPLY = "reply"
    AUTO_REPLY = "auto_reply"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE_HARD = "bounce_hard"
    BOUNCE_SOFT = "bounce_soft"
    BOUNCE_DELAYED = "bounce_delayed"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    OWN_COPY = "own_copy"
    UNPARSED = "unparsed"


class InboundState(StrEnum):
    """Whether a person still has to look."""

    TRIAGE = "triage"  # unmatched or ambiguous
    OPEN = "open"  # matched, waits for a person
    HANDLED = "handled"
