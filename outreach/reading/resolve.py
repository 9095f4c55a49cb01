"""Turning the hrefs of a page into absolute addresses, quickly."""

from __future__ import annotations

from urllib.parse import urljoin

import can_ada

_MAX_HREF = 4_000
_STRIPPED = str.maketrans("", "", "\t\n\r")


class Base:
    """The address that the page's relative hrefs start from."""

    def __init__(self, final_url: str, base_href: str = "") -> None:
        self._url = _absolute(final_url, base_href) or final_url
        parsed = _parse(self._url)
        self._scheme = parsed.protocol if parsed else "https:"
        self._origin = parsed.origin if parsed else ""

    def resolve(self, href: str) -> str:
        """Return the absolute http(s) address, "" for anything that is no link to a page."""
        href = href.strip().translate(_STRIPPED)
        if not href or href[0] == "#" or len(href) > _MAX_HREF:
            return ""
        if href.startswith("//"):
            return _href(self._scheme + href)
        if href[0] == "/":
            return _href(self._origin + href)
        scheme, colon, _ = href.partition(":")
        if colon and scheme.isalnum():
            return _href(href) if scheme.lower() in ("http", "https") else ""
        return _absolute(self._url, href)


def _absolute(base: str, href: str) -> str:
    try:
        return _href(urljoin(base, href))
    except ValueError:
        return ""


def _href(url: str) -> str:
    parsed = _parse(url)
    return parsed.href if parsed and parsed.protocol in ("http:", "https:") else ""


def _parse(url: str) -> can_ada.URL | None:
    try:
        return can_ada.parse(url)
    except ValueError:
        return None
