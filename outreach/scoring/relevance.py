"""Relevance: how likely a page is one that links to or covers an asset like ours.

Cosine over stemmed tf^0.75 * idf, mapped to 0-100 by a logistic curve that was fitted on pages
which really link (or do not) to a given page. Every point is traced to the terms that earned it.
"""

from __future__ import annotations

import heapq
import math
from array import array
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from outreach.scoring.term_vectors import Field, TermVector, document_vector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from outreach.scoring.term_vectors import CollectionStats

ENGINE = "terms-1"  # kept with each score and vector; a change of formula changes it
PAGE_TEXT_CHARACTERS = 20_000
ASSET_TEXT_CHARACTERS = 5_000
ENOUGH_TOKENS = 50  # of a page that was read
FEWEST_TOKENS = 5  # of an imported title and description
STRONGEST_SHOWN = 8
MISSING_SHOWN = 3


class RelevanceState(StrEnum):
    """Whether a relevance is measured, and why not."""

    SCORED = "scored"
    NOT_ENOUGH_TEXT = "not enough text"
    DIFFERENT_LANGUAGE = "different language"


class Basis(StrEnum):
    """What the relevance of a page was judged by."""

    PAGE_TEXT = "page text"
    IMPORTED_DESCRIPTION = "imported description"


@dataclass(frozen=True, slots=True)
class RelevanceCurve:
    """The logistic curve from cosine to 0-100, and what is said where nothing is known.

    Source: fitted on the development halves of three public tasks (resource pages and what they
    link to; homepages of one category; journalists and later stories). `spread` values are half
    widths of the 90 % interval in logits: of a page's text by how far the three tasks' likelihood
    ratios lie apart; of a description by how far its score lies from that of the text (measured
    on 1,300 pairs: 2.0 among random pages, 3.8 among pages that link).
    """

    intercept: float = 6.463
    slope: float = 1.758
    floor: float = 0.005
    text_spread: float = 0.7
    description_spread: float = 2.5
    unknown: float = 50.0
    unknown_low: float = 20.0
    unknown_high: float = 80.0

    def logit(self, similarity: float) -> float:
        """Return the log odds that a page of this cosine is one that fits."""
        return self.intercept + self.slope * math.log(similarity + self.floor)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one term adds: its share of the cosine, and where on the page it stands."""

    term: str
    word: str
    share: float
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relevance:
    """How relevant a page is, 0-100, with its interval and its reasons.

    50 means: as likely a page that fits as a random one. Where `state` is not SCORED the value is
    the prior and `is_known` is False.
    """

    value: float
    low: float
    high: float
    state: RelevanceState
    basis: Basis
    similarity: float = 0.0
    contributions: tuple[Contribution, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Tell whether the value was measured rather than assumed."""
        return self.state is RelevanceState.SCORED


DEFAULT_CURVE = RelevanceCurve()


def page_vector(
    *,
    title: str,
    description: str,
    text: str = "",
    language: str = "",
) -> TermVector:
    """Weigh the terms of a prospect's page; `text` is its main text, empty until it is read."""
    parts = (
        Field("title", title, 3.0),
        Field("description", description, 2.0),
        Field("text", text[:PAGE_TEXT_CHARACTERS], 1.0),
    )
    return document_vector(parts, language=language)


def asset_vector(
    *,
    title: str,
    description: str,
    keywords: Sequence[str] = (),
    text: str = "",
    language: str = "",
) -> TermVector:
    """Weigh the terms of our own page."""
    parts = (
        Field("title", title, 2.0),
        Field("keywords", "\n".join(keywords), 1.5),
        Field("description", description, 1.0),
        Field("text", text[:ASSET_TEXT_CHARACTERS], 0.5),
    )
    return document_vector(parts, language=language)


