"""What a look at the web says about prospects' pages; read facts outrank imported words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.services import forget_vectors, mark_stale
from outreach.prospects.words import TextBasis

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from outreach.core.db import Session

MOST_OF_ONE_PROSPECT = 20  # pages read for one prospect, the most relevant first
_LANGUAGE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class PageText:
    """What one page said of itself, or why it could not be read."""

    page_id: int
    title: str = ""
    description: str = ""
    language: str = ""
    text: str = ""
    failure: str = ""
    gives_links_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageToRead:
    """A page somebody wants read."""

    page_id: int
    prospect_id: int
    site_id: int
    url: str


def note_page_texts(session: Session, texts: Sequence[PageText], *, now: datetime) -> None:
    """Keep what pages said; a page that could not be read keeps the words it had."""
    by_id = {text.page_id: text for text in texts}
    pages = session.exec(select(ProspectPage).where(col(ProspectPage.id).in_(sorted(by_id)))).all()
    for page in pages:
        read = by_id[page.key]
        page.read_failure = read.failure
        if read.failure:
            continue
        page.read_at, page.text, page.text_basis = now, read.text, TextBasis.READ
        page.title = read.title or page.title
        page.description = read.description or page.description
        page.language = read.language[:_LANGUAGE_LENGTH] or page.language
        page.gives_links_to = list(read.gives_links_to)
    session.flush()
    read_pages = [page for page in pages if not page.read_failure]
    forget_vectors(session, [page.key for page in read_pages])
    mark_stale(session, {page.prospect_id for page in read_pages})


def pages_to_read(
    session: Session, *, page_ids: Collection[int] = (), prospect_ids: Collection[int] = ()
) -> list[PageToRead]:
    """List these pages and the best pages of these prospects, in the order of their ids."""
    rank = func.row_number().over(
        partition_by=col(ProspectPage.prospect_id),
        order_by=(col(ProspectPage.relevance).desc().nulls_last(), col(ProspectPage.id)),
    )
    best = (
        select(col(ProspectPage.id).label("page_id"), rank.label("place"))
        .where(col(ProspectPage.prospect_id).in_(sorted(prospect_ids)))
        .subquery()
    )
    wanted = select(best.c.page_id).where(best.c.place <= MOST_OF_ONE_PROSPECT)
    rows = session.exec(
        select(ProspectPage.id, ProspectPage.prospect_id, Prospect.site_id, ProspectPage.url)
        .join(Prospect, col(Prospect.id) == ProspectPage.prospect_id)
        .where(col(ProspectPage.id).in_(sorted(page_ids)) | col(ProspectPage.id).in_(wanted))
        .order_by(col(ProspectPage.id))
    ).all()
    return [PageToRead(row[0], row[1], row[2], row[3]) for row in rows if row[0] is not None]


def prospects_without_page(session: Session, prospect_ids: Collection[int]) -> Sequence[Prospect]:
    """Return those of the prospects of which no page is known."""
    return session.exec(
        select(Prospect)
        .outerjoin(ProspectPage, col(ProspectPage.prospect_id) == Prospect.id)
        .where(col(Prospect.id).in_(sorted(prospect_ids)), col(ProspectPage.id).is_(None))
        .order_by(col(Prospect.id))
    ).all()


def count_unread(session: Session, page_ids: Collection[int]) -> int:
    """Count those of the pages whose last reading failed."""
    return session.exec(
        select(func.count())
        .select_from(ProspectPage)
        .where(col(ProspectPage.id).in_(sorted(page_ids)), ProspectPage.read_failure != "")
    ).one()
