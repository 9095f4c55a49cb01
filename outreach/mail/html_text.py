"""Turns the HTML of a mail into readable text, quoted history left out where it is marked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, LexborNode

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_HTML = 256 * 1024
# The parser walks the stack of open elements for every new one: quadratic in depth. Mail that
# people write stays below 150.
MAX_DEPTH = 1_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_NEVER_DEEP = frozenset(
    {
        "area", "base", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta",
        "option", "p", "source", "td", "th", "tr", "wbr",
    }
)  # fmt: skip

_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre",
        "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
_UNSEEN = "script, style, head, title, template, noscript, object, svg, math"
# How mail programs mark the mail they answer; sources: the HTML they write.
_QUOTES = (
    "blockquote[type=cite], .gmail_quote, .gmail_extra, .yahoo_quoted, .moz-cite-prefix, "
    ".moz-signature, .gmail_signature, .protonmail_quote, .zmail_extra, .tutanota_quote, "
    "#appendonsend, #divRplyFwdMsg, #isForwardContent, #OLK_SRC_BODY_SECTION, #reply-intro, "
    "#yahoo_quoted, .WordSection1 > div[style*='border-top:solid'], "
    "div[style*='border:none;border-top:solid']"
)
# Everything after one of these is history, too.
_CUTS = (
    "#appendonsend, #divRplyFwdMsg, #stopSpelling, "
    "div[style*='border:none;border-top:solid'], div[style*='border-top:solid #']"
)


def html_to_text(html: str, *, without_quotes: bool = False) -> str:
    """Return what a person would read, one line per block."""
    html = html[:MAX_HTML]
    if _depth(html) > MAX_DEPTH:
        return _tidy(re.sub(r"<[^<>]*>", " ", html))
    tree = LexborHTMLParser(html)
    root = tree.body or tree.root
    if root is None:
        return ""
    unseen = _UNSEEN
    if without_quotes:
        _cut_after_marks(tree)
        unseen = f"{_UNSEEN}, {_QUOTES}"
    for node in tree.css(unseen):
        node.decompose()
    return _tidy("".join(_words_of(root)))


def _words_of(root: LexborNode) -> Iterator[str]:
    """Yield the text in order, with a line end wherever a block begins or has ended."""
    for node in root.traverse(include_text=True):
        tag = node.tag or ""
        if tag == "br" or tag in _BLOCKS or (node.prev is not None and node.prev.tag in _BLOCKS):
            yield "\n"
        if tag == "-text":
            yield re.sub(r"\s+", " ", node.text_content or "")
        elif tag in {"td", "th"}:
            yield " "


def _depth(html: str) -> int:
    """Return about how deep elements are nested."""
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() not in _NEVER_DEEP:
            depth += -1 if tag[1] else 1
            deepest = max(deepest, depth)
    return deepest


def _cut_after_marks(tree: LexborHTMLParser) -> None:
    """Remove what follows the mark that begins the answered mail, and the mark."""
    mark = tree.css_first(_CUTS)
    if mark is None:
        return
    node: LexborNode | None = mark
    while node is not None and node.tag not in {"body", "html"}:
        later = node.next
        while later is not None:
            following = later.next
            later.decompose()
            later = following
        node = node.parent
    mark.decompose()


def _tidy(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
