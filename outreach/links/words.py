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

    @property
    def is_live(self) -> bool:
        """True when the last conclusive look saw the link."""
        return self in {LinkState.LIVE, LinkState.LIVE_CHANGED, LinkState.RECLAIMED}

    @property
    def is_settled(self) -> bool:
        """True when a person decided its fate, so that we look no more."""
        return self in {LinkState.REMOVED_ON_REQUEST, LinkState.DISAVOWED}


class CheckFamily(StrEnum):
    """What one look at a page amounts to."""

    SEEN = "seen"
    NOT_THERE = "not_there"
    CANNOT_TELL = "cannot_tell"


class CheckReason(StrEnum):
    """Why one look came to its family; each has a sentence in `REASON_SENTENCES`."""

    # seen
    LINK_FOUND = "link_found"
    NOT_MODIFIED = "not_modified"
    TARGET_CHANGED = "target_changed"
    NOFOLLOW_ADDED = "nofollow_added"
    SPONSORED_ADDED = "sponsored_added"
    UGC_ADDED = "ugc_added"
    HIDDEN = "hidden"
    NOINDEX = "noindex"
    CANONICAL_AWAY = "canonical_away"
    MOVED = "moved"
    ANCHOR_CHANGED = "anchor_changed"
    # not there
    LINK_GONE = "link_gone"
    PAGE_GONE = "page_gone"
    PAGE_REDIRECTED = "page_redirected"
    # cannot tell
    FORBIDDEN = "forbidden"
    LOGIN = "login"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    OTHER_STATUS = "other_status"
    ROBOTS = "robots"
    CHALLENGE = "challenge"
    TIMEOUT = "timeout"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    BUILT_BY_SCRIPT = "built_by_script"
    BAD_RESPONSE = "bad_response"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    NOT_HTML = "not_html"
    UNREADABLE = "unreadable"
    FORBIDDEN_ADDRESS = "forbidden_address"
    BAD_URL = "bad_url"
    SWITCHED_OFF = "switched_off"


REASON_SENTENCES: dict[CheckReason, str] = {
    CheckReason.LINK_FOUND: "The link is on the page, as agreed.",
    CheckReason.NOT_MODIFIED: "The page has not changed since the link was last seen.",
    CheckReason.TARGET_CHANGED: "The link leads to another page of ours than agreed.",
    CheckReason.NOFOLLOW_ADDED: "The link is marked nofollow.",
    CheckReason.SPONSORED_ADDED: "The link is marked sponsored.",
    CheckReason.UGC_ADDED: "The link is marked as user content (ugc).",
    CheckReason.HIDDEN: "The link is hidden from readers.",
    CheckReason.NOINDEX: "The page asks search engines not to list it.",
    CheckReason.CANONICAL_AWAY: "The page names another page as the original.",
    CheckReason.MOVED: "The link has moved out of the text.",
    CheckReason.ANCHOR_CHANGED: "The link's text is not the agreed one.",
    CheckReason.LINK_GONE: "The page is there, the link is not.",
    CheckReason.PAGE_GONE: "The page is gone.",
    CheckReason.PAGE_REDIRECTED: "The page leads to another one, which has no link to us.",
    CheckReason.FORBIDDEN: "The server refused to show us the page (403).",
    CheckReason.LOGIN: "The page is behind a sign-in.",
    CheckReason.RATE_LIMITED: "The server asked us to come back later (429).",
    CheckReason.SERVER_ERROR: "The server had a problem of its own.",
    CheckReason.OTHER_STATUS: "The server answered with an error status.",
    CheckReason.ROBOTS: "The site's robots.txt asks us not to look.",
    CheckReason.CHALLENGE: "The site asked for proof of a human visitor.",
    CheckReason.TIMEOUT: "The server did not answer in time.",
    CheckReason.DNS: "The name could not be found.",
    CheckReason.CONNECT: "The server did not accept the connection.",
    CheckReason.TLS: "The server's certificate could not be trusted.",
    CheckReason.TOO_LARGE: "The page is larger than we read.",
    CheckReason.TRUNCATED: "We could read only part of the page, and the link is not in it.",
    CheckReason.BUILT_BY_SCRIPT: "The page is built by a script, which we do not run.",
    CheckReason.BAD_RESPONSE: "The answer was not proper HTTP.",
    CheckReason.TOO_MANY_REDIRECTS: "The page redirected more than five times.",
    CheckReason.NOT_HTML: "The answer was not a web page.",
    CheckReason.UNREADABLE: "The page is built in a way we do not read.",
    CheckReason.FORBIDDEN_ADDRESS: "The name leads to a private or reserved network address.",
    CheckReason.BAD_URL: "This is not a web address we may open.",
    CheckReason.SWITCHED_OFF: "Web access is switched off in Settings.",
}
