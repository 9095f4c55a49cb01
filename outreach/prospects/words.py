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
