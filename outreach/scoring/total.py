"""One number to sort prospects by, with the factors it is the product of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.scoring.authority import Authority
    from outreach.scoring.relevance import Relevance


@dataclass(frozen=True, slots=True)
class TotalWeights:
    """How much each score counts: the exponents of the product, editable per workspace.

    The defaults are a judgement: relevance in full, authority by its root, as the value of a link
    grows more slowly than the authority of the site it is on.
    """

    relevance: float = 1.0
    authority: float = 0.5


@dataclass(frozen=True, slots=True)
class Factor:
    """One score and what it multiplies the total by."""

    name: str
    score: float
    exponent: float
    factor: float
    is_known: bool


@dataclass(frozen=True, slots=True)
class Total:
    """A prospect's worth for one asset, 0-100: 100 * (R/100)^a * (A/100)^b.

    `low` and `high` are what it would be with both scores at the ends of their intervals, so a
    prospect of which little is known shows a wide one. Unknown scores enter with their priors.
    """

    value: float
    low: float
    high: float
    is_known: bool
    factors: tuple[Factor, ...]


def total(relevance: Relevance, authority: Authority, weights: TotalWeights | None = None) -> Total:
    """Multiply relevance and authority into the number prospects are sorted by."""
    weights = weights or TotalWeights()
    factors = (
        _factor("Relevance", relevance, weights.relevance),
        _factor("Authority", authority, weights.authority),
    )
    return Total(
        value=_product(relevance.value, authority.value, weights),
        low=_product(relevance.low, authority.low, weights),
        high=_product(relevance.high, authority.high, weights),
        is_known=relevance.is_known and authority.is_known,
        factors=factors,
    )


def _factor(name: str, score: Relevance | Authority, exponent: float) -> Factor:
    return Factor(name, score.value, exponent, (score.value / 100) ** exponent, score.is_known)


def _product(relevance: float, authority: float, weights: TotalWeights) -> float:
    relevant: float = (relevance / 100) ** weights.relevance
    linked: float = (authority / 100) ** weights.authority
    return 100 * relevant * linked
