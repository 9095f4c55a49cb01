"""The words of custom fields: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class FieldKind(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    URL = "url"


class FieldSubject(StrEnum):
    """Which records have a custom field."""

    PROSPECT = "prospect"
    CONTACT = "contact"
    OPPORTUNITY = "opportunity"
    ASSET = "asset"
