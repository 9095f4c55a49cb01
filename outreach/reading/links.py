"""The links of a page, each with its rel, anchor, place and the words around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from outreach.ports.pages import LinkOnPage
from outreach.reading.head import tidy
from outreach.reading.hidden import Curtain
from outreach.reading.rel import RobotsDirectives, effective_rel

if TYPE_CHECKING:
    from outreach.reading.blocks import Layout, RawLink
    from outreach.reading.placement import Placer
    from outreach.reading.resolve import Base

_MAX_ANCHOR = 300
_MAX_CONTEXT = 300
_PIECES_AROUND = 40
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)]?\s")


def links_of(
    layout: Layout, placer: Placer, base: Base, robots: RobotsDirectives
) -> tuple[LinkOnPage, ...]:
    """Describe every link to a page, in document order."""
    curtain = Curtain()
    found: list[LinkOnPage] = []
    for raw in layout.links:
        url = base.resolve(raw.href)
        if not url:
            continue
        raw_rel = raw.attributes.get("rel") or ""
        text = raw.text
        found.append(
            LinkOnPage(
                url=url,
                anchor=tidy(text or _anchor_without_text(raw), _MAX_ANCHOR),
                rel=effective_rel(raw_rel, robots),
                raw_rel=raw_rel[:_MAX_ANCHOR],
                placement=placer.place(raw),
                context=_context(raw, text),
                is_image=bool(raw.alts) and not text,
                is_hidden=curtain.hides_link(raw),
                position=len(found),
            )
        )
    return tuple(found)


def _anchor_without_text(raw: RawLink) -> str:
    alt = " ".join(alt for alt in raw.alts if alt.strip())
    return alt or raw.attributes.get("aria-label") or raw.attributes.get("title") or ""


def _context(raw: RawLink, text: str) -> str:
    """Return the sentence around the link, with its neighbours while they fit."""
    if raw.block.own_text <= len(text) + 1:
        return text[:_MAX_CONTEXT]  # the block is the link
    pieces, first = raw.block.pieces, raw.first_piece
    before = " ".join("".join(pieces[max(0, first - _PIECES_AROUND) : first]).split())
    after = " ".join("".join(pieces[first : first + _PIECES_AROUND]).split())
    if not after:  # the link wraps blocks of its own
        after = text
    whole = f"{before} {after}".strip()
    if len(whole) <= _MAX_CONTEXT:
        return whole
    room = max(0, _MAX_CONTEXT - len(text[:_MAX_CONTEXT]))
    start = _sentence_start(before, room // 2)
    left = before[start:]
    return f"{left} {after}".strip()[:_MAX_CONTEXT]


def _sentence_start(before: str, room: int) -> int:
    """Return where to begin so that at most `room` characters precede the link."""
    earliest = max(0, len(before) - room)
    if earliest == 0:
        return 0
    ends = [match.end() for match in _SENTENCE_END.finditer(before, earliest)]
    if ends:
        return ends[0] if len(ends) > 1 or ends[0] < len(before) else earliest
    space = before.find(" ", earliest)
    return space + 1 if space >= 0 else earliest
