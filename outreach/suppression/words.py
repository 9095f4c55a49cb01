"""The words of suppression: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class SuppressionKind(StrEnum):
    """What a suppression matches."""

    ADDRESS = "address"
    DOMAIN = "domain"


class SuppressionReason(StrEnum):
    """Why somebody is never written to."""

    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    BOUNCED = "bounced"
    ERASED = "erased"
    ASKED = "asked"
    IMPORTED = "imported"
    MANUAL = "manual"


class TouchOutcome(StrEnum):
    """What came of writing to somebody."""

    AWAITING = "awaiting"
    REPLIED = "replied"
    DECLINED = "declined"
    WON = "won"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
