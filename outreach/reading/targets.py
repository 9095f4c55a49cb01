"""Finding the links of a page that lead to given sites or pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.core.urls import parse_address

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from outreach.ports.pages import LinkOnPage


def find_links_to(
    links: Iterable[LinkOnPage],
    *,
    domains: Collection[str] = (),
    pages: Collection[str] = (),
) -> tuple[LinkOnPage, ...]:
    """Return the links to any of the registrable domains or page keys, in document order.

    The href itself is judged: a link through somebody's redirect is a link to that redirect.
    """
    wanted_domains, wanted_pages = frozenset(domains), frozenset(pages)
    found = []
    for link in links:
        address = parse_address(link.url)
        if address and (address.site in wanted_domains or address.key in wanted_pages):
            found.append(link)
    return tuple(found)
