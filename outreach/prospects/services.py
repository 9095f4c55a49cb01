"""Changing prospects: adding and editing them, and what lists sort them by.

The columns copied from other packages are written by the `note_…` functions only; workflows call
them, and `desk.recount` proves the copies equal to their sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, delete, select, update

from outreach.core.db import bulk_update, bulk_write
from outreach.core.errors import Conflict, Invalid
from outreach.core.urls import parse_address
from outreach.prospects.models import PageVector, Prospect, ProspectPage
from outreach.prospects.queries import (
    find_page_by_key,
    find_prospect_of_site,
    prospect_ids,
    vendor_copies_of,
)
from outreach.prospects.rules import (
    LONGEST_URL,
    MANUAL,
    SITE_FACTS,
    UNDECIDED,
    UNSCORED,
    VENDOR_COPIES,
    order_of,
)
from outreach.prospects.words import TextBasis
from outreach.sites.services import site_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    from outreach.core.db import Session
    from outreach.prospects.rules import Copied, Decision


@dataclass(frozen=True, slots=True)
class PageDraft:
    """What a person types about a page."""

    title: str = ""
    description: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Scores:
    """What scoring found for one prospect; None is unknown."""

    prospect_id: int
    score: int | None
    relevance: int | None
    authority: int | None
    authority_low: int | None
    authority_high: int | None
    best_page_id: int | None
    best_asset_id: int | None


@dataclass(frozen=True, slots=True)
class NewProspect:
    """A site to be made a prospect; `facts` stand for SITE_FACTS, `copies` for VENDOR_COPIES."""

    site_id: int
    title: str = ""
    page_count: int = 0
    facts: tuple[str, ...] = ("", "", "")
    copies: tuple[int | None, ...] = (None, None, None, None, None)


def add_missing(
    session: Session,
    sites: Mapping[str, NewProspect],
    *,
    source: str,
    now: datetime,
    decided: Decision = UNDECIDED,
) -> dict[str, int]:
    """Make sure each site, given by its domain, is a prospect; return their ids."""
    bulk_write(
        session,
        Prospect,
        (
            "site_id", "domain", "title", "notes", "review", "rejected_because", "source",
            "page_count", *SITE_FACTS, "tactic", *VENDOR_COPIES, "is_search_stale", "score_order",
            "authority_order", "is_authority_known", "stage", "has_contact", "created_at",
            "updated_at",
        ),
        (
            (
                new.site_id, domain, new.title, "", decided.review, decided.reason, source,
                new.page_count, *new.facts, "", *new.copies, True, UNSCORED, UNSCORED, False,
                "", False, now, now,
            )
            for domain, new in sites.items()
        ),
        unique=("site_id",),
    )  # fmt: skip
    return prospect_ids(session, sites)


def add_prospect(session: Session, address: str, draft: PageDraft, *, now: datetime) -> Prospect:
    """Add a site by hand, with the page the address names; one that is known gets the page.

    Raises:
        Invalid: It is neither a domain nor a web address.
    """
    site = site_of(session, address, now=now)
    prospect = find_prospect_of_site(session, site.key)
    if prospect is None:
        prospect = Prospect(
            site_id=site.key,
            domain=site.domain,
            title=draft.title[:300],
            source=MANUAL,
            owner_id=session.scope.user_id,
        )
        session.add(prospect)
        session.flush()
    if not names_only_site(address):
        add_page(session, prospect, address, draft)
    return prospect


def names_only_site(address: str) -> bool:
    """Tell whether what was typed is a bare domain rather than one page of it."""
    found = parse_address(address)
    bare = address.strip().casefold().rstrip("./").removeprefix("www.")
    return (
        found is not None and "://" not in address and "/" not in bare and found.key == found.site
    )


def add_page(session: Session, prospect: Prospect, url: str, draft: PageDraft) -> ProspectPage:
    """Add a page to a prospect, or return the one that is known.

    Raises:
        Invalid: It is no web address, or not one of this prospect's site.
    """
    address = parse_address(url)
    if address is None or len(address.url) > LONGEST_URL:
        raise Invalid(f"“{url[:80]}” is not a web address.")
    if address.site != prospect.domain:
        raise Invalid(f"This page is on {address.site}, not on {prospect.domain}.")
    page = find_page_by_key(session, address.key)
    if page is None:
        has_words = bool(draft.title or draft.description)
        page = ProspectPage(
            prospect_id=prospect.key,
            url=address.url,
            url_key=address.key,
            title=draft.title,
            description=draft.description,
            topic=draft.topic[:200],
            text_basis=TextBasis.IMPORTED if has_words else TextBasis.NONE,
        )
        session.add(page)
        session.flush()
        recount_pages(session, [prospect.key])
        mark_stale(session, [prospect.key])
        session.refresh(prospect)
    return page


def edit_prospect(
    session: Session, prospect: Prospect, *, title: str, notes: str, owner_id: int | None
) -> None:
    """Change what people wrote about a prospect."""
    prospect.title, prospect.notes, prospect.owner_id = title.strip()[:300], notes, owner_id
    prospect.is_search_stale = True
    session.flush()


def edit_page(session: Session, page: ProspectPage, draft: PageDraft) -> None:
    """Change a page's words; what was read from the live page stays.

    Raises:
        Conflict: The page was read, so its words are facts.
    """
    if page.text_basis is TextBasis.READ:
        raise Conflict("This page was read from the web; its title and description are facts.")
    page.title, page.description, page.topic = draft.title, draft.description, draft.topic[:200]
    page.text_basis = TextBasis.IMPORTED if draft.title or draft.description else TextBasis.NONE
    page.import_file_id = None  # a person's words now: undoing the import leaves them
    session.flush()
    forget_vectors(session, [page.key])
    mark_stale(session, [page.prospect_id])


def note_scores(session: Session, rows: Iterable[Scores]) -> int:
    """Copy scores to the columns that lists sort by."""
    return bulk_update(
        session,
        Prospect,
        (
            "score", "score_order", "relevance", "authority", "authority_low", "authority_high",
            "is_authority_known", "authority_order", "best_page_id", "best_asset_id",
        ),
        (
            (
                row.score, order_of(row.score), row.relevance, row.authority, row.authority_low,
                row.authority_high, row.authority is not None, order_of(row.authority),
                row.best_page_id, row.best_asset_id, row.prospect_id,
            )
            for row in rows
        ),
    )  # fmt: skip


def note_contact(session: Session, site_id: int, *, has_contact: bool) -> None:
    """Copy whether anybody reachable is known at a site."""
    session.execute(
        update(Prospect)
        .where(col(Prospect.site_id) == site_id)
        .values(has_contact=has_contact)
        .execution_options(synchronize_session="fetch")
    )


def note_stage(session: Session, prospect_ids: Collection[int], stage: str) -> None:
    """Copy the furthest stage of these prospects' open opportunities, "" for none."""
    session.execute(
        update(Prospect)
        .where(col(Prospect.id).in_(sorted(prospect_ids)), col(Prospect.stage) != stage)
        .values(stage=stage)
        .execution_options(synchronize_session="fetch")
    )


