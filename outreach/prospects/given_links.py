"""Which other sites a page links to by choice: what its editor wrote, not its frame."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from outreach.core.urls import registrable_domain
from outreach.ports.pages import Placement

if TYPE_CHECKING:
    from outreach.ports.pages import PageFacts

_MOST = 50
_BY_CHOICE = frozenset({Placement.EDITORIAL, Placement.RESOURCE_LIST, Placement.AUTHOR_BIO})
# Places where everybody has a page: a link there says nothing about who is linked to.
_SHARED = frozenset(
    {
        "facebook.com", "twitter.com", "x.com", "instagram.com", "linkedin.com", "youtube.com",
        "youtu.be", "pinterest.com", "tiktok.com", "reddit.com", "whatsapp.com", "wa.me", "t.me",
        "telegram.me", "threads.net", "bsky.app", "tumblr.com", "vk.com", "xing.com",
        "snapchat.com", "flickr.com", "vimeo.com", "discord.com", "discord.gg", "t.co",
        "bit.ly", "goo.gl",
        "getpocket.com", "messenger.com", "apple.com", "google.com",
    }
)  # fmt: skip


def sites_linked_from(facts: PageFacts) -> tuple[str, ...]:
    """Return the registrable domains a page's own words link to, first named first, at most 50."""
    own = registrable_domain(_host(facts.final_url))
    found: dict[str, None] = {}
    for link in facts.links:
        if link.placement not in _BY_CHOICE or link.is_hidden:
            continue
        domain = registrable_domain(_host(link.url))
        if domain and domain != own and domain not in _SHARED:
            found[domain] = None
        if len(found) == _MOST:
            break
    return tuple(found)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
