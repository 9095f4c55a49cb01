"""Everything one scoring compares, in memory: pages with assets, figures with the common scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from outreach.prospects.services import Scores
from outreach.scoring.authority import Authority, AuthoritySettings, authority
from outreach.scoring.measuring import fit_vendor_lines, measurements_of
from outreach.scoring.parts import NO_PAGE, parts_of
from outreach.scoring.queries import (
    all_prospects,
    cards_of_asset,
    figures_by_prospect,
    open_lists,
    stream_vectors,
)
from outreach.scoring.relevance import (
    DEFAULT_CURVE,
    ENGINE,
    Basis,
    PageIndex,
    Relevance,
    RelevanceState,
    asset_vector,
    relevance,
    relevance_state,
    scaled,
)
from outreach.scoring.services import Card
from outreach.scoring.term_vectors import CollectionStats, TermVector
from outreach.scoring.total import total

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from outreach.assets.models import Asset
    from outreach.core.db import Session
    from outreach.scoring.queries import CardNow, ProspectNow


class _Page(NamedTuple):
    """A page without its terms: what its relevance depends on beside the cosine."""

    id: int
    prospect_id: int
    basis: Basis
    vector: TermVector  # empty but for its length and language


class _Best(NamedTuple):
    """A prospect's best page for one asset, or why there is none."""

    page_id: int | None
    similarity: float
    value: float  # -1 while nothing is scored, so that any score is better
    state: str


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a prospect stands to one asset, before its reasons are worked out."""

    best: _Best
    basis: Basis
    score: int | None
    relevance: int | None


class Comparison:
    """One workspace's pages, assets and figures, compared once."""

    def __init__(
        self,
        prospects: list[ProspectNow],
        assets: Sequence[Asset],
        authorities: dict[int, Authority],
        cards: dict[int, dict[int, CardNow]],
    ) -> None:
        self.asset_ids = [asset.key for asset in assets]
        self.prospect_count = len(prospects)
        self.stats = CollectionStats()
        self._prospects = prospects
        self._ours = {asset.key: _vector_of(asset) for asset in assets}
        self._authorities = authorities
        self._cards = cards
        self._pages: list[_Page] = []
        self._standings: dict[int, dict[int, _Standing]] = {}
        self._page_best: dict[int, int | None] = {}

    def compare(self, vectors: Iterator[TermVector], pages: list[_Page]) -> None:
        """Compare every page with every asset."""
        self._pages = pages
        self._page_best = dict.fromkeys((page.id for page in pages), None)
        index = PageIndex(vectors, self.stats)
        for asset_id, ours in self._ours.items():
            self._standings[asset_id] = self._stand(ours, index.similarities(ours))

    def _stand(self, ours: TermVector, similarities: list[float]) -> dict[int, _Standing]:
        nothing = _Best(None, 0.0, -1.0, NO_PAGE)
        best: dict[int, tuple[_Best, Basis]] = {}
        for page, similarity in zip(self._pages, similarities, strict=True):
            state = relevance_state(ours, page.vector, page.basis)
            value = -1.0
            if state is RelevanceState.SCORED:
                value = scaled(similarity, page.basis)[0]
                shown = self._page_best[page.id]
                self._page_best[page.id] = max(shown or 0, round(value))
            known = best.get(page.prospect_id)
            if known is None or value > known[0].value:
                best[page.prospect_id] = (
                    _Best(page.id, similarity, value, state.value),
                    page.basis,
                )
        return {
            row.id: self._standing(row.id, *best.get(row.id, (nothing, Basis.PAGE_TEXT)))
            for row in self._prospects
        }

    def _standing(self, prospect_id: int, best: _Best, basis: Basis) -> _Standing:
        if best.value < 0:
            return _Standing(best, basis, None, None)
        known = _light(best, basis)
        worth = total(known, self._authorities[prospect_id])
        return _Standing(best, basis, round(worth.value), round(known.value))

    @property
    def changed_count(self) -> int:
        """How many cards will be written."""
        return sum(1 for asset_id in self.asset_ids for _ in self.changed_pairs(asset_id))

    def changed_pairs(self, asset_id: int) -> Iterator[tuple[int, int | None]]:
        """Yield (prospect, its best page) where an asset's card is missing or says otherwise."""
        cards = self._cards.get(asset_id, {})
        for row in self._prospects:
            standing = self._standings[asset_id][row.id]
            card = cards.get(row.id)
            if card is None or self._says_otherwise(card, standing, row):
                yield row.id, standing.best.page_id

    def _says_otherwise(self, card: CardNow, standing: _Standing, row: ProspectNow) -> bool:
        return (
            card.prospect_page_id != standing.best.page_id
            or card.score != standing.score
            or card.relevance != standing.relevance
            or card.relevance_state != standing.best.state
            or card.engine != ENGINE
            or row.scores[2:5] != _shown(self._authorities[row.id])
        )

    def card(self, asset_id: int, prospect_id: int, vector: TermVector | None) -> Card:
        """Work out one card with all its reasons; `vector` is its best page's, with fields."""
        standing = self._standings[asset_id][prospect_id]
        known = self._authorities[prospect_id]
        reasons = worth = None
        if vector is not None:
            reasons = relevance(self._ours[asset_id], vector, self.stats, basis=standing.basis)
            worth = (
                total(_light(standing.best, standing.basis), known)
                if standing.score is not None
                else None
            )
        return Card(
            prospect_id,
            asset_id,
            standing.best.page_id,
            standing.score,
            standing.relevance,
            standing.best.state,
            parts_of(reasons, known, worth),
        )

    def changed_pages(self, shown: dict[int, int | None]) -> Iterator[tuple[int | None, int]]:
        """Yield (relevance, page id) of the pages whose best relevance changed."""
        for page_id, value in self._page_best.items():
            if shown.get(page_id) != value:
                yield value, page_id

    def changed_prospects(self) -> Iterator[Scores]:
        """Yield the scores of the prospects whose rows show others."""
        for row in self._prospects:
            best_asset, best = self._best_standing(row.id)
            value, low, high = _shown(self._authorities[row.id])
            scores = Scores(
                prospect_id=row.id,
                score=best.score if best else None,
                relevance=best.relevance if best else None,
                authority=value,
                authority_low=low,
                authority_high=high,
                best_page_id=best.best.page_id if best else None,
                best_asset_id=best_asset,
            )
            if row.scores != _row_of(scores):
                yield scores

    def _best_standing(self, prospect_id: int) -> tuple[int | None, _Standing | None]:
        found: tuple[int | None, _Standing | None] = (None, None)
        top = -1
        for asset_id in self.asset_ids:
            standing = self._standings[asset_id][prospect_id]
            if standing.score is not None and standing.score > top:
                found, top = (asset_id, standing), standing.score
        return found


