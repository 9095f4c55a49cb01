"""What a page says about itself: title, description, language, author, robots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.reading.rel import RobotsDirectives, robots_directives

if TYPE_CHECKING:
    from collections.abc import Sequence

    from selectolax.lexbor import LexborHTMLParser

_MAX_TITLE = 500
_MAX_DESCRIPTION = 2_000
_MAX_NAME = 200
_MAX_HEADINGS = 40
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_ROBOTS_METAS = ("robots", "googlebot")


@dataclass(frozen=True, slots=True)
class Head:
    """A page's statements about itself; hrefs as written."""

    title: str
    description: str
    site_name: str
    canonical: str
    language: str
    author: str
    headings: tuple[str, ...]
    base: str
    robots: RobotsDirectives


def read_head(tree: LexborHTMLParser, x_robots: Sequence[str]) -> Head:
    """Collect the page's statements about itself."""
    metas = _metas(tree)
    robots = [text for name in _ROBOTS_METAS for text in metas.get(name, [])]
    headings = (tidy(node.text(), _MAX_NAME) for node in tree.css("h1,h2,h3")[:_MAX_HEADINGS])
    return Head(
        title=tidy(_title(tree), _MAX_TITLE) or _first(metas, "og:title", "twitter:title"),
        description=_first(
            metas, "description", "og:description", "twitter:description", limit=_MAX_DESCRIPTION
        ),
        site_name=_first(metas, "og:site_name", "application-name"),
        canonical=_attribute(tree, 'link[rel~="canonical" i][href]', "href"),
        language=_language(tree, metas),
        author=_author(tree, metas),
        headings=tuple(dict.fromkeys(text for text in headings if text)),
        base=_attribute(tree, "base[href]", "href"),
        robots=robots_directives(robots, x_robots),
    )


def tidy(text: str, limit: int) -> str:
    """Collapse white space and cut."""
    return " ".join(text[: limit * 4].split())[:limit]


def _metas(tree: LexborHTMLParser) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("name") or attributes.get("property") or attributes.get("http-equiv")
        if name and (content := attributes.get("content")):
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _first(metas: dict[str, list[str]], *names: str, limit: int = _MAX_TITLE) -> str:
    for name in names:
        for content in metas.get(name, []):
            if text := tidy(content, limit):
                return text
    return ""


def _title(tree: LexborHTMLParser) -> str:
    # A drawing has titles too; a misplaced one in the body still counts for browsers.
    for selector in ("head > title", "body > title"):
        if (node := tree.css_first(selector)) is not None:
            return str(node.text())
    return ""


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str:
    node = tree.css_first(selector)
    return (node.attributes.get(name) or "").strip() if node is not None else ""


def _language(tree: LexborHTMLParser, metas: dict[str, list[str]]) -> str:
    candidates = [
        _attribute(tree, "html[lang]", "lang"),
        _first(metas, "content-language"),
        _first(metas, "og:locale"),
    ]
    for candidate in candidates:
        primary = candidate.lower().replace("_", "-").split("-", 1)[0].strip()
        if _LANGUAGE.fullmatch(primary):
            return primary
    return ""


def _author(tree: LexborHTMLParser, metas: dict[str, list[str]]) -> str:
    named = _first(metas, "author", "article:author", "parsely-author", "dc.creator")
    if named and "://" not in named:
        return named[:_MAX_NAME]
    for selector in ('[rel~="author"]', '[itemprop~="author"]'):
        node = tree.css_first(selector)
        if node is not None and (text := tidy(node.text(), _MAX_NAME)):
            return text if len(text) <= 80 else ""
    return ""
