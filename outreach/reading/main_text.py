"""Which element holds the main text: paragraphs vote for their ancestors.

The figures are the project's own, tuned on the development half of 266 labelled pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.reading.names import main_factor

if TYPE_CHECKING:
    from outreach.reading.blocks import Block, Layout

_WEIGHTS = (1.0, 0.5, 0.33, 0.17, 0.1)
_MIN_TEXT = 25
_MIN_FREE = 20
_CLIMB_SHARE = 0.35
_CLIMB_SLACK = 50
_CLIMB_LINKS = 0.3  # as much more text in links is a page's frame, not its text


def main_block(layout: Layout) -> Block:
    """Return the block that holds the main text, the body when nothing stands out."""
    scores: dict[Block, float] = {}
    for block in layout.blocks:
        if block.own_text >= _MIN_TEXT and block.own_free >= _MIN_FREE:
            _vote(block, scores)
    best, best_score = layout.root, 0.0
    for block, score in scores.items():
        total = score * main_factor(block.tag, block.names) * (1 - block.link_density)
        if total > best_score:
            best, best_score = block, total
    return _climb(best)


def _vote(block: Block, scores: dict[Block, float]) -> None:
    score = 1 + min(block.own_free / 100, 3.0) + 0.3 * min(block.commas, 6)
    if block.tag == "li":
        score *= 0.6
    ancestor = block.parent or block
    for weight in _WEIGHTS:
        scores[ancestor] = scores.get(ancestor, 0.0) + score * weight
        if ancestor.parent is None:
            return
        ancestor = ancestor.parent


def _climb(block: Block) -> Block:
    """Take in a parent that adds little, so that a heading or a lone paragraph is not lost."""
    while (parent := block.parent) is not None:
        added_free = parent.total_free - block.total_free
        added_links = parent.total_text - block.total_text - added_free
        if added_free >= _CLIMB_SHARE * block.total_free + _CLIMB_SLACK:
            break
        if added_links > _CLIMB_LINKS * added_free + _CLIMB_SLACK:
            break
        block = parent
    return block
