"""Keeping page vectors and score cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import col, delete

from outreach.core.db import bulk_update, bulk_write
from outreach.prospects.models import PageVector, ProspectPage
from outreach.scoring.models import ScoreCard

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.scoring.term_vectors import TermVector


class Card(NamedTuple):
    """How one prospect stands to one asset."""

    prospect_id: int
    asset_id: int
    prospect_page_id: int | None
    score: int | None
    relevance: int | None
    relevance_state: str
    parts: dict[str, Any]


def save_vectors(
    session: Session, vectors: Mapping[int, TermVector], engine: str, *, now: datetime
) -> None:
    """Keep the vectors of pages, in place of older ones."""
    bulk_write(
        session,
        PageVector,
        (
            "prospect_page_id", "engine", "language", "terms", "token_count", "created_at",
            "updated_at",
        ),
        (
            (
                page_id, engine, vector.language, dict(vector.weights), vector.token_count, now,
                now,
            )
            for page_id, vector in vectors.items()
        ),
        unique=("prospect_page_id",),
        update=("engine", "language", "terms", "token_count", "updated_at"),
    )  # fmt: skip


def save_cards(session: Session, cards: Iterable[Card], engine: str, *, now: datetime) -> int:
    """Keep score cards, in place of older ones."""
    return bulk_write(
        session,
        ScoreCard,
        (
            "prospect_id", "asset_id", "prospect_page_id", "score", "relevance",
            "relevance_state", "parts", "engine", "scored_at", "created_at", "updated_at",
        ),
        ((*card, engine, now, now, now) for card in cards),
        unique=("prospect_id", "asset_id"),
        update=(
            "prospect_page_id", "score", "relevance", "relevance_state", "parts", "engine",
            "scored_at", "updated_at",
        ),
    )  # fmt: skip


def save_page_relevances(session: Session, rows: Iterable[tuple[int | None, int]]) -> int:
    """Set the relevance pages show, given as (relevance, page id)."""
    return bulk_update(session, ProspectPage, ("relevance",), rows)


def drop_cards_but(session: Session, assets: Collection[int]) -> None:
    """Drop the cards of assets that nothing is scored against any more."""
    session.exec(delete(ScoreCard).where(col(ScoreCard.asset_id).not_in(sorted(assets))))
