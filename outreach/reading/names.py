"""What an element's names (tag, class, id, role, itemprop) say about the part of the page it is."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache


class Part(Enum):
    """A part of a page that decides where a link in it sits."""

    COMMENT = "comment"
    FOOTER = "footer"
    NAVIGATION = "navigation"
    SIDEBAR = "sidebar"
    AUTHOR_BIO = "author bio"
    ADVERTISEMENT = "advertisement"
    RELATED = "related"
    META = "meta"


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{text})(?![a-z])")


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS = (
    (
        Part.COMMENT,
        _words(
            "comments?|commentlist|commentary list|disqus|replies|respond|discussion|trackbacks?|"
            "pingbacks?"
        ),
    ),
    (Part.FOOTER, _words("footer|contentinfo|colophon|copyright|siteinfo|site info|foot")),
    (
        Part.NAVIGATION,
        _words(
            "nav|navbar|navigation|menu|breadcrumbs?|pagination|pager|toolbar|masthead|topbar|"
            "site header|page header|banner|search|skip link|toc|language switcher"
        ),
    ),
    (
        Part.SIDEBAR,
        _words("sidebar|side bar|complementary|widget|widgets|rail|blogroll|secondary|aside"),
    ),
    (
        Part.AUTHOR_BIO,
        _words(
            "bio|author bio|author box|authorbox|author info|author card|about author|"
            "about the author|author profile|author description|vcard|contributor"
        ),
    ),
    (
        Part.ADVERTISEMENT,
        _words(
            "ads?|advert|adverts|advertisement|advertising|adsense|adsbygoogle|dfp|sponsored|"
            "sponsor|sponsors|outbrain|taboola|affiliate disclosure"
        ),
    ),
    (
        Part.RELATED,
        _words(
            "related|recommended|recommendations?|recirc|more|popular|trending|most read|"
            "newsletter|subscribe|signup|social|share|sharing|sharedaddy|tags?|tag list|"
            "categories|promo|read next|see also|also like|latest|further reading list|"
            "follow us|cookies?|consent|gdpr"
        ),
    ),
    (
        Part.META,
        _words("byline|meta|dateline|posted on|entry info|post info|author|timestamp|credits?"),
    ),
)
# A sidebar's list of the latest comments holds none itself.
_COMMENT_LIST = _words("(?:recent|latest) comments|widget|sidebar")
_CONTENT = _words(
    "content|article|post|entry|story|body|main|text|article body|entry content|post content|"
    "story body"
)
_MAIN = _words(
    "article body|main|mw parser output|entry content|post content|post body|embed|tweet"
)
_BAD_FOR_MAIN = (Part.FOOTER, Part.NAVIGATION, Part.SIDEBAR, Part.COMMENT)
_KEYS = ("class", "role", "itemprop")
_MAX_NAMES = 300
_TITLE_HYPHENS = 3
# Classes about the topic or the look of what is inside, as blog software writes them.
_TOPIC = re.compile(r"(?:tag|category|has|no|with|without|hide|show|format|type|status)[-_]|hentry")
_TAG_PARTS = {
    "footer": Part.FOOTER,
    "nav": Part.NAVIGATION,
    "header": Part.NAVIGATION,
    "form": Part.NAVIGATION,
    "aside": Part.SIDEBAR,
    "menu": Part.NAVIGATION,
}


def raw_names(attributes: dict[str, str | None]) -> str:
    """Return class, id, role and itemprop as written, marked by kind; "" when it has none."""
    parts = [str(value) for key in _KEYS if (value := attributes.get(key))]
    identifier = attributes.get("id")
    # The id of a section made from its title tells what it is about, not what it is.
    if identifier and identifier.count("-") + identifier.count("_") < _TITLE_HYPHENS:
        parts.append(str(identifier))
    return " ".join(parts)[:_MAX_NAMES]


@lru_cache(maxsize=8_192)
def names_of(raw: str) -> str:
    """Return names as lower-case words, camelCase taken apart, without words about the topic."""
    words = [word for word in raw.split() if not _TOPIC.match(word)]
    return _CAMEL.sub(" ", " ".join(words)).lower().replace("-", " ").replace("_", " ")


@lru_cache(maxsize=8_192)
def part_of(tag: str, raw: str) -> Part | None:
    """Return the part of the page that an element by itself declares, None for none."""
    names = names_of(raw)
    if names and not _MAIN.search(names):
        for part, pattern in _PARTS:
            if pattern.search(names):
                is_list = part is Part.COMMENT and _COMMENT_LIST.search(names)
                return Part.SIDEBAR if is_list else part
    return _TAG_PARTS.get(tag)


@lru_cache(maxsize=8_192)
def main_factor(tag: str, raw: str) -> float:
    """How much more or less likely the names make this element the main text's container."""
    names = names_of(raw)
    factor = 1.0
    if tag in ("article", "main") or _MAIN.search(names):
        factor *= 1.35
    if _CONTENT.search(names):
        factor *= 1.2
    if part_of(tag, raw) in _BAD_FOR_MAIN:
        factor *= 0.25
    return factor
