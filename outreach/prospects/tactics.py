"""Why a site might link, read off its pages: each suggestion with its page and the words. Pure.

Only a person says which tactic a prospect is worked by; these are hints for that person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.prospects.words import Tactic

if TYPE_CHECKING:
    from collections.abc import Iterable

_MANY_LINKS = 15  # sites a resource page links to, at the least
_AROUND = 60  # characters quoted on either side
_PATTERNS: tuple[tuple[Tactic, str, re.Pattern[str]], ...] = tuple(
    (tactic, reason, re.compile(pattern, re.IGNORECASE))
    for tactic, reason, pattern in (
        (Tactic.GUEST_POST, "it invites guest authors",
         r"\bwrite for us\b|\bguest (?:post|author|article|contribut\w+)s?\b|"
         r"\b(?:submit|contribute) (?:a|an|your) (?:post|article|story)\b|"
         r"\bcontributor guidelines?\b|\bbecome a contributor\b"),
        (Tactic.RESOURCE_PAGE, "it lists resources",
         r"\b(?:useful|helpful|recommended|further|external) (?:links|resources|reading|sites)\b|"
         r"\blinks and resources\b|\bresources? (?:page|list|library|guide)\b"),
        (Tactic.DIRECTORY, "it is a directory",
         r"\b(?:business|web|company|supplier|local) directory\b|\badd your (?:site|business)\b|"
         r"\bsubmit (?:a|your) (?:site|business|listing)\b"),
        (Tactic.JOURNALIST_REQUEST, "it asks for sources",
         r"\b(?:looking|searching) for (?:sources|experts)\b|\bjournalist requests?\b"),
        (Tactic.EXPERT_QUOTE, "it gathers experts' views",
         r"\bexpert round-?up\b|\bwe asked \d+ experts\b|\bexperts share\b"),
        (Tactic.COMMUNITY, "it is a place where people talk",
         r"\b(?:community|discussion) (?:forum|board)s?\b"),
        (Tactic.PARTNER, "it names its partners", r"\bour (?:partners|sponsors|suppliers)\b"),
    )
)  # fmt: skip
_PATHS: tuple[tuple[Tactic, str, re.Pattern[str]], ...] = tuple(
    (tactic, reason, re.compile(pattern, re.IGNORECASE))
    for tactic, reason, pattern in (
        (Tactic.GUEST_POST, "its address invites guest authors",
         r"/(?:write-for-us|guest-posts?|contribute|contributors?)(?:[/.?-]|$)"),
        (Tactic.RESOURCE_PAGE, "its address says it lists resources",
         r"/(?:[\w-]*useful-links|resources?|links)(?:[/.?-]|$)"),
        (Tactic.DIRECTORY, "its address says it is a directory",
         r"/(?:directory|listings?)(?:[/.?-]|$)"),
        (Tactic.COMMUNITY, "its address says people talk here",
         r"/(?:forums?|community)(?:[/.?-]|$)"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageSketch:
    """What is known of a page, as far as a tactic may be read off it."""

    url: str
    title: str = ""
    description: str = ""
    text: str = ""
    gives_links_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to think of a tactic: the page, why, and the words it was read off."""

    tactic: Tactic
    url: str
    why: str
    quote: str


def evidence_of(pages: Iterable[PageSketch]) -> list[Evidence]:
    """Return what speaks for which tactic, at most one reason each for a page, in their order."""
    found: list[Evidence] = []
    for page in pages:
        of_page: dict[Tactic, Evidence] = {}
        for evidence in (*_in_words(page), *_in_address(page), *_in_links(page)):
            of_page.setdefault(evidence.tactic, evidence)
        found += of_page.values()
    return found


def _in_words(page: PageSketch) -> Iterable[Evidence]:
    for words in (page.title, page.description, page.text):
        for tactic, why, pattern in _PATTERNS:
            if match := pattern.search(words):
                yield Evidence(tactic, page.url, why, _quoted(words, match))


def _in_address(page: PageSketch) -> Iterable[Evidence]:
    path = page.url.partition("://")[2].partition("/")[2]
    for tactic, why, pattern in _PATHS:
        if match := pattern.search(f"/{path}"):
            yield Evidence(tactic, page.url, why, match[0])


def _in_links(page: PageSketch) -> Iterable[Evidence]:
    if len(page.gives_links_to) >= _MANY_LINKS:
        named = ", ".join(page.gives_links_to[:3])
        why = f"it links to {len(page.gives_links_to)} other sites"
        yield Evidence(Tactic.RESOURCE_PAGE, page.url, why, f"{named}, …")


def _quoted(words: str, match: re.Match[str]) -> str:
    start, end = max(0, match.start() - _AROUND), min(len(words), match.end() + _AROUND)
    before = "…" if start else ""
    after = "…" if end < len(words) else ""
    return f"{before}{' '.join(words[start:end].split())}{after}"
