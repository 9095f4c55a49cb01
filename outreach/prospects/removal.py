"""Remove the pages and prospects a file brought, or let another file have brought them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, delete, func, or_, select

from outreach.prospects.disavowals import DISAVOWED
from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.rules import import_source
from outreach.prospects.services import mark_stale, recount_pages
from outreach.prospects.words import Review, TextBasis

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from outreach.core.db import Session


def prospects_of_pages(session: Session, pages: Collection[int]) -> dict[int, int]:
    """Return the prospect of each of these pages that is still there."""
    rows = session.exec(
        select(ProspectPage.id, ProspectPage.prospect_id).where(
            col(ProspectPage.id).in_(sorted(pages))
        )
    )
    return {page_id: prospect_id for page_id, prospect_id in rows if page_id is not None}


def pages_of_prospects(session: Session, prospects: Collection[int]) -> dict[int, int]:
    """Return every page of these prospects, with its prospect."""
    rows = session.exec(
        select(ProspectPage.id, ProspectPage.prospect_id).where(
            col(ProspectPage.prospect_id).in_(sorted(prospects))
        )
    )
    return {page_id: prospect_id for page_id, prospect_id in rows if page_id is not None}


def pages_brought_by(
    session: Session, import_file_id: int, pages: Collection[int]
) -> dict[int, int]:
    """Return those of the pages that this file brought and nobody has read, with their prospect."""
    rows = session.exec(
        select(ProspectPage.id, ProspectPage.prospect_id).where(
            col(ProspectPage.id).in_(sorted(pages)),
            ProspectPage.import_file_id == import_file_id,
            ProspectPage.text_basis != TextBasis.READ,
        )
    )
    return {page_id: prospect_id for page_id, prospect_id in rows if page_id is not None}


def untouched_prospects(session: Session, prospects: Collection[int]) -> set[int]:
    """Return those whose own row shows no work of a person; a disavowal is a file's work."""
    rows = session.exec(
        select(Prospect.id).where(
            col(Prospect.id).in_(sorted(prospects)),
            or_(Prospect.review == Review.NEW, Prospect.rejected_because == DISAVOWED),
            Prospect.notes == "",
            col(Prospect.owner_id).is_(None),
            Prospect.stage == "",
        )
    )
    return {prospect_id for prospect_id in rows if prospect_id is not None}


def remove_pages(session: Session, pages: Mapping[int, int]) -> None:
    """Remove pages, given as page → prospect, with everything computed from them."""
    if pages:
        session.exec(delete(ProspectPage).where(col(ProspectPage.id).in_(sorted(pages))))
        recount_pages(session, set(pages.values()))
        mark_stale(session, set(pages.values()))


def empty_prospects_of(
    session: Session, import_file_id: int, prospects: Collection[int]
) -> set[int]:
    """Return those of the prospects that this file brought and that have no page left.

    They are locked: whoever puts one of them into a campaign now waits, and finds it gone.
    """
    rows = session.exec(
        select(Prospect.id)
        .where(
            col(Prospect.id).in_(sorted(prospects)),
            Prospect.source == import_source(import_file_id),
            Prospect.page_count == 0,
        )
        .order_by(col(Prospect.id))
        .with_for_update()
    )
    return {prospect_id for prospect_id in rows if prospect_id is not None}


def remove_prospects(session: Session, prospects: Collection[int]) -> None:
    """Remove prospects; their sites stay, as they belong to the whole installation."""
    if prospects:
        session.exec(delete(Prospect).where(col(Prospect.id).in_(sorted(prospects))))


def count_kept(session: Session, import_file_id: int) -> int:
    """Count the prospects that are still there as this file's."""
    return session.exec(
        select(func.count())
        .select_from(Prospect)
        .where(Prospect.source == import_source(import_file_id))
    ).one()
