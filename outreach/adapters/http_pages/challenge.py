"""Telling a challenge page ("prove you are human") from an honest answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUSES = frozenset({202, 401, 403, 405, 406, 428, 429, 503})
# A header and the beginning of its value that a vendor sets on challenges alone.
_HEADERS = (("cf-mitigated", "challenge"), ("x-amzn-waf-action", ""))
# Scripts and words that only an interstitial carries; some come with status 200.
_INTERSTITIAL = (
    b"_cf_chl_opt",
    b"incapsula incident id",
    b"geo.captcha-delivery.com",
    b"sucuri_cloudproxy_js",
    b"/_sec/cp_challenge/",
)
# These stand on ordinary pages of protected sites too, so they count beside an error status only.
_ERROR_PAGE = (
    b"/cdn-cgi/challenge-platform/",
    b"_incapsula_resource",
    b"awswaf",
    b"kpsdk",
    b"datadome",
    b"just a moment...",
    b"attention required! | cloudflare",
    b"cf-turnstile",
    b"challenges.cloudflare.com",
    b"perimeterx",
    b"ddos-guard",
    b"captcha",
    b"are you a robot",
    b"verify you are human",
    b"checking your browser",
)
_SCANNED = 64 << 10
_SMALL = 24 << 10  # an interstitial has no content of its own


def is_challenge(status: int, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the answer asks for proof of a human instead of showing the page."""
    for name, start in _HEADERS:
        value = headers.get(name)
        if value is not None and value.lower().startswith(start):
            return True
    if status in _STATUSES:
        beginning = body[:_SCANNED].lower()
        return any(marker in beginning for marker in (*_INTERSTITIAL, *_ERROR_PAGE))
    if len(body) <= _SMALL:
        beginning = body.lower()
        return any(marker in beginning for marker in _INTERSTITIAL)
    return False