def note_touch(session: Session, domain: str, *, at: datetime, cool_down: timedelta) -> None:
    """Copy when somebody of this workspace last wrote to a site, and until when it rests."""
    is_newer = sa.or_(col(Prospect.last_contact_at).is_(None), col(Prospect.last_contact_at) < at)
    session.execute(
        update(Prospect)
        .where(col(Prospect.domain) == domain, is_newer)
        .values(last_contact_at=at, cool_down_until=at + cool_down)
        .execution_options(synchronize_session="fetch")
    )


def note_columns(session: Session, rows: Iterable[Copied]) -> int:
    """Set all the columns that are copied from other packages, as they were counted anew."""
    return bulk_update(
        session,
        Prospect,
        (
            "has_contact", "stage", "last_contact_at", "cool_down_until", "page_count",
            *VENDOR_COPIES,
        ),
        (
            (
                row.has_contact, row.stage, row.last_contact_at, row.cool_down_until,
                row.page_count, *row.vendor, row.prospect_id,
            )
            for row in rows
        ),
    )  # fmt: skip


def copy_vendor_figures(session: Session, prospects: Collection[int]) -> None:
    """Copy the vendors' figures of these prospects anew to the columns that lists sort by."""
    copies = vendor_copies_of(session, prospects)
    rows = ((*copies[prospect_id], prospect_id) for prospect_id in sorted(prospects))
    bulk_update(session, Prospect, VENDOR_COPIES, rows)


def mark_stale(session: Session, prospects: Collection[int]) -> None:
    """Let the words of these prospects be indexed anew."""
    session.execute(
        update(Prospect)
        .where(col(Prospect.id).in_(sorted(prospects)), col(Prospect.is_search_stale).is_(False))
        .values(is_search_stale=True)
        .execution_options(synchronize_session=False)
    )


def recount_pages(session: Session, prospects: Collection[int]) -> None:
    """Count the pages of each of these prospects anew."""
    counted = (
        select(sa.func.count(col(ProspectPage.id)))
        .where(ProspectPage.prospect_id == Prospect.id)
        .scalar_subquery()
    )
    session.execute(
        update(Prospect)
        .where(col(Prospect.id).in_(sorted(prospects)))
        .values(page_count=counted)
        .execution_options(synchronize_session=False)
    )


def forget_vectors(session: Session, pages: Collection[int]) -> None:
    """Drop the vectors of pages whose words changed; the next scoring builds them anew."""
    if pages:
        session.exec(delete(PageVector).where(col(PageVector.prospect_page_id).in_(sorted(pages))))
