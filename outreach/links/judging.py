"""What one look at a page says about one link: seen, not there, or cannot tell.

Pure. Forgiving where the web is (scheme, www, trailing slash, index files, tracking parameters,
fragment; see `core.urls`), strict where it matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.urls import parse_address
from outreach.links.rules import Look
from outreach.links.words import CheckFamily, CheckReason
from outreach.ports.pages import FailureKind, FetchFailure, PageFacts, Placement, Rel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from outreach.core.urls import WebAddress
    from outreach.ports.pages import LinkOnPage

_INDEX_FILE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)(?=\?|$)", re.IGNORECASE)
_SIGN_IN = re.compile(
    r"/(?:log-?in|sign-?in|signin|wp-login\.php|auth|sso|anmelden|connexion)(?:[/?]|$)",
    re.IGNORECASE,
)
_SHELL_TEXT = 200  # characters; a page that is more than a script's shell says more
_SHELL_LINKS = 2
_BODY_PLACES = frozenset({Placement.EDITORIAL, Placement.RESOURCE_LIST, Placement.AUTHOR_BIO})
_MARGINS = frozenset(
    {
        Placement.NAVIGATION,
        Placement.SIDEBAR,
        Placement.FOOTER,
        Placement.COMMENT,
        Placement.ADVERTISEMENT,
    }
)
_REL_ADDED = {
    Rel.NOFOLLOW: CheckReason.NOFOLLOW_ADDED,
    Rel.SPONSORED: CheckReason.SPONSORED_ADDED,
    Rel.UGC: CheckReason.UGC_ADDED,
}
_STATUS_REASONS = {
    401: CheckReason.LOGIN,
    403: CheckReason.FORBIDDEN,
    407: CheckReason.LOGIN,
    429: CheckReason.RATE_LIMITED,
}
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Expected:
    """What a page should hold; "" stands for anything."""

    target_key: str = ""  # page key of the agreed target
    known_key: str = ""  # page key under which the link is known, when it is not the agreed one
    domains: frozenset[str] = frozenset()  # our own registrable domains
    other_keys: frozenset[str] = frozenset()  # targets of our other known links on the page
    anchor: str = ""
    rel: str = ""
    placement: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look concluded, the link it found, and everything that differs from what we agreed.

    `changes` holds the reasons, the gravest first; `reason` is its first when there are any.
    """

    family: CheckFamily
    reason: CheckReason
    link: LinkOnPage | None = None
    changes: tuple[CheckReason, ...] = ()
    detail: str = ""
    retry_after_s: int | None = None

    @property
    def look(self) -> Look:
        """The part that moves the state."""
        return Look(self.family, self.reason, is_as_agreed=not self.changes)


def judge(outcome: PageFacts | FetchFailure, expected: Expected) -> Verdict:
    """Conclude from one look at a page whether one link is there as expected."""
    if isinstance(outcome, FetchFailure):
        return _judge_failure(outcome)
    if outcome.status == 304:
        return Verdict(CheckFamily.SEEN, CheckReason.NOT_MODIFIED)
    link = find_link(outcome.links, expected)
    if link is None:
        return _judge_absence(outcome)
    changes = _changes(outcome, link, expected)
    return Verdict(
        family=CheckFamily.SEEN,
        reason=changes[0] if changes else CheckReason.LINK_FOUND,
        link=link,
        changes=changes,
        detail=_what_differs(outcome, link, changes, expected),
    )


def target_key_of(url: str) -> str:
    """Return the key under which two addresses of one page of ours are equal, "" for none."""
    address = parse_address(url)
    return _target_key(address) if address else ""


def links_to_us(
    links: Iterable[LinkOnPage], domains: frozenset[str], target_keys: frozenset[str] = frozenset()
) -> list[tuple[str, LinkOnPage]]:
    """List target key and link for the links to our domains or targets, in document order."""
    found = []
    for link in links:
        address = parse_address(link.url)
        if address is None:
            continue
        key = _target_key(address)
        if address.site in domains or key in target_keys:
            found.append((key, link))
    return found


def best_link(
    candidates: Sequence[tuple[str, LinkOnPage]], target_key: str
) -> tuple[str, LinkOnPage] | None:
    """Choose the link that is meant: the right target, then visible, in the text, followed."""
    if not candidates:
        return None
    return min(
        candidates,
        key=lambda pair: (
            pair[0] != target_key,
            pair[1].is_hidden,
            pair[1].placement not in _BODY_PLACES,
            pair[1].rel is not Rel.FOLLOW,
            pair[1].position,
        ),
    )


