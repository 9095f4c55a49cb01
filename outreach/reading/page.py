"""Reading a page: bytes and headers in, facts out. Pure; the caller limits the size."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from outreach.ports.pages import PageFacts
from outreach.reading.addresses import addresses_of
from outreach.reading.blocks import Layout, lay_out
from outreach.reading.charset import to_utf8
from outreach.reading.head import read_head
from outreach.reading.links import links_of
from outreach.reading.placement import Placer
from outreach.reading.resolve import Base
from outreach.reading.shape import Unreadable, check_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_TEXT = 20_000
_KEPT = (
    "content-type content-language content-length date etag last-modified location retry-after "
    "server x-robots-tag cf-mitigated link"
)
_KEPT_HEADERS = frozenset(_KEPT.split())
_MAX_HEADER = 500


def read(
    body: bytes,
    *,
    url: str,
    final_url: str,
    status: int,
    headers: Sequence[tuple[str, str]] = (),
    is_truncated: bool = False,
) -> PageFacts:
    """Read a page.

    Raises:
        Unreadable: when its markup is of a shape that cannot be read safely.
    """
    html = to_utf8(body, _header(headers, "content-type"))
    check_shape(html)
    tree = LexborHTMLParser(html)
    x_robots = [value for name, value in headers if name.lower() == "x-robots-tag"]
    head = read_head(tree, x_robots)
    base = Base(final_url, head.base)
    if tree.body is None:
        raise Unreadable("it has no body")
    layout = lay_out(tree.body)
    placer = Placer(layout)
    return PageFacts(
        url=url,
        final_url=final_url,
        status=status,
        title=head.title,
        description=head.description,
        site_name=head.site_name,
        canonical=base.resolve(head.canonical),
        language=head.language,
        author=head.author,
        headings=head.headings,
        text=_main_text(layout, placer),
        links=links_of(layout, placer, base, head.robots),
        addresses=addresses_of(tree, layout),
        is_indexable=head.robots.is_indexable,
        is_followable=head.robots.is_followable,
        etag=_header(headers, "etag"),
        last_modified=_header(headers, "last-modified"),
        sha256=hashlib.sha256(body).hexdigest(),
        body=body,
        is_truncated=is_truncated or not layout.is_whole,
        headers=tuple((n, v[:_MAX_HEADER]) for n, v in headers if n.lower() in _KEPT_HEADERS),
    )


def _header(headers: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _main_text(layout: Layout, placer: Placer) -> str:
    """Join the blocks of the main text, or of the whole page when none stands out."""
    main = [block for block in layout.blocks if block.own_free and placer.is_main(block)]
    parts, size = [], 0
    for block in main or [block for block in layout.blocks if block.own_free]:
        if text := block.text:
            parts.append(text)
            size += len(text) + 1
        if size > _MAX_TEXT:
            break
    return "\n".join(parts)[:_MAX_TEXT]
