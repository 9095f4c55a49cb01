"""The HTML part of a mail, made from its text: the same words, paragraphs and links, no more."""

from __future__ import annotations

import re
from html import escape

_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)’”'\]]")
_PARAGRAPH = re.compile(r"\n{2,}")


def html_of(text: str) -> str:
    """Return a text as HTML that says exactly the same, its web addresses clickable."""
    paragraphs = _PARAGRAPH.split(text.replace("\r\n", "\n").strip())
    body = "\n".join(f"<p>{_lines(paragraph)}</p>" for paragraph in paragraphs)
    return f"<!DOCTYPE html>\n<html>\n<body>\n{body}\n</body>\n</html>\n"


def _lines(paragraph: str) -> str:
    return "<br>\n".join(_linked(line) for line in paragraph.split("\n"))


def _linked(line: str) -> str:
    parts, end = [], 0
    for found in _URL.finditer(line):
        address = escape(found[0])
        parts.append(escape(line[end : found.start()]))
        parts.append(f'<a href="{address}">{address}</a>')
        end = found.end()
    return "".join([*parts, escape(line[end:])])
