"""What open lists and vendors say of one site, side by side, and where they disagree. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_VENDORS = {
    "ahrefs": "Ahrefs", "moz": "Moz", "majestic": "Majestic", "semrush": "Semrush",
    "common_crawl": "Common Crawl", "open_pagerank": "Open PageRank", "tranco": "Tranco",
    "umbrella": "Cisco Umbrella", "mapper": "A file of ours",
}  # fmt: skip
# A vendor's own name of a figure → what it measures; others stand under their own name.
_MEASURES = {
    "dr": "Authority, 0–100", "da": "Authority, 0–100", "tf": "Authority, 0–100",
    "as": "Authority, 0–100", "cf": "Citations, 0–100", "pa": "Authority of a page, 0–100",
    "ur": "Authority of a page, 0–100", "domain_traffic": "Visits a month",
    "traffic": "Visits a month", "page_traffic": "Visits of a page",
    "referring_domains": "Linking sites", "linking_root_domains": "Linking sites",
    "ref_domains": "Linking sites", "rank": "Rank", "pagerank_rank": "Rank by PageRank",
    "harmonic_rank": "Rank by centrality", "ref_subnets": "Linking networks",
    "spam_score": "Spam, 0–100",
}  # fmt: skip
_FAR_POINTS = 25  # on a scale to 100
_FAR_TIMES = 5  # for counts
_OF_SCALE = "0–100"
_COUNTED = frozenset({"Visits a month", "Linking sites"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One source's figure, and the day it was measured."""

    vendor: str
    value: float
    on: date


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that several sources measure; `disagreement` says how far they are apart."""

    name: str
    cells: list[Cell]
    disagreement: str = ""


def side_by_side(figures: Iterable[tuple[str, float, date]]) -> list[Measure]:
    """Group figures by what they measure, each source named with its day."""
    grouped: dict[str, list[Cell]] = {}
    for source, value, on in figures:
        vendor, metric = _split(source)
        name = _MEASURES.get(metric, metric.replace("_", " "))
        grouped.setdefault(name, []).append(Cell(vendor, value, on))
    return [
        Measure(name, sorted(cells, key=lambda cell: cell.vendor), _disagreement(name, cells))
        for name, cells in sorted(grouped.items())
    ]


def _split(source: str) -> tuple[str, str]:
    for key, vendor in _VENDORS.items():
        if source.startswith(f"{key}_"):
            return vendor, source.removeprefix(f"{key}_")
    return source.replace("_", " "), source


def _disagreement(name: str, cells: list[Cell]) -> str:
    low = min(cells, key=lambda cell: cell.value)
    high = max(cells, key=lambda cell: cell.value)
    gap = high.value - low.value
    if name.endswith(_OF_SCALE) and gap >= _FAR_POINTS:
        return f"{high.vendor} and {low.vendor} are {gap:,.0f} points apart"
    if name in _COUNTED and low.value > 0 and high.value / low.value >= _FAR_TIMES:
        return f"{high.vendor} says {high.value / low.value:,.0f} times what {low.vendor} says"
    return ""
