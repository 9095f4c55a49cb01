"""Web addresses: one normal form, one key per page, one registrable domain per site."""

from __future__ import annotations

import re
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

# Hosts whose names below belong to many people but which the public suffix list leaves out.
SHARED_HOSTS = frozenset(
    {
        "bandcamp.com", "beehiiv.com", "blogg.se", "canalblog.com", "dreamwidth.org",
        "fandom.com", "ghost.io", "hashnode.dev", "home.blog", "jimdo.com", "jimdofree.com",
        "livejournal.com", "medium.com", "micro.blog", "mystrikingly.com", "neocities.org",
        "over-blog.com", "skyrock.com", "sourceforge.io", "squarespace.com", "strikingly.com",
        "substack.com", "tistory.com", "tumblr.com", "typepad.com", "weebly.com", "wikidot.com",
        "wordpress.com", "write.as",
    }
)  # fmt: skip

LONGEST_ADDRESS = 4_096  # characters; longer ones are never a page worth asking

_SUFFIXES = PublicSuffixList()  # private suffixes count: someone.github.io is its own site
_REGISTRIES = PublicSuffixList(only_icann=True)
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:[/\\]{2}", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")  # the parser would drop them and join what they part
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?\.)+[a-z0-9\-]{2,63}")
_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)


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
    domain are web addresses of other people's pages; IP literals and single labels are not, nor is
    an address that carries a user name. A space is escaped, as browsers do, only after a scheme:
    without one, words with spaces are a sentence.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_ADDRESS or _CONTROL.search(text):
        return None
    has_scheme = _SCHEME.match(text)
    if " " in text and (not has_scheme or " http" in text):  # words, or two addresses on a line
        return None
    try:
        parsed = can_ada.parse(text if has_scheme else "https://" + text.removeprefix("//"))
    except ValueError:
        return None
    if parsed.protocol not in {"http:", "https:"} or parsed.username or parsed.password:
        return None
    return _address(parsed)


def _address(parsed: can_ada.URL) -> WebAddress | None:
    host: str = parsed.hostname
    href: str = parsed.href
    if host.endswith("."):
        href = href.replace(host, host[:-1], 1)
        host = host[:-1]
    site = registrable_domain(host)
    if site is None or not _HOST.fullmatch(host) or len(host) > 253:
        return None
    return WebAddress(
        url=href.split("#", 1)[0],
        key=_page_key(host, site, parsed.port, parsed.pathname, parsed.search),
        host=host,
        site=site,
    )


def page_key(url: str) -> str | None:
    """Return the key under which one page is known, or None for no web address."""
    address = parse_address(url)
    return address.key if address else None


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str | None:
    """Return the registrable domain of a host in ASCII form, None for IPs and registries.

    Source: publicsuffix.org with private suffixes, as bundled in publicsuffixlist, and
    SHARED_HOSTS. A private suffix (github.io) stands for itself; a registry's (co.uk) for nobody.
    """
    host = host.strip(".").lower()
    if not host or ":" in host or host.replace(".", "").isdigit() or "." not in host:
        return None
    domain = _SUFFIXES.privatesuffix(host)
    if domain is None:
        # github.io is a suffix of other people's sites and also a site of its own
        return host if _REGISTRIES.privatesuffix(host) else None
    domain = str(domain)
    if domain in SHARED_HOSTS and host != domain:
        domain = f"{host.removesuffix('.' + domain).rsplit('.', 1)[-1]}.{domain}"
    bare = domain.removeprefix("www.")
    is_own_name = bare in SHARED_HOSTS or _SUFFIXES.privatesuffix(bare) is None
    if bare != domain and is_own_name and _REGISTRIES.privatesuffix(bare):
        return bare
    return domain


def parse_domain(text: str) -> str | None:
    """Return the registrable domain named by a bare domain, a host or a URL; None for neither."""
    address = parse_address(text)
    return address.site if address else None


def _page_key(host: str, site: str, port: str, path: str, search: str) -> str:
    if host != site:  # www.gov.uk is its own site: gov.uk is a suffix, not its other name
        host = host.removeprefix("www.")
    if port:
        host = f"{host}:{port}"
    query = ""
    if len(search) > 1:
        kept = sorted(part for part in search[1:].split("&") if part and not _is_tracking(part))
        query = "?" + "&".join(kept) if kept else ""
    key = host + path.rstrip("/") + query
    return _ESCAPE.sub(_one_spelling, key) if "%" in key else key


def _one_spelling(escape: re.Match[str]) -> str:
    upper = escape[0].upper()
    return "~" if upper == "%7E" else upper


def _is_tracking(parameter: str) -> bool:
    name = parameter.split("=", 1)[0].lower()
    return name.startswith("utm_") or name in TRACKING_PARAMETERS
