"""Telling a challenge page ("prove you are human") from an honest answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUSES = frozenset({401, 403, 405, 406, 429, 503})
# A header and the beginning of its value, each set by one vendor on challenges alone.
_HEADERS = (
    ("cf-mitigated", "challenge"),
    ("x-amzn-waf-action", ""),
    ("x-datadome", "protected"),
    ("x-dd-b", ""),
)
# Scripts of interstitials that also come with status 200.
_INTERSTITIAL = (
    b"_cf_chl_opt",
    b"/cdn-cgi/challenge-platform/h/",
    b"_incapsula_resource?swjiylwa",
    b"geo.captcha-delivery.com",
    b"sucuri_cloudproxy_js",
    b"awswafcookiedomainlist",
    b"/_sec/cp_challenge/",
    b"kpsdk",
)
# Words that say "challenge" only on an error page.
_ERROR_PAGE = (
    b"just a moment...",
    b"attention required! | cloudflare",
    b"cf-challenge",
    b"cf-turnstile",
    b"challenges.cloudflare.com",
    b"g-recaptcha",
    b"h-captcha",
    b"px-captcha",
    b"perimeterx",
    b"incapsula incident id",
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
