"""Reading scores and what they are computed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.activity.models import Job
from outreach.activity.words import JobState
from outreach.prospects.models import PageVector, Prospect, ProspectPage, VendorMetric
from outreach.prospects.words import TextBasis
from outreach.scoring.measuring import ConsultedList, Figure
from outreach.scoring.models import ScoreCard
from outreach.scoring.relevance import Basis
from outreach.scoring.term_vectors import TermVector
from outreach.sites.models import SiteMetric
from outreach.sites.queries import consulted_lists

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from outreach.core.db import Session

_AT_ONCE = 2_000


class PageWords(NamedTuple):
    """A page's words, and when they were last changed."""

    id: int
    title: str
    description: str
    text: str
    language: str
    basis: TextBasis
    updated_at: datetime


class KeptVector(NamedTuple):
    """One page's vector as kept: its terms without the fields they stood in."""

    page_id: int
    prospect_id: int
    basis: Basis
    vector: TermVector


class CardNow(NamedTuple):
    """What a card says, without its parts."""

    id: int
    prospect_page_id: int | None
    score: int | None
    relevance: int | None
    relevance_state: str
    engine: str


class ProspectNow(NamedTuple):
    """A prospect's site and the scores its row shows."""

    id: int
    site_id: int
    scores: tuple[int | None, ...]  # score, relevance, authority, low, high, best page, best asset


def find_waiting_job(session: Session, kind: str) -> Job | None:
    """Return a job of a kind that nobody has begun."""
    return session.exec(
        select(Job).where(Job.kind == kind, Job.state == JobState.QUEUED).limit(1)
    ).first()


def hold_still(session: Session) -> None:
    """Let everything this session reads be of one moment; SQLite does so by itself."""
    if session.is_postgres:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def basis_of(basis: TextBasis) -> Basis:
    """Return what a page's relevance is judged by."""
    return Basis.PAGE_TEXT if basis is TextBasis.READ else Basis.IMPORTED_DESCRIPTION


def pages_without_vector(
    session: Session, engine: str, *, after: int, limit: int
) -> list[PageWords]:
    """Return pages past an id whose vector is missing or of another engine, by id."""
    rows = session.execute(
        sa.select(*_WORDS)
        .outerjoin(PageVector, col(PageVector.prospect_page_id) == ProspectPage.id)
        .where(
            col(ProspectPage.id) > after,
            col(PageVector.id).is_(None) | (col(PageVector.engine) != engine),
        )
        .order_by(col(ProspectPage.id))
        .limit(limit)
    )
    return [PageWords(*row) for row in rows]


def words_of_pages(session: Session, pages: Collection[int]) -> dict[int, PageWords]:
    """Return the words of these pages."""
    rows = session.execute(sa.select(*_WORDS).where(col(ProspectPage.id).in_(sorted(pages))))
    return {row[0]: PageWords(*row) for row in rows}


_WORDS = (
    col(ProspectPage.id),
    col(ProspectPage.title),
    col(ProspectPage.description),
    col(ProspectPage.text),
    col(ProspectPage.language),
    col(ProspectPage.text_basis),
    col(ProspectPage.updated_at),
)


def unchanged_pages(session: Session, words: Sequence[PageWords]) -> set[int]:
    """Return those of the pages whose words are still as they were read."""
    known = {page.id: page.updated_at for page in words}
    rows = session.execute(
        sa.select(col(ProspectPage.id), col(ProspectPage.updated_at)).where(
            col(ProspectPage.id).in_(list(known))
        )
    )
    return {page_id for page_id, updated_at in rows if known[page_id] == updated_at}


def stream_vectors(session: Session, engine: str) -> Iterator[KeptVector]:
    """Yield every page's vector in the order of the pages, without holding them all."""
    rows = session.execute(
        sa.select(
            col(PageVector.prospect_page_id),
            col(ProspectPage.prospect_id),
            col(ProspectPage.text_basis),
            col(PageVector.language),
            col(PageVector.terms),
            col(PageVector.token_count),
        )
        .join(ProspectPage, col(ProspectPage.id) == PageVector.prospect_page_id)
        .where(col(PageVector.engine) == engine)
        .order_by(col(PageVector.prospect_page_id))
        .execution_options(yield_per=_AT_ONCE)
    )
    for page_id, prospect_id, basis, language, terms, token_count in rows:
        vector = TermVector(weights=terms, fields={}, token_count=token_count, language=language)
        yield KeptVector(page_id, prospect_id, basis_of(basis), vector)


def all_prospects(session: Session) -> list[ProspectNow]:
    """Return every prospect with the scores its row shows, by id."""
    rows = session.execute(
        sa.select(
            col(Prospect.id),
            col(Prospect.site_id),
            col(Prospect.score),
            col(Prospect.relevance),
            col(Prospect.authority),
            col(Prospect.authority_low),
            col(Prospect.authority_high),
            col(Prospect.best_page_id),
            col(Prospect.best_asset_id),
        ).order_by(col(Prospect.id))
    )
    return [ProspectNow(key, site_id, tuple(scores)) for key, site_id, *scores in rows]


def page_relevances(session: Session) -> dict[int, int | None]:
    """Return the relevance each page shows."""
    rows = session.execute(sa.select(col(ProspectPage.id), col(ProspectPage.relevance)))
    return {row.id: row.relevance for row in rows}


def cards_of_asset(session: Session, asset_id: int) -> dict[int, CardNow]:
    """Return an asset's cards by prospect."""
    rows = session.execute(
        sa.select(
            col(ScoreCard.prospect_id),
            col(ScoreCard.id),
            col(ScoreCard.prospect_page_id),
            col(ScoreCard.score),
            col(ScoreCard.relevance),
            col(ScoreCard.relevance_state),
            col(ScoreCard.engine),
        ).where(col(ScoreCard.asset_id) == asset_id)
    )
    return {prospect_id: CardNow(*rest) for prospect_id, *rest in rows}


def cards_of_prospect(session: Session, prospect_id: int) -> Sequence[ScoreCard]:
    """Return a prospect's cards, best score first, unknown last."""
    return session.exec(
        select(ScoreCard)
        .where(ScoreCard.prospect_id == prospect_id)
        .order_by(col(ScoreCard.score).desc().nulls_last(), col(ScoreCard.asset_id))
    ).all()


def open_lists(session: Session) -> list[ConsultedList]:
    """Return the open lists whose absences count."""
    return [
        ConsultedList(row.source, row.length, row.measured_on) for row in consulted_lists(session)
    ]


def figures_by_prospect(session: Session) -> dict[int, list[Figure]]:
    """Return every figure known of each prospect: open data of its site and vendors' own."""
    found: dict[int, list[Figure]] = {}
    open_data = session.execute(
        sa.select(
            col(Prospect.id), col(SiteMetric.source), col(SiteMetric.value),
            col(SiteMetric.measured_on),
        ).join(SiteMetric, col(SiteMetric.site_id) == Prospect.site_id)
    )  # fmt: skip
    vendors = session.execute(
        sa.select(
            col(VendorMetric.prospect_id), col(VendorMetric.source), col(VendorMetric.value),
            col(VendorMetric.measured_on),
        )
    )  # fmt: skip
    for rows in (open_data, vendors):
        for prospect_id, source, value, on in rows:
            found.setdefault(prospect_id, []).append(Figure(source, value, on))
    return found
