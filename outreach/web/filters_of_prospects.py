"""The prospects list's filter as its address says it, and as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request, url_for

from outreach.desk.prospects import SORTS, ProspectFilter
from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of the filter in words, and the list without it."""

    text: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class Tab:
    """One saved view."""

    text: str
    url: str
    is_current: bool
    count: int | str | None


TABS = (
    ("Everything", None),
    ("To review", Review.NEW),
    ("Approved", Review.APPROVED),
    ("Later", Review.LATER),
    ("Rejected", Review.REJECTED),
)


def filter_asked_for() -> ProspectFilter:
    """Read the filter out of the address; what makes no sense is left out."""
    given = request.args
    review, sort = given.get("review", ""), given.get("sort", "score")
    contact = {"yes": True, "no": False}.get(given.get("contact", ""))
    return ProspectFilter(
        review=Review(review) if review in set(Review) else None,
        asset_id=given.get("asset", type=int),
        min_score=given.get("min", type=int),
        is_unknown=given.get("unknown") == "1",
        has_contact=contact,
        import_file_id=given.get("file", type=int),
        search=given.get("q", "").strip()[:200],
        sort=sort if sort in SORTS else "score",
    )


def arguments_of(wanted: ProspectFilter) -> dict[str, Any]:
    """Return the filter as the parts of an address."""
    said: dict[str, str | int | None] = {
        "review": wanted.review.value if wanted.review else None,
        "asset": wanted.asset_id,
        "min": wanted.min_score,
        "unknown": 1 if wanted.is_unknown else None,
        "contact": {True: "yes", False: "no"}.get(wanted.has_contact)
        if wanted.has_contact is not None
        else None,
        "file": wanted.import_file_id,
        "q": wanted.search or None,
        "sort": wanted.sort if wanted.sort != "score" else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def list_url(wanted: ProspectFilter, **more: str) -> str:
    """Return the address of the list with a filter."""
    return url_for("prospects.index", **{**arguments_of(wanted), **more})


def chips_of(wanted: ProspectFilter, assets: Mapping[int, str], filename: str | None) -> list[Chip]:
    """Say the filter in sentences; the review state is said by the tabs."""
    said: list[tuple[str, str]] = []
    if wanted.asset_id is not None:
        said.append(("asset_id", f"scored for “{assets.get(wanted.asset_id, 'an asset')}”"))
    if wanted.min_score is not None:
        said.append(("min_score", f"score ≥ {wanted.min_score}"))
    if wanted.is_unknown:
        said.append(("is_unknown", "score is unknown"))
    if wanted.has_contact is not None:
        said.append(("has_contact", "has a contact" if wanted.has_contact else "has no contact"))
    if wanted.import_file_id is not None:
        said.append(("import_file_id", f"from {filename or 'an import'}"))
    if wanted.search:
        said.append(("search", f"contains “{wanted.search}”"))
    return [Chip(text, list_url(wanted.without(name))) for name, text in said]
