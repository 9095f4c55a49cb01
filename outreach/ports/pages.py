"""What we ask of the web: the facts of a page, or the named reason there are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


class Rel(StrEnum):
    """The effective rel of a link, strongest word first; "follow" means none of the others."""

    SPONSORED = "sponsored"
    UGC = "ugc"
    NOFOLLOW = "nofollow"
    FOLLOW = "follow"


class Placement(StrEnum):
    """Where on its page a link sits."""

    EDITORIAL = "editorial"
    RESOURCE_LIST = "resource_list"
    AUTHOR_BIO = "author_bio"
    RELATED = "related"
    NAVIGATION = "navigation"
    SIDEBAR = "sidebar"
    FOOTER = "footer"
    COMMENT = "comment"
    ADVERTISEMENT = "advertisement"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LinkOnPage:
    """One link as it stands on a page."""

    url: str  # absolute, resolved against the page's base, fragment kept
    anchor: str  # visible text; for an image its alt; else aria-label or title; may be ""
    rel: Rel  # effective, page-level robots included
    raw_rel: str  # the attribute as written
    placement: Placement
    context: str  # the sentence or block around the link, at most 300 characters
    is_image: bool = False
    is_hidden: bool = False
    position: int = 0  # 0 is the first link of the page


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An e-mail address a page shows, never a guessed one."""

    address: str
    source: str  # "mailto", "text" or "obfuscated"
    context: str  # the words around it, at most 200 characters


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What one look at a page told us."""

    url: str  # as asked for
    final_url: str  # after redirects
    status: int
    title: str = ""
    description: str = ""
    site_name: str = ""
    canonical: str = ""
    language: str = ""  # primary subtag in lower case, "" when unknown
    author: str = ""
    headings: tuple[str, ...] = ()
    text: str = ""  # main text, at most 20,000 characters
    links: tuple[LinkOnPage, ...] = ()
    addresses: tuple[FoundAddress, ...] = ()
    is_indexable: bool = True  # no noindex in meta robots or X-Robots-Tag
    is_followable: bool = True  # no page-level nofollow
    redirects: tuple[str, ...] = ()  # every URL passed on the way, the first one first
    etag: str = ""
    last_modified: str = ""
    sha256: str = ""  # of the decoded body
    body: bytes = b""  # decoded body as received, at most the fetcher's cap; evidence only
    is_truncated: bool = False
    headers: tuple[tuple[str, str], ...] = ()  # the few that matter to a verdict


class FailureKind(StrEnum):
    """Why we have no facts; each is a sentence to a person, see `FAILURE_SENTENCES`."""

    SWITCHED_OFF = "switched_off"
    BAD_URL = "bad_url"
    FORBIDDEN_ADDRESS = "forbidden_address"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BAD_RESPONSE = "bad_response"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    ROBOTS = "robots"
    STATUS = "status"
    CHALLENGE = "challenge"
    NOT_HTML = "not_html"
    UNREADABLE = "unreadable"


FAILURE_SENTENCES: dict[FailureKind, str] = {
    FailureKind.SWITCHED_OFF: "Web access is switched off in Settings.",
    FailureKind.BAD_URL: "This is not a web address we may open.",
    FailureKind.FORBIDDEN_ADDRESS: "The name leads to a private or reserved network address.",
    FailureKind.DNS: "The name could not be found.",
    FailureKind.CONNECT: "The server did not accept the connection.",
    FailureKind.TLS: "The server's certificate could not be trusted.",
    FailureKind.TIMEOUT: "The server did not answer in time.",
    FailureKind.TOO_LARGE: "The answer was larger than we read.",
    FailureKind.BAD_RESPONSE: "The answer was not proper HTTP.",
    FailureKind.TOO_MANY_REDIRECTS: "The page redirected more than five times.",
    FailureKind.ROBOTS: "The site's robots.txt asks us not to look.",
    FailureKind.STATUS: "The server answered with an error status.",
    FailureKind.CHALLENGE: "The site asked for proof of a human visitor.",
    FailureKind.NOT_HTML: "The answer was not a web page.",
    FailureKind.UNREADABLE: "The page is built in a way we do not read.",
}


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A look that gave no facts, and its named reason."""

    url: str
    kind: FailureKind
    detail: str = ""
    status: int | None = None
    final_url: str = ""
    retry_after_s: int | None = None
    redirects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page to look at; `key` comes back with the result."""

    url: str
    key: int = 0
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class PageResult:
    """What came of one request; `fetched_at` is when the answer was complete."""

    request: PageRequest
    outcome: PageFacts | FetchFailure
    fetched_at: datetime
    elapsed_s: float = field(default=0.0, compare=False)


class PageFetcher(Protocol):
    """One guarded door to the web."""

    def fetch(self, requests: Sequence[PageRequest]) -> Iterator[PageResult]:
        """Look at each page once, politely, and yield results as they come, in any order."""
        ...
