"""The words of assets: each is stored as text and read by people."""

from __future__ import annotations

from enum import StrEnum


class AssetKind(StrEnum):
    """What sort of page an asset is."""

    GUIDE = "guide"
    TOOL = "tool"
    STUDY = "study"
    DATASET = "dataset"
    LIST = "list"
    VISUAL = "visual"
    STORY = "story"
    PAGE = "page"
