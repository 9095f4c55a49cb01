"""The words of campaigns: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """How far an opportunity is, in order."""

    IDENTIFIED = "identified"
    QUALIFIED = "qualified"
    READY = "ready"
    PITCHED = "pitched"
    FOLLOWING_UP = "following_up"
    IN_CONVERSATION = "in_conversation"
    COMMITTED = "committed"
    WON = "won"
    LOST = "lost"
    DECLINED = "declined"
    UNRESPONSIVE = "unresponsive"

    @property
    def is_over(self) -> bool:
        """True when nothing more is expected to happen."""
        return self in _ENDINGS


_ENDINGS = frozenset({Stage.WON, Stage.LOST, Stage.DECLINED, Stage.UNRESPONSIVE})


class Lanes(StrEnum):
    """What the rows of the board stand for."""

    CAMPAIGN = "campaign"
    OWNER = "owner"


class TableSort(StrEnum):
    """What the pipeline's table is sorted by."""

    NEWEST = "newest"  # the latest moved first
    AGE = "age"  # the longest waiting first
    SCORE = "score"
    VALUE = "value"
    DOMAIN = "domain"
    OWNER = "owner"
