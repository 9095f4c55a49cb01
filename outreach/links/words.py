"""The words of links: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class LinkState(StrEnum):
    """What we hold to be true of a backlink."""

    EXPECTED = "expected"
    LIVE = "live"
    LIVE_CHANGED = "live_changed"
    UNVERIFIABLE = "unverifiable"
    MISSING_ONCE = "missing_once"
    LOST = "lost"
    RECLAIMED = "reclaimed"
    REMOVED_ON_REQUEST = "removed_on_request"
    DISAVOWED = "disavowed"


class CheckFamily(StrEnum):
    """What one look at a page amounts to."""

    SEEN = "seen"
    NOT_THERE = "not_there"
    CANNOT_TELL = "cannot_tell"