def find_link(links: Iterable[LinkOnPage], expected: Expected) -> LinkOnPage | None:
    """Find the expected link, or one to another page of ours that may stand for it."""
    wanted = frozenset(key for key in (expected.target_key, expected.known_key) if key)
    candidates = links_to_us(links, expected.domains, wanted)
    for key in (expected.target_key, expected.known_key):
        if key and (best := best_link([pair for pair in candidates if pair[0] == key], key)):
            return best[1]
    others = [pair for pair in candidates if pair[0] not in expected.other_keys]
    best = best_link(others, expected.target_key)
    return best[1] if best else None


def _target_key(address: WebAddress) -> str:
    return _INDEX_FILE.sub("", address.key)


def _changes(facts: PageFacts, link: LinkOnPage, expected: Expected) -> tuple[CheckReason, ...]:
    """Name what differs to our disadvantage, the gravest first."""
    differs = {
        CheckReason.TARGET_CHANGED: bool(expected.target_key)
        and target_key_of(link.url) != expected.target_key,
        _REL_ADDED.get(link.rel, CheckReason.LINK_FOUND): link.rel is not Rel.FOLLOW
        and bool(expected.rel)
        and link.rel.value != expected.rel,
        CheckReason.HIDDEN: link.is_hidden,
        CheckReason.NOINDEX: not facts.is_indexable,
        CheckReason.CANONICAL_AWAY: _is_canonical_away(facts),
        CheckReason.MOVED: expected.placement in _BODY_PLACES and link.placement in _MARGINS,
        CheckReason.ANCHOR_CHANGED: bool(expected.anchor)
        and _folded(link.anchor) != _folded(expected.anchor),
    }
    return tuple(reason for reason, is_so in differs.items() if is_so)


def _is_canonical_away(facts: PageFacts) -> bool:
    """Whether the page gives itself away: to another site, or to a home page it is not."""
    page, canonical = parse_address(facts.final_url), parse_address(facts.canonical)
    if page is None or canonical is None or _target_key(page) == _target_key(canonical):
        return False
    return canonical.site != page.site or "/" not in _target_key(canonical)


def _what_differs(
    facts: PageFacts, link: LinkOnPage, changes: tuple[CheckReason, ...], expected: Expected
) -> str:
    said = {
        CheckReason.TARGET_CHANGED: f"It leads to {link.url}.",
        CheckReason.CANONICAL_AWAY: f"The original is said to be {facts.canonical}.",
        CheckReason.MOVED: f"Agreed {_words(expected.placement)}, found {_words(link.placement)}.",
        CheckReason.ANCHOR_CHANGED: f"Agreed “{expected.anchor}”, found “{link.anchor}”.",
    }
    return " ".join(said[change] for change in changes if change in said)


def _judge_absence(facts: PageFacts) -> Verdict:
    if facts.is_truncated:
        return Verdict(CheckFamily.CANNOT_TELL, CheckReason.TRUNCATED)
    if facts.redirects and _SIGN_IN.search(facts.final_url):
        return Verdict(CheckFamily.CANNOT_TELL, CheckReason.LOGIN, detail=facts.final_url)
    if _is_built_by_script(facts):
        return Verdict(CheckFamily.CANNOT_TELL, CheckReason.BUILT_BY_SCRIPT)
    if target_key_of(facts.final_url) != target_key_of(facts.url):
        detail = f"It leads to {facts.final_url}."
        return Verdict(CheckFamily.NOT_THERE, CheckReason.PAGE_REDIRECTED, detail=detail)
    return Verdict(CheckFamily.NOT_THERE, CheckReason.LINK_GONE)


def _is_built_by_script(facts: PageFacts) -> bool:
    """Whether what we got is a shell that a script fills in a browser."""
    is_shell = len(facts.text) < _SHELL_TEXT and len(facts.links) <= _SHELL_LINKS
    return is_shell and b"<script" in facts.body.lower()


def _judge_failure(failure: FetchFailure) -> Verdict:
    family, reason = CheckFamily.CANNOT_TELL, CheckReason.OTHER_STATUS
    if failure.kind is not FailureKind.STATUS:
        reason = CheckReason(failure.kind.value)
    elif failure.status in _GONE:
        family, reason = CheckFamily.NOT_THERE, CheckReason.PAGE_GONE
    elif failure.status in _STATUS_REASONS:
        reason = _STATUS_REASONS[failure.status]
    elif failure.status is not None and failure.status >= 500:
        reason = CheckReason.SERVER_ERROR
    return Verdict(family, reason, detail=failure.detail, retry_after_s=failure.retry_after_s)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _words(stored: str) -> str:
    return stored.replace("_", " ")