def read_comparison(session: Session, assets: Sequence[Asset]) -> Comparison:
    """Read everything a scoring needs, and compare it; nothing is written."""
    prospects = all_prospects(session)
    cards = {asset.key: cards_of_asset(session, asset.key) for asset in assets}
    comparison = Comparison(prospects, assets, _authorities(session, prospects), cards)
    pages: list[_Page] = []
    for kept in stream_vectors(session, ENGINE):
        comparison.stats.add(kept.vector)
        outline = TermVector({}, {}, kept.vector.token_count, kept.vector.language)
        pages.append(_Page(kept.page_id, kept.prospect_id, kept.basis, outline))
    comparison.compare((kept.vector for kept in stream_vectors(session, ENGINE)), pages)
    return comparison


def _authorities(session: Session, prospects: list[ProspectNow]) -> dict[int, Authority]:
    figures = figures_by_prospect(session)
    lists = open_lists(session)
    settings = AuthoritySettings(vendor_lines=fit_vendor_lines(figures.values()))
    return {
        row.id: authority(measurements_of(figures.get(row.id, ()), lists, settings), settings)
        for row in prospects
    }


def _vector_of(asset: Asset) -> TermVector:
    return asset_vector(
        title=asset.title,
        description=asset.summary,
        keywords=[*asset.keywords, *asset.topics],
        text=asset.page_text,
        language=asset.language,
    )


def _light(best: _Best, basis: Basis) -> Relevance:
    """A relevance without its reasons."""
    value, low, high = scaled(best.similarity, basis, DEFAULT_CURVE)
    return Relevance(value, low, high, RelevanceState.SCORED, basis, best.similarity)


def _shown(known: Authority) -> tuple[int | None, int | None, int | None]:
    """Authority as a row shows it: None where it is unknown, its interval in any case."""
    value = round(known.value) if known.is_known else None
    return value, round(known.low), round(known.high)


def _row_of(scores: Scores) -> tuple[int | None, ...]:
    return (
        scores.score,
        scores.relevance,
        scores.authority,
        scores.authority_low,
        scores.authority_high,
        scores.best_page_id,
        scores.best_asset_id,
    )
