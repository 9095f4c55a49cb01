"""Where on its page a link sits, by names, text density and neighbours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from outreach.ports.pages import Placement
from outreach.reading.main_text import main_block
from outreach.reading.names import Part, part_of

if TYPE_CHECKING:
    from outreach.reading.blocks import Block, Layout, RawLink

_PLACEMENT_OF = {
    Part.COMMENT: Placement.COMMENT,
    Part.FOOTER: Placement.FOOTER,
    Part.NAVIGATION: Placement.NAVIGATION,
    Part.SIDEBAR: Placement.SIDEBAR,
    Part.AUTHOR_BIO: Placement.AUTHOR_BIO,
    Part.ADVERTISEMENT: Placement.ADVERTISEMENT,
    Part.RELATED: Placement.RELATED,
    Part.META: Placement.OTHER,
}
_TEXT_TAGS = frozenset({"p", "blockquote", "h2", "h3", "h4", "figure", "figcaption", "dd", "pre"})
_CREDIT = re.compile(
    r"\b(?:photo(?:graph)?s?|images?|picture|credits?|source|quelle|foto|bild|illustration)"
    r"\s*(?:by|:|©)|shutterstock|getty images|unsplash|wikimedia commons|creative commons",
    re.IGNORECASE,
)
_PROMO = re.compile(
    r"\b(?:subscribe|sign up|newsletter|follow (?:us|me)|join (?:us|our)|download (?:the|our) app|"
    r"read more|read also|see also|click here to)\b",
    re.IGNORECASE,
)
_BIO = re.compile(
    r"\bis (?:an?|the) [^.]{0,80}\b(?:writer|founder|co-founder|editor|author|journalist|reporter|"
    r"blogger|consultant|ceo|marketer|freelancer|strategist|director)\b|about the author|"
    r"guest post by|(?:written|posted) by\b",
    re.IGNORECASE,
)
_SHARE_THAT_NEVER_COUNTS = 0.5
_TEXT_PAGE = 300
_BIO_SCANNED = 1_000
_LINK_LIST = 3


class Placer:
    """Judges the links of one page."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.main = main_block(layout)
        self._most = layout.root.total_free * _SHARE_THAT_NEVER_COUNTS
        self._bios: dict[Block, bool] = {}
        self._lists: dict[Block, Placement | None] = {}
        self._parts: dict[Block, Part | None] = {}
        self._is_text_page = self.main.total_free > _TEXT_PAGE

    def place(self, link: RawLink) -> Placement:
        """Return where the link sits; the nearest telling ancestor decides, then the text."""
        block = link.block
        part = self.part(block)
        if part is not None:
            return _PLACEMENT_OF[part]
        if self.main.holds(block):
            return self._in_main_text(link)
        if block.total_free >= 120 and block.link_density < 0.4:
            return Placement.EDITORIAL
        return Placement.OTHER

    def part(self, block: Block) -> Part | None:
        """Return the part of the page around a block, None in the open text."""
        chain = []
        part: Part | None = None
        for ancestor in block.outward():
            if ancestor in self._parts:
                part = self._parts[ancestor]
                break
            chain.append(ancestor)
        for ancestor in reversed(chain):
            part = self._parts[ancestor] = self._nearer(part, ancestor)
        return part

    def is_main(self, block: Block) -> bool:
        """Whether the block belongs to the main text."""
        return self.main.holds(block) and self.part(block) is None

    def _nearer(self, outer: Part | None, block: Block) -> Part | None:
        own = part_of(block.tag, block.names)
        if own is None or block.parent is None or block.total_free > self._most:
            return outer
        if own is Part.META and block.total_text > 400:
            return outer
        if own is Part.AUTHOR_BIO and block.total_text < 60:
            own = Part.META
        if outer is Part.COMMENT and own is not Part.SIDEBAR:
            return outer
        return own

    def _in_main_text(self, link: RawLink) -> Placement:
        block = link.block
        if (aside := self._small_print(block)) is not None:
            return aside
        item = _list_item(block)
        if item is not None and item.own_free < 80 and (placed := self._in_list(item)):
            return placed
        if block.own_free >= 15 or (block.tag in _TEXT_TAGS and self._is_text_page):
            return Placement.EDITORIAL
        return self._bare(block)

    def _small_print(self, block: Block) -> Placement | None:
        """Recognise picture credits, calls to subscribe and "about the author" by their words."""
        if block.total_text < 160 and _CREDIT.search(block.text):
            return Placement.OTHER
        if block.total_text < 140 and block.link_density > 0.45 and _PROMO.search(block.text):
            return Placement.RELATED
        if self._is_near_the_end(block) and self._is_bio(block):
            return Placement.AUTHOR_BIO
        return None

    def _in_list(self, item: Block) -> Placement | None:
        """Judge an item by its list; None when that is no list of links."""
        if item.parent is None:
            return None
        if item.parent not in self._lists:
            self._lists[item.parent] = self._judge_list(item.parent, item.tag)
        return self._lists[item.parent]

    def _judge_list(self, parent: Block, tag: str) -> Placement | None:
        items = [child for child in self._layout.children(parent) if child.tag == tag]
        linked = sum(1 for item in items if item.total_text > item.total_free)
        if len(items) < _LINK_LIST or linked < 0.7 * len(items):
            return None
        text = sum(item.total_text for item in items)
        density = 1 - sum(item.total_free for item in items) / text if text else 1.0
        if density < 0.25:
            return None
        is_resource = density <= 0.85 or (self._is_text_page and not parent.names)
        return Placement.RESOURCE_LIST if is_resource else Placement.RELATED

    def _bare(self, block: Block) -> Placement:
        density = (block.parent or block).link_density
        if density < 0.35:
            return Placement.EDITORIAL
        return Placement.RELATED if density > 0.6 else Placement.OTHER

    def _is_bio(self, block: Block) -> bool:
        if block not in self._bios:
            self._bios[block] = _BIO.search(block.text[:_BIO_SCANNED]) is not None
        return self._bios[block]

    def _is_near_the_end(self, block: Block) -> bool:
        return block.start > self.main.start + 0.7 * self.main.total_free


def _list_item(block: Block) -> Block | None:
    for ancestor, _ in zip(block.outward(), range(3), strict=False):
        if ancestor.tag in ("li", "dd", "dt"):
            return ancestor
    return None