def relevance(
    asset: TermVector,
    page: TermVector,
    stats: CollectionStats,
    *,
    basis: Basis = Basis.PAGE_TEXT,
    curve: RelevanceCurve = DEFAULT_CURVE,
) -> Relevance:
    """Judge one page against one asset, with the reasons.

    Args:
        asset: From asset_vector.
        page: From page_vector.
        stats: Of all pages of the workspace.
        basis: What the page's vector was built from.
        curve: The workspace's curve.
    """
    state = relevance_state(asset, page, basis)
    if state is not RelevanceState.SCORED:
        return Relevance(curve.unknown, curve.unknown_low, curve.unknown_high, state, basis)
    products = _products(asset, page, stats)
    similarity = min(1.0, sum(products.values()))
    value, low, high = scaled(similarity, basis, curve)
    return Relevance(
        value=value,
        low=low,
        high=high,
        state=state,
        basis=basis,
        similarity=similarity,
        contributions=_strongest(products, asset, page, similarity),
        missing=_missing(asset, page, stats),
    )


def relevance_state(asset: TermVector, page: TermVector, basis: Basis) -> RelevanceState:
    """Say whether comparing the words of the two means anything."""
    fewest = ENOUGH_TOKENS if basis is Basis.PAGE_TEXT else FEWEST_TOKENS
    if page.token_count < fewest:
        return RelevanceState.NOT_ENOUGH_TEXT
    if asset.language and page.language and asset.language != page.language:
        return RelevanceState.DIFFERENT_LANGUAGE
    return RelevanceState.SCORED


def scaled(
    similarity: float, basis: Basis, curve: RelevanceCurve = DEFAULT_CURVE
) -> tuple[float, float, float]:
    """Return a cosine as 0-100 with the ends of its 90 % interval."""
    logit = curve.logit(similarity)
    spread = curve.text_spread if basis is Basis.PAGE_TEXT else curve.description_spread
    return _percent(logit), _percent(logit - spread), _percent(logit + spread)


class PageIndex:
    """Many pages at once: compares an asset with all of them in one pass over shared terms."""

    def __init__(self, pages: Iterable[TermVector], stats: CollectionStats) -> None:
        self._stats = stats
        self._postings: dict[str, tuple[array[int], array[float]]] = {}
        self._norms = array("d")
        for number, page in enumerate(pages):
            squares = 0.0
            for term, weight in page.weights.items():
                squares += (weight * stats.idf(term)) ** 2
                numbers, weights = self._postings.setdefault(term, (array("l"), array("d")))
                numbers.append(number)
                weights.append(weight)
            self._norms.append(math.sqrt(squares))

    def similarities(self, asset: TermVector) -> list[float]:
        """Return the cosine of every page with the asset, in the order the pages came in."""
        sums = [0.0] * len(self._norms)
        for term, weight in _unit(asset, self._stats).items():
            factor = weight * self._stats.idf(term)
            numbers, weights = self._postings.get(term, ((), ()))
            for number, page_weight in zip(numbers, weights, strict=True):
                sums[number] += factor * page_weight
        return [
            total / norm if norm else 0.0 for total, norm in zip(sums, self._norms, strict=True)
        ]


def _percent(logit: float) -> float:
    return 100 / (1 + math.exp(-logit))


def _unit(vector: TermVector, stats: CollectionStats) -> dict[str, float]:
    weighed = {term: weight * stats.idf(term) for term, weight in vector.weights.items()}
    norm = math.sqrt(sum(value * value for value in weighed.values())) or 1.0
    return {term: value / norm for term, value in weighed.items()}


def _products(asset: TermVector, page: TermVector, stats: CollectionStats) -> dict[str, float]:
    ours, theirs = _unit(asset, stats), _unit(page, stats)
    return {term: value * theirs[term] for term, value in ours.items() if term in theirs}


def _strongest(
    products: dict[str, float], asset: TermVector, page: TermVector, similarity: float
) -> tuple[Contribution, ...]:
    best = heapq.nlargest(STRONGEST_SHOWN, products, key=products.__getitem__)
    return tuple(
        Contribution(
            term=term,
            word=asset.words.get(term, term),
            share=products[term] / similarity,
            fields=page.fields.get(term, ()),
        )
        for term in best
    )


def _missing(asset: TermVector, page: TermVector, stats: CollectionStats) -> tuple[str, ...]:
    ours = _unit(asset, stats)
    absent = (term for term in ours if term not in page.weights)
    best = heapq.nlargest(MISSING_SHOWN, absent, key=ours.__getitem__)
    return tuple(asset.words.get(term, term) for term in best)
