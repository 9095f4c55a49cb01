"""The e-mail addresses a page shows: in mailto links, in its text, or simply disguised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from outreach.core.urls import registrable_domain
from outreach.ports.pages import FoundAddress
from outreach.reading.head import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborHTMLParser

    from outreach.reading.blocks import Layout

_MAX_FOUND = 50
_MAX_SCANNED = 20_000  # characters of one block
_AROUND = 80
_LOCAL = r"[a-z0-9][a-z0-9._%+'-]{0,63}"
_HOST = r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,24}"
_PLAIN = re.compile(rf"(?<![a-z0-9._%+'@/-]){_LOCAL}@{_HOST}(?![a-z0-9@-])", re.IGNORECASE)
_AT = r"\s?[\[({<]\s?(?:at|@|ät|arroba)\s?[\])}>]\s?"
_DOT = r"\s?[\[({<]\s?(?:dot|punkt|punto|point|\.)\s?[\])}>]\s?"
_LABEL = r"[a-z0-9-]{1,63}"
_BRACKETED = re.compile(
    rf"(?<![a-z0-9._%+'-])({_LOCAL}){_AT}({_LABEL}(?:(?:\.|{_DOT}|\sdot\s){_LABEL}){{1,4}})"
    r"(?![a-z0-9@-])",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    rf"(?<![a-z0-9._%+'-])({_LOCAL}) at ({_LABEL}(?: dot {_LABEL}){{1,4}})(?![a-z0-9@-])",
    re.IGNORECASE,
)
_DOT_WORD = re.compile(rf"{_DOT}|\sdot\s", re.IGNORECASE)
_HINT = re.compile(r"@|[\[({<]\s?(?:at|ät|arroba)\s?[\])}>]| dot ", re.IGNORECASE)
_FILE_ENDINGS = frozenset({"png", "jpg", "jpeg", "gif", "webp", "svg", "avif", "css", "js", "ico"})
_COMMON_ENDINGS = frozenset({"com", "org", "net", "edu", "gov", "info", "dev", "app", "blog"})
_PLACEHOLDERS = frozenset(
    {"example.com", "example.org", "example.net", "domain.com", "yourdomain.com", "email.com"}
)
_PLACEHOLDER_NAMES = frozenset({"you", "your", "yourname", "your.name", "name", "user", "username"})


def addresses_of(tree: LexborHTMLParser, layout: Layout) -> tuple[FoundAddress, ...]:
    """Return each address once, the plainest showing first."""
    found: dict[str, FoundAddress] = {}
    for source in (_in_links(layout), _in_text(layout), _protected(tree)):
        for address in source:
            found.setdefault(address.address, address)
            if len(found) >= _MAX_FOUND:
                return tuple(found.values())
    return tuple(found.values())


def _in_links(layout: Layout) -> Iterator[FoundAddress]:
    for link in layout.links:
        if link.href[:8].strip().lower().startswith("mailto:"):
            target = unquote(link.href.strip()[7:].split("?", 1)[0])
            for part in target.split(",")[:5]:
                if (match := _PLAIN.fullmatch(part.strip())) and _is_plausible(match[0]):
                    yield FoundAddress(match[0].lower(), "mailto", tidy(link.block.text, 200))


def _in_text(layout: Layout) -> Iterator[FoundAddress]:
    for block in layout.blocks:
        if block.own_text < 6:
            continue
        text = "".join(block.pieces)[:_MAX_SCANNED]
        if not _HINT.search(text):
            continue
        text = " ".join(text.split())
        for match in _PLAIN.finditer(text):
            if _is_plausible(match[0]):
                yield FoundAddress(match[0].lower(), "text", _around(text, match))
        yield from _disguised(text)


def _disguised(text: str) -> Iterator[FoundAddress]:
    for pattern in (_BRACKETED, _SPOKEN):
        for match in pattern.finditer(text):
            address = f"{match[1]}@{_DOT_WORD.sub('.', match[2])}".lower()
            is_known = pattern is _BRACKETED or _has_common_ending(address)
            if is_known and _PLAIN.fullmatch(address) and _is_plausible(address):
                yield FoundAddress(address, "obfuscated", _around(text, match))


def _protected(tree: LexborHTMLParser) -> Iterator[FoundAddress]:
    """Read the addresses that Cloudflare's e-mail protection shows to browsers.

    The first byte of the hex text is the key that the others are XORed with.
    """
    for node in tree.css("[data-cfemail]")[:_MAX_FOUND]:
        try:
            code = bytes.fromhex(node.attributes.get("data-cfemail") or "")
        except ValueError:
            continue
        if not code:
            continue
        address = "".join(chr(byte ^ code[0]) for byte in code[1:]).lower()
        if _PLAIN.fullmatch(address) and _is_plausible(address):
            yield FoundAddress(address, "obfuscated", "")


def _is_plausible(address: str) -> bool:
    name, _, host = address.lower().rpartition("@")
    if host.rsplit(".", 1)[-1] in _FILE_ENDINGS or host in _PLACEHOLDERS or ".." in address:
        return False
    return (
        name not in _PLACEHOLDER_NAMES
        and not name.endswith(".")
        and registrable_domain(host) is not None
    )


def _has_common_ending(address: str) -> bool:
    """Whether words that might be mere prose end like an address of today."""
    ending = address.rsplit(".", 1)[-1]
    return len(ending) == 2 or ending in _COMMON_ENDINGS


def _around(text: str, match: re.Match[str]) -> str:
    start = max(0, match.start() - _AROUND)
    return text[start : match.end() + _AROUND].strip()[:200]
