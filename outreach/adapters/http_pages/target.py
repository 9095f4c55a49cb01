"""From a written URL to a place we may go: read once, as a browser reads it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

import can_ada
from yarl import URL

from outreach.adapters.http_pages.addresses import parse_ip
from outreach.adapters.http_pages.policy import FetchPolicy, Refused
from outreach.ports.pages import FailureKind

_DEFAULT_PORTS = {"http:": 80, "https:": 443}
_MAX_URL = 4096


@dataclass(frozen=True, slots=True)
class Target:
    """One place to ask: what to request, whom to dial, and whether private addresses are open."""

    url: URL
    href: str
    host: str  # ASCII, no brackets, no trailing dot
    port: int
    is_private_allowed: bool

    @property
    def authority(self) -> str:
        """The host whose manners and robots.txt apply; http and https share one."""
        return self.host if self.port in (80, 443) else f"{self.host}:{self.port}"

    @property
    def is_literal(self) -> bool:
        """Whether the host is an IP address rather than a name."""
        return parse_ip(self.host) is not None


def parse_target(url: str, policy: FetchPolicy, *, base: str = "") -> Target:
    """Read a URL for fetching.

    Raises:
        Refused: when it is no http(s) URL, carries a user name, or names a port we do not ask.
    """
    text = url.strip()
    if len(text) > _MAX_URL or any(ch == "\\" or ch <= " " or ch == "\x7f" for ch in text):
        raise Refused(FailureKind.BAD_URL, "unreadable")
    try:
        parsed = can_ada.parse(urljoin(base, text) if base else text)
    except ValueError:
        raise Refused(FailureKind.BAD_URL, "unreadable") from None
    if parsed.protocol not in _DEFAULT_PORTS or not parsed.hostname:
        raise Refused(FailureKind.BAD_URL, f"scheme {parsed.protocol}")
    if parsed.has_credentials():
        raise Refused(FailureKind.BAD_URL, "carries a user name")
    host = parsed.hostname.strip("[]").rstrip(".").lower()
    port = int(parsed.port or _DEFAULT_PORTS[parsed.protocol])
    is_named = f"{host}:{port}" in policy.allowed_hosts
    if port not in policy.ports and not is_named:
        raise Refused(FailureKind.BAD_URL, f"port {port}")
    href = parsed.href.split("#", 1)[0]
    allowed = is_named or (host in policy.allowed_hosts and port in policy.ports)
    return Target(_request_url(href, parsed.hostname), href, host, port, allowed)


def _request_url(href: str, hostname: str) -> URL:
    """Hand the parsed URL to the client, which must see the very same host."""
    try:
        url = URL(href, encoded=True)
    except ValueError:
        raise Refused(FailureKind.BAD_URL, "unreadable") from None
    if (url.raw_host or "") != hostname.strip("[]"):
        raise Refused(FailureKind.BAD_URL, "ambiguous host")
    return url
