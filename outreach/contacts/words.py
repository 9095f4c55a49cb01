"""The words of contacts: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class ContactKind(StrEnum):
    """Who is behind an address."""

    PERSON = "person"
    ROLE_ADDRESS = "role_address"
    JOURNALIST = "journalist"


class Deliverability(StrEnum):
    """Whether mail reaches an address, as far as we know."""

    UNKNOWN = "unknown"
    DELIVERABLE = "deliverable"
    RISKY = "risky"
    UNDELIVERABLE = "undeliverable"


class LawfulBasis(StrEnum):
    """Why we may hold and use an address."""

    LEGITIMATE_INTEREST = "legitimate_interest"
    CONSENT = "consent"
    EXISTING_RELATIONSHIP = "existing_relationship"
    PUBLISHED_FOR_PURPOSE = "published_for_purpose"
