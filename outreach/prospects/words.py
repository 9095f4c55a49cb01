"""The words of prospects: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class Review(StrEnum):
    """What a person decided about a prospect."""

    NEW = "new"
    APPROVED = "approved"
    REJECTED = "rejected"
    LATER = "later"


class TextBasis(StrEnum):
    """Where a page's words come from."""

    NONE = "none"
    IMPORTED = "imported"  # title and description of a vendor's export
    READ = "read"  # the live page


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
