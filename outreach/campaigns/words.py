"""The words of campaigns: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class Tactic(StrEnum):
    """Why a site might link."""

    GUEST_POST = "guest_post"
    RESOURCE_PAGE = "resource_page"
    BROKEN_LINK = "broken_link"
    UNLINKED_MENTION = "unlinked_mention"
    DIGITAL_PR = "digital_pr"
    JOURNALIST_REQUEST = "journalist_request"
    EXPERT_QUOTE = "expert_quote"
    DIRECTORY = "directory"
    COMMUNITY = "community"
    PARTNER = "partner"
    LOCAL = "local"
    COMPETITOR_GAP = "competitor_gap"
    LINK_RECLAMATION = "link_reclamation"


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
        return self in {Stage.WON, Stage.LOST, Stage.DECLINED, Stage.UNRESPONSIVE}
