"""Web addresses: one normal form, one key per page, one registrable domain per site."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import can_ada
from publicsuffixlist import PublicSuffixList

# Parameters that name a campaign or a click, never a page.
TRACKING_PARAMETERS = frozenset(
    {
        "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid",
        "mc_cid", "mc_eid", "_ga", "_gl", "ref_src", "mkt_tok", "vero_id", "oly_enc_id",
        "oly_anon_id", "_hsenc", "_hsmi", "hsctatracking", "srsltid",
    }
)  # fmt: skip

_SUFFIXES = PublicSuffixList()  # private suffixes count: someone.github.io is its own site


@dataclass(frozen=True, slots=True)
class WebAddress:
    """One page's address in its normal form.

    `url` is what a browser would open; `key` is equal for addresses of the same page: no scheme,
    no "www.", no tracking parameters, no fragment, query in order, no trailing slash.
    """

    url: str
    key: str
    host: str
    site: str  # registrable domain


def parse_address(text: str) -> WebAddress | None:
    """Read a web address as a browser would; None when it is not one.

    A missing scheme is taken as https. Only http and https addresses of hosts with a registrable
    domain are web addresses of other people's pages; IP literals and single labels are not.
    """
    text = text.strip()
    if not text or any(ch.isspace() for ch in text):
        return None
    if "://" not in text[:12]:
        text = "https://" + text.removeprefix("//")
    try:
        parsed = can_ada.parse(text)
    except ValueError:
        return None
    if parsed.protocol not in {"http:", "https:"} or parsed.username or parsed.password:
        return None
    host = parsed.hostname.rstrip(".")
    site = registrable_domain(host)
    if site is None:
        return None
    return WebAddress(
        url=parsed.href.split("#", 1)[0],
        key=_page_key(host, parsed.port, parsed.pathname, parsed.search),
        host=host,
        site=site,
    )


def page_key(url: str) -> str | None:
    """Return the key under which one page is known, or None for no web address."""
    address = parse_address(url)
    return address.key if address else None


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str | None:
    """Return the registrable domain of a host in ASCII form, None for IPs and bare suffixes.

    Source: publicsuffix.org with private suffixes, as bundled in publicsuffixlist.
    """
    host = host.strip(".").lower()
    if not host or ":" in host or host.replace(".", "").isdigit() or "." not in host:
        return None
    domain = _SUFFIXES.privatesuffix(host)
    return str(domain) if domain else None


def parse_domain(text: str) -> str | None:
    """Return the registrable domain named by a bare domain, a host or a URL; None for neither."""
    address = parse_address(text)
    return address.site if address else None


def _page_key(host: str, port: str, path: str, search: str) -> str:
    host = host.removeprefix("www.")
    if port:
        host = f"{host}:{port}"
    query = ""
    if len(search) > 1:
        kept = sorted(part for part in search[1:].split("&") if part and not _is_tracking(part))
        query = "?" + "&".join(kept) if kept else ""
    return host + (path.rstrip("/") if path != "/" else "") + query


def _is_tracking(parameter: str) -> bool:
    name = parameter.split("=", 1)[0].lower()
    return name.startswith("utm_") or name in TRACKING_PARAMETERS
