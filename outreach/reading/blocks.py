"""One walk over the parsed page: its blocks, how much text each holds, and its links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.reading.names import raw_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p "
    "pre search section summary table tbody td tfoot th thead tr ul"
)
_BLOCK_TAGS = frozenset(_BLOCKS.split())
_UNSEEN = (
    "script style template noscript svg math iframe object textarea select head audio video "
    "canvas datalist -comment"
)
_SKIPPED_TAGS = frozenset(_UNSEEN.split())
_MAX_ELEMENTS = 60_000  # a page has some thousand; the rest of a monster is not walked
_MAX_LINKS = 5_000


class Block:
    """A block element: `own` numbers count its inline content, `total` ones all below it."""

    __slots__ = (
        "_attributes", "_names", "commas", "end", "index", "node", "own_free", "own_text", "parent",
        "pieces", "start", "tag", "total_free", "total_text",
    )  # fmt: skip

    def __init__(self, node: LexborNode, tag: str, parent: Block | None, index: int) -> None:
        self.node = node
        self.tag = tag
        self.parent = parent
        self.index = index  # in document order; the blocks below are index + 1 … end - 1
        self.end = index + 1
        self.start = 0  # non-link characters of the page before this block
        self.own_text = self.own_free = self.commas = 0  # free: not in links
        self.total_text = self.total_free = 0
        self.pieces: list[str] = []
        self._attributes: dict[str, str | None] | None = None
        self._names: str | None = None

    @property
    def attributes(self) -> dict[str, str | None]:
        """The element's attributes, taken from the parser once."""
        if self._attributes is None:
            self._attributes = self.node.attributes
        return self._attributes

    @property
    def names(self) -> str:
        """Class, id, role and itemprop as written."""
        if self._names is None:
            self._names = raw_names(self.attributes)
        return self._names

    @property
    def link_density(self) -> float:
        """Share of the text, nested blocks included, that is in links."""
        return 1 - self.total_free / self.total_text if self.total_text else 0.0

    @property
    def text(self) -> str:
        """Own inline text with white space collapsed."""
        return " ".join("".join(self.pieces).split())

    def holds(self, other: Block) -> bool:
        """Whether the other block is this one or lies below it."""
        return self.index <= other.index < self.end

    def outward(self) -> Iterator[Block]:
        """Yield this block and its ancestors, nearest first."""
        block: Block | None = self
        while block is not None:
            yield block
            block = block.parent


@dataclass(slots=True, eq=False)
class RawLink:
    """A link as met: where it stands and which pieces of its block are its text."""

    node: LexborNode
    attributes: dict[str, str | None]
    href: str
    block: Block
    first_piece: int
    texts: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Visible text with white space collapsed."""
        return " ".join("".join(self.texts).split())


@dataclass(slots=True)
class Layout:
    """A page's blocks in document order, and its links."""

    blocks: list[Block]
    links: list[RawLink]
    is_whole: bool = True

    @property
    def root(self) -> Block:
        """The body."""
        return self.blocks[0]

    def children(self, block: Block) -> list[Block]:
        """Return the blocks directly below a block."""
        found, index = [], block.index + 1
        while index < block.end:
            found.append(self.blocks[index])
            index = self.blocks[index].end
        return found


def lay_out(body: LexborNode) -> Layout:
    """Walk the body once, without recursion, and return its layout."""
    return _Walk(body).run()


class _Walk:
    def __init__(self, body: LexborNode) -> None:
        self.root = Block(body, "body", None, 0)
        self.layout = Layout([self.root], [])
        self.free = 0

    def run(self) -> Layout:
        block, link = self.root, None
        node = self.root.node.first_child
        stack: list[tuple[LexborNode | None, Block, RawLink | None]] = []
        left = _MAX_ELEMENTS
        while node is not None or stack:
            if node is None:
                node, block, link = stack.pop()
                continue
            tag = node.tag
            if tag == "-text":
                self._text(node.text_content or "", block, link)
                node = node.next
                continue
            after, here = node.next, (block, link)
            if tag and tag not in _SKIPPED_TAGS:
                block, link = self._enter(node, tag, block, link)
            stack.append((after, *here))
            node = None if tag in _SKIPPED_TAGS else node.first_child
            left -= 1
            if left <= 0:
                self.layout.is_whole = False
                break
        self._add_up()
        return self.layout

    def _text(self, raw: str, block: Block, link: RawLink | None) -> None:
        block.pieces.append(raw)
        if link is not None:
            link.texts.append(raw)
        size = len(raw.strip())
        if size:
            block.own_text += size + 1
            if link is None:
                block.own_free += size + 1
                block.commas += raw.count(",")
                self.free += size + 1

    def _enter(
        self, node: LexborNode, tag: str, block: Block, link: RawLink | None
    ) -> tuple[Block, RawLink | None]:
        """Take note of an element; return the block and link that what is below it belongs to."""
        if tag in _BLOCK_TAGS:
            inner = Block(node, tag, block, len(self.layout.blocks))
            inner.start = self.free
            self.layout.blocks.append(inner)
            block.pieces.append(" ")
            if link is not None:
                link.texts.append(" ")
            return inner, link
        if tag == "a":
            return block, self._link(node, block) or link
        if tag == "br":
            block.pieces.append(" ")
        elif tag == "img" and link is not None:
            link.alts.append(str(node.attributes.get("alt") or ""))
        return block, link

    def _link(self, node: LexborNode, block: Block) -> RawLink | None:
        attributes = node.attributes
        href = attributes.get("href")
        if href is None:
            return None
        if len(self.layout.links) >= _MAX_LINKS:
            self.layout.is_whole = False
            return None
        link = RawLink(node, attributes, href, block, len(block.pieces))
        self.layout.links.append(link)
        return link

    def _add_up(self) -> None:
        for block in reversed(self.layout.blocks):
            block.total_text += block.own_text
            block.total_free += block.own_free
            parent = block.parent
            if parent is not None:
                parent.total_text += block.total_text
                parent.total_free += block.total_free
                parent.end = max(parent.end, block.end)
