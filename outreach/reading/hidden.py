"""Whether an element is kept from the eye by its own inline style.

Only a flag: tabs and menus are hidden too. Style sheets are not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.reading.blocks import Block, RawLink

_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)"
    r"|(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}"
    r"|font-size\s*:\s*0(?![.\d])|(?:^|[;\s])(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_MAX_STYLE = 1_000
_INLINE_STEPS = 6


class Curtain:
    """Remembers which blocks of one page are hidden."""

    def __init__(self) -> None:
        self._known: dict[Block, bool] = {}

    def hides(self, block: Block) -> bool:
        """Whether the block or one around it is hidden."""
        chain, hidden = [], False
        for ancestor in block.outward():
            if ancestor in self._known:
                hidden = self._known[ancestor]
                break
            chain.append(ancestor)
        for ancestor in reversed(chain):
            hidden = self._known[ancestor] = hidden or _is_hidden(ancestor.attributes)
        return hidden

    def hides_link(self, link: RawLink) -> bool:
        """Whether the link, an inline element around it, or its block is hidden."""
        if _is_hidden(link.attributes):
            return True
        node = link.node.parent
        for _ in range(_INLINE_STEPS):
            if node is None or node.mem_id == link.block.node.mem_id:
                break
            if _is_hidden(node.attributes):
                return True
            node = node.parent
        return self.hides(link.block)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    return bool(style) and _HIDING.search(str(style)[:_MAX_STYLE]) is not None
