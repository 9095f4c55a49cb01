"""A guard before parsing: refuse markup on which an HTML parser's work grows with the square.

Three shapes do that, and a parse cannot be interrupted. Every block start looks up the whole stack
of open elements (80,000 nested divs, 400 kB, took 6 s), every block rebuilds all formatting
elements left open (2,000 times `<b id=…><p>`, 27 kB, took 730 MB), and every attribute is compared
with its element's others (6 MB of them took minutes). Real pages come nowhere near.
"""

from __future__ import annotations

import re

# A page this small cannot do harm, whatever its tags: at worst 0.3 s and 120 MB.
_HARMLESS_TAGS = 1_500
_HARMLESS_SIZE = 32 << 10
_QUICK_SIZE = 160 << 10  # beyond it, one element's attributes alone could take seconds
_MAX_LOOK_UPS = 50_000_000
_MAX_REBUILT = 90_000_000  # bytes
_ELEMENT_SIZE = 180  # what the parser keeps per element, beside its attributes
_MAX_ATTRIBUTES = 5_000
_LONG_TAG = 10_000

# Attributes as the HTML standard's tokenizer cuts them; possessive, so one pass is linear.
_ATTRIBUTE = (
    rb"""(?:=[^\s/>=]*+|[^\s/>=]++)"""
    rb"""(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+"""
)
_ATTRIBUTES = re.compile(_ATTRIBUTE, re.DOTALL)
_TAG = re.compile(
    rb"<!--(?:-?>|.*?(?:--!?>|\Z))"
    rb"|<(/?)([a-zA-Z][^\s/>]*+)((?:[\s/]++|" + _ATTRIBUTE + rb")*+)(?:>|\Z)",
    re.DOTALL,
)
_RAW_TEXT = re.compile(
    rb"<(script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])((?:[\s/]++|"
    + _ATTRIBUTE
    + rb")*+)(?:>.*?(?:</\1|\Z)|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_FORMATTING = frozenset(
    b"b big code em font i s small strike strong tt u".split()  # a and nobr close each other
)
_FORMATTING_START = re.compile(
    rb"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)(?=[\s/>])((?:[\s/]++|"
    + _ATTRIBUTE
    + rb")*+)",
    re.IGNORECASE | re.DOTALL,
)
# Elements that never stay open: void ones, and those whose end tag may be left out.
_SELF_ENDING = frozenset(
    b"area base br col embed hr img input link meta param source track wbr "
    b"p option optgroup tr td th tbody thead tfoot colgroup rt rp a nobr "
    b"html head body path circle rect line polygon polyline ellipse use stop".split()
)

_ITEMS = frozenset({b"li", b"dd", b"dt"})  # each ends an open one of its kind beside it


class Unreadable(Exception):
    """The page cannot be read safely; the message says why."""


def check_shape(html: bytes) -> None:
    """Refuse a page that would take the parser far more than its size.

    Raises:
        Unreadable: when open elements, open formatting or attributes pile up.
    """
    tags = html.count(b"<")
    if tags <= _HARMLESS_TAGS and len(html) <= _HARMLESS_SIZE:
        return
    if len(html) <= _QUICK_SIZE and tags * tags // 2 <= _MAX_LOOK_UPS:
        # A bound that holds for any order of the tags spares most pages the exact count.
        starts = _FORMATTING_START.findall(html)
        if tags * sum(_ELEMENT_SIZE + len(attributes) for attributes in starts) <= _MAX_REBUILT:
            return
    look_ups, rebuilt = _count_work(html)
    if look_ups > _MAX_LOOK_UPS:
        raise Unreadable("its elements are nested too deeply")
    if rebuilt > _MAX_REBUILT:
        raise Unreadable("its formatting is left open too often")


def _count_work(html: bytes) -> tuple[int, int]:
    """Return how many open elements the parser looks up, and how many bytes it builds again."""
    open_now: dict[bytes, list[int]] = {}
    latest = [b""]  # what was opened last, as far as it was closed in order
    depth = formatting = look_ups = rebuilt = 0
    for closing, raw_name, attributes in _TAG.findall(_RAW_TEXT.sub(_keep_start, html)):
        name = raw_name.lower()
        if closing:
            if sizes := open_now.get(name):
                formatting -= sizes.pop()
                depth -= 1
            if latest[-1] == name:
                latest.pop()
            continue
        if len(attributes) > _LONG_TAG:
            _check_attributes(attributes)
        ends_the_one_before = name in _ITEMS and latest[-1] == name
        if name and name not in _SELF_ENDING and not ends_the_one_before:
            latest.append(name)
            size = _ELEMENT_SIZE + len(attributes) if name in _FORMATTING else 0
            open_now.setdefault(name, []).append(size)
            formatting += size
            depth += 1
        look_ups += depth
        rebuilt += formatting
    return look_ups, rebuilt


def _keep_start(match: re.Match[bytes]) -> bytes:
    """Cut what a raw text element holds, not its own attributes."""
    return b"<br " + match[2] + b">"


def _check_attributes(attributes: bytes) -> None:
    """Refuse a tag with very many attributes: each is compared with all before it."""
    if len(_ATTRIBUTES.findall(attributes)) > _MAX_ATTRIBUTES:
        raise Unreadable("an element has too many attributes")
