"""Add the page a person is looking at, and say what is known of its site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.core.urls import parse_address
from outreach.desk.collisions import guards_of_sites
from outreach.prospects.queries import find_page_by_key, find_prospect
from outreach.prospects.services import PageDraft, add_prospect

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database, Scope
    from outreach.desk.collisions import Guard

_LONGEST_TITLE, _LONGEST_DESCRIPTION = 300, 2_000


@dataclass(frozen=True, slots=True)
class Captured:
    """What was added, and what was known before."""

    prospect_id: int
    domain: str
    is_new: bool
    is_new_page: bool
    score: int | None
    review: str
    guard: Guard | None  # who wrote to them lately, or that they are never written to

    @property
    def sentence(self) -> str:
        """What happened, for a person."""
        if self.is_new:
            return f"{self.domain} is a new prospect."
        added = "This page is new." if self.is_new_page else "This page was known too."
        return f"{self.domain} is a prospect already. {added}"


def capture_page(
    database: Database, scope: Scope, url: str, draft: PageDraft, *, own_host: str, now: datetime
) -> Captured:
    """Add a page by its address; a known one is told, not added twice.

    Raises:
        Invalid: It is no web address, or a page of this app.
    """
    is_web = url.casefold().startswith(("http://", "https://"))
    if is_web and url.split("/", 3)[2].casefold() == own_host.casefold():
        raise Invalid("This is a page of Outreach itself. Open a page of a site and try there.")
    address = parse_address(url) if is_web else None
    if address is None:
        raise Invalid("This page has no web address. Open a page of a site and try there.")
    kept = PageDraft(draft.title[:_LONGEST_TITLE], draft.description[:_LONGEST_DESCRIPTION])
    with database.writing(scope) as session:
        known = find_prospect(session, address.site)
        page = find_page_by_key(session, address.key)
        prospect = add_prospect(session, url, kept, now=now)
        guard = guards_of_sites(session, [prospect.domain], now=now).get(prospect.domain)
        return Captured(
            prospect_id=prospect.key,
            domain=prospect.domain,
            is_new=known is None,
            is_new_page=page is None,
            score=prospect.score,
            review=prospect.review.value,
            guard=guard,
        )
