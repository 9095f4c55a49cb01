"""A guard before parsing: refuse markup on which an HTML parser's work grows with the square.

Two shapes do that, and a parse cannot be interrupted. Every block start looks up the whole stack
of open elements (80,000 nested divs, 400 kB, took 6 s), and every block rebuilds all formatting
elements left open (2,000 times `<b id=…><p>`, 27 kB, took 730 MB). Real pages come nowhere near.
"""

from __future__ import annotations

import re
from collections import Counter

# Fewer tags than this cannot do harm, whatever their order: at worst 0.2 s and 120 MB.
_HARMLESS_TAGS = 1_500
_MAX_LOOK_UPS = 50_000_000
_MAX_REBUILT = 500_000

# Tags as the HTML standard's tokenizer cuts them; possessive throughout, so one pass is linear.
_TAG = re.compile(
    rb"""<!--(?:-?>|.*?(?:--!?>|\Z))
    |<(/?)([a-zA-Z][^\s/>]*+)
      (?:[\s/]++
        |(?:=[^\s/>=]*+|[^\s/>=]++)(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+
      )*+(?:>|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_RAW_TEXT = re.compile(
    rb"<(script|style|textarea|title|xmp|iframe|noembed|noframes)\b.*?(?:</\1|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_FORMATTING = frozenset(
    b"b big code em font i s small strike strong tt u".split()  # a and nobr close each other
)
_FORMATTING_START = re.compile(
    rb"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)[\s/>]", re.IGNORECASE
)
# Elements that never stay open: void ones, and those whose end tag may be left out.
_SELF_ENDING = frozenset(
    b"area base br col embed hr img input link meta param source track wbr "
    b"p li dd dt option optgroup tr td th tbody thead tfoot colgroup rt rp a nobr "
    b"html head body path circle rect line polygon polyline ellipse use stop".split()
)


class Unreadable(Exception):
    """The page cannot be read safely; the message says why."""


def check_shape(html: bytes) -> None:
    """Refuse a page that would take the parser far more than its size.

    Raises:
        Unreadable: when its open elements or open formatting pile up.
    """
    tags = html.count(b"<")
    if tags <= _HARMLESS_TAGS:
        return
    # Bounds that hold for any order of the tags spare most pages the exact count.
    few = len(_FORMATTING_START.findall(html)) * tags <= _MAX_REBUILT
    if few and tags * tags // 2 <= _MAX_LOOK_UPS:
        return
    look_ups, rebuilt = _count_work(html)
    if look_ups > _MAX_LOOK_UPS:
        raise Unreadable("its elements are nested too deeply")
    if rebuilt > _MAX_REBUILT:
        raise Unreadable("its formatting is left open too often")


def _count_work(html: bytes) -> tuple[int, int]:
    """Return how often the parser would look up an open element, and rebuild open formatting."""
    open_now: Counter[bytes] = Counter()
    depth = formatting = look_ups = rebuilt = 0
    for closing, raw_name in _TAG.findall(_RAW_TEXT.sub(b"", html)):
        name = raw_name.lower()
        if not name:
            continue
        if closing:
            if open_now[name]:
                open_now[name] -= 1
                depth -= 1
                formatting -= name in _FORMATTING
            continue
        if name not in _SELF_ENDING:
            open_now[name] += 1
            depth += 1
            formatting += name in _FORMATTING
        look_ups += depth
        rebuilt += formatting
    return look_ups, rebuilt
