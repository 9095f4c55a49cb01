"""The words of sequences: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class EnrollmentState(StrEnum):
    """Whether more steps are to come."""

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"


class StopCause(StrEnum):
    """Why an enrollment ended before its last step."""

    NONE = ""
    REPLIED = "replied"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"
    WON = "won"
    LOST = "lost"
    MANUAL = "manual"
    ERASED = "erased"
    LEFT = "left_the_company"
