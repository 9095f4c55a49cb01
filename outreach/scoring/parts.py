"""What a score card keeps of how its numbers came about, and reading it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outreach.scoring.authority import Authority, Part
    from outreach.scoring.relevance import Relevance
    from outreach.scoring.total import Total

# Why a prospect's relevance is not known, beside the states of a page's relevance.
NO_PAGE = "no page"


def parts_of(
    relevance: Relevance | None, authority: Authority, total: Total | None
) -> dict[str, Any]:
    """Return every part of a score with its source and date, as JSON keeps it."""
    return {
        "relevance": _relevance(relevance) if relevance else None,
        "authority": _authority(authority),
        "total": _total(total) if total else None,
    }


def _relevance(relevance: Relevance) -> dict[str, Any]:
    return {
        "value": _tenth(relevance.value),
        "low": _tenth(relevance.low),
        "high": _tenth(relevance.high),
        "state": relevance.state.value,
        "basis": relevance.basis.value,
        "similarity": round(relevance.similarity, 4),
        "terms": [
            [found.word, round(found.share, 3), list(found.fields)]
            for found in relevance.contributions
        ],
        "missing": list(relevance.missing),
    }


def _authority(authority: Authority) -> dict[str, Any]:
    return {
        "value": _tenth(authority.value),
        "low": _tenth(authority.low),
        "high": _tenth(authority.high),
        "is_known": authority.is_known,
        "lacks_traffic": authority.lacks_traffic,
        "parts": [_part(part) for part in authority.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "value": part.value,
        "on": part.on.isoformat() if part.on else None,
        "points": _tenth(part.points),
        "share": round(part.share, 3),
        "is_absence": part.is_absence,
    }


def _total(total: Total) -> dict[str, Any]:
    return {
        "value": _tenth(total.value),
        "low": _tenth(total.low),
        "high": _tenth(total.high),
        "factors": [
            [factor.name, _tenth(factor.score), round(factor.factor, 3), factor.is_known]
            for factor in total.factors
        ],
    }


def _tenth(value: float) -> float:
    return round(value, 1)
