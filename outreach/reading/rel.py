"""What a page and a link say about following and indexing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.ports.pages import Rel

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEPARATORS = re.compile(r"[\s,]+")
_STRONGEST_FIRST = (Rel.SPONSORED, Rel.UGC, Rel.NOFOLLOW)
# Whose rules we take over where a page names a robot: the one that links are earned for.
_ROBOTS = frozenset({"", "googlebot"})
_WITH_VALUE = frozenset(
    {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}
)


@dataclass(frozen=True, slots=True)
class RobotsDirectives:
    """What holds for the whole page."""

    is_indexable: bool = True
    is_followable: bool = True


def effective_rel(raw: str, directives: RobotsDirectives) -> Rel:
    """Return the strongest word of a rel attribute, the page's own nofollow included.

    Source: Google Search Central, "Qualify your outbound links"; words may be separated by commas.
    """
    words = set(_SEPARATORS.split(raw.lower())) if raw else set()
    if not directives.is_followable:
        words.add(Rel.NOFOLLOW.value)
    return next((rel for rel in _STRONGEST_FIRST if rel.value in words), Rel.FOLLOW)


def robots_directives(meta: Iterable[str], header: Iterable[str]) -> RobotsDirectives:
    """Put the contents of robots meta tags and X-Robots-Tag headers together."""
    words = {word for text in meta for word in _SEPARATORS.split(text.lower())}
    for value in header:
        words |= _header_words(value.lower())
    if "none" in words:
        words |= {"noindex", "nofollow"}
    return RobotsDirectives("noindex" not in words, "nofollow" not in words)


def _header_words(value: str) -> set[str]:
    """Return the directives of one header that are meant for everyone or for Googlebot.

    A robot's name and a colon start the directives for that robot alone.
    """
    robot, words = "", set()
    for part in value.split(","):
        name, colon, rest = part.partition(":")
        is_robot = bool(colon) and name.strip() not in _WITH_VALUE
        if is_robot:
            robot = name.strip()
        if robot in _ROBOTS:
            words.add((rest if is_robot else part).strip())
    return words
