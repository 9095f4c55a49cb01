"""The words of tags."""

from __future__ import annotations

from enum import StrEnum


class TagTone(StrEnum):
    """How a tag looks, by the design's tones; its name is always written beside the colour."""

    NEUTRAL = ""
    ACCENT = "accent"
    GOOD = "good"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"
