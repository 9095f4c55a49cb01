"""Authority: how well linked a site is, 0-100, from several sources on one scale, with doubt.

Links of a site fall off as a power of its rank (Majestic: ln subnets = 14.057 - 0.628 ln rank,
R² 0.999 over ranks 1-15,000), so the logarithm of a rank is the natural scale, and one constant N
makes the sources comparable. Every source is a measurement with an error; they are averaged by
precision together with a prior, so one weak source moves little and none gives "unknown".
"""

from __future__ import annotations

import bisect
import math
import statistics
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

RANKED_DOMAINS = 121_091_933  # Common Crawl's April-June 2026 graph; one N for every source
_Z90 = 1.645
_SHARED_ERROR = 1.3  # link sources see the same links, so their errors are not independent
_ABSENT_SD = 9.0
_NO_TRAFFIC_GAP = 25.0
_SUBNETS_PER_LINKING_DOMAIN = 0.084  # median; 80 % of sites between .031 and .151

SourceKey = tuple[str, str]  # (vendor, metric)


class Scale(StrEnum):
    """How a source's number is brought to the common scale."""

    RANK = "rank"
    SUBNETS = "referring subnets"
    LINKING_DOMAINS = "linking root domains"
    VENDOR = "vendor's 0-100"


@dataclass(frozen=True, slots=True)
class Source:
    """One source: its scale, its error in points, what is added to undo its bias, its evidence.

    Of several sources with the same `evidence` only the best counts: they say the same thing twice.
    """

    name: str
    scale: Scale
    sd: float
    evidence: str
    correction: float = 0.0
    is_traffic: bool = False


# Errors and biases: differences among sources over the sites they share (ranks 1-15,000).
SOURCES: dict[SourceKey, Source] = {
    ("common_crawl", "pagerank_rank"): Source("Common Crawl PageRank", Scale.RANK, 4, "cc_pr"),
    ("common_crawl", "harmonic_rank"): Source(
        "Common Crawl harmonic", Scale.RANK, 5, "cc_harmonic", correction=-4.8
    ),
    ("majestic", "rank"): Source("Majestic Million", Scale.RANK, 4, "majestic"),
    ("majestic", "ref_subnets"): Source("Majestic subnets", Scale.SUBNETS, 4, "majestic"),
    ("majestic", "tf"): Source("Majestic Trust Flow", Scale.VENDOR, 8, "majestic_tf"),
    ("moz", "linking_root_domains"): Source("Moz domains", Scale.LINKING_DOMAINS, 6, "moz_lrd"),
    ("moz", "da"): Source("Moz Domain Authority", Scale.VENDOR, 6, "moz_da"),
    ("ahrefs", "dr"): Source("Ahrefs Domain Rating", Scale.VENDOR, 8, "ahrefs_dr"),
    ("semrush", "as"): Source("Semrush Authority Score", Scale.VENDOR, 8, "semrush_as"),
    ("open_pagerank", "rank"): Source("Open PageRank", Scale.RANK, 4, "cc_pr"),
    ("tranco", "rank"): Source("Tranco", Scale.RANK, 7, "traffic", correction=4.3, is_traffic=True),
    ("umbrella", "rank"): Source(
        "Cisco Umbrella", Scale.RANK, 7, "traffic", correction=4.3, is_traffic=True
    ),
}

# Vendor's 0-100 → points. From 92 up medians of 451 domains' Domain Authority, below a judgement.
VENDOR_TABLE: tuple[tuple[float, float], ...] = (
    (0, 0), (10, 15), (20, 24), (30, 30), (40, 35), (50, 40), (60, 45), (70, 51), (80, 57),
    (90, 63), (92, 65), (93, 67.4), (94, 70.3), (95, 74.4), (96, 75.4), (97, 80.3), (98, 83),
    (100, 94),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one source said about a site and when.

    A `value` of None means that the list was consulted and the site is not among its first
    `list_length`; a list that was not consulted gives no measurement at all.
    """

    source: SourceKey
    value: float | None
    on: date
    list_length: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One source's part in the result: its points, their error, and its share of the weight."""

    name: str
    source: SourceKey | None
    value: float | None
    on: date | None
    points: float
    sd: float
    share: float
    is_absence: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """A site's authority with its 90 % interval and its parts, heaviest first; they add up.

    Where nothing is known `is_known` is False and the value is the prior, to be shown as unknown
    and never as 0. `popularity` is the traffic sources' view alone. `lacks_traffic` is True where
    the links promise far more than the traffic shows, as bought links do.
    """

    value: float
    low: float
    high: float
    is_known: bool
    parts: tuple[Part, ...]
    popularity: float | None = None
    lacks_traffic: bool = False


@dataclass(frozen=True, slots=True)
class Prior:
    """What is assumed of an unknown prospect: about rank 1.2 million, give or take a lot."""

    mean: float = 25.0
    sd: float = 18.0


@dataclass(frozen=True, slots=True)
class VendorLine:
    """A workspace's own correction of a vendor's table: points = base + slope * table points."""

    base: float = 0.0
    slope: float = 1.0


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """What a workspace may change: the prior, and lines fitted to its own pairs."""

    prior: Prior = field(default_factory=Prior)
    vendor_lines: Mapping[SourceKey, VendorLine] = field(default_factory=dict)


def authority(
    measurements: Iterable[Measurement], settings: AuthoritySettings | None = None
) -> Authority:
    """Combine what the sources say about one site."""
    settings = settings or AuthoritySettings()
    parts = _best_parts(measurements, settings)
    value, sd, weighed = _combine(parts, settings.prior)
    traffic = [part for part in parts if part.source and SOURCES[part.source].is_traffic]
    links = [part for part in parts if part not in traffic]
    popularity = traffic[0].points if traffic else None
    lacks_traffic = (
        popularity is not None
        and bool(links)
        and _combine(links, settings.prior)[0] - popularity > _NO_TRAFFIC_GAP
    )
    return Authority(
        value=value,
        low=max(0.0, value - _Z90 * sd),
        high=min(100.0, value + _Z90 * sd),
        is_known=bool(parts),
        parts=weighed,
        popularity=popularity,
        lacks_traffic=lacks_traffic,
    )


def log_rank(rank: float) -> float:
    """Return a rank on the common scale: 1 → 100, 100 → 75, 10,000 → 50, a million → 26."""
    return 100 * (1 - math.log(max(1.0, rank)) / math.log(RANKED_DOMAINS))


def rank_from_subnets(subnets: float) -> float:
    """Return the Majestic rank that goes with a number of referring subnets."""
    return math.exp((14.057 - math.log(max(1.0, subnets))) / 0.628)


def vendor_points(value: float) -> float:
    """Return a vendor's 0-100 on the common scale, by straight lines between the table's rows."""
    value = min(100.0, max(0.0, value))
    at = bisect.bisect_left(VENDOR_TABLE, (value,))
    (x1, y1) = VENDOR_TABLE[at]
    if at == 0 or x1 == value:
        return y1
    (x0, y0) = VENDOR_TABLE[at - 1]
    return y0 + (y1 - y0) * (value - x0) / (x1 - x0)


def workspace_prior(scored: Sequence[float]) -> Prior:
    """Return the workspace's own prior once it has 50 scored prospects, else the default."""
    if len(scored) < 50:
        return Prior()
    return Prior(statistics.fmean(scored), max(5.0, statistics.stdev(scored)))


def fit_vendor_line(pairs: Sequence[tuple[float, float]]) -> VendorLine | None:
    """Fit a vendor's metric to open data: (vendor's value, points) pairs, least squares.

    Returns:
        None for fewer than 10 pairs, or pairs that do not rise together: the table is better.
    """
    if len(pairs) < 10:
        return None
    table = [vendor_points(value) for value, _ in pairs]
    points = [known for _, known in pairs]
    if max(table) - min(table) < 1e-9:
        return None
    slope, base = statistics.linear_regression(table, points)
    return VendorLine(base, slope) if slope > 0 else None


def _best_parts(measurements: Iterable[Measurement], settings: AuthoritySettings) -> list[Part]:
    """Keep one part per kind of evidence: a value before an absence, then the surest, then new."""
    best: dict[str, tuple[tuple[bool, float, int], Part]] = {}
    for measured in measurements:
        source = SOURCES.get(measured.source)
        part = _part(measured, source, settings) if source else None
        if source is None or part is None:
            continue
        order = (part.is_absence, part.sd, -measured.on.toordinal())
        known = best.get(source.evidence)
        if known is None or order < known[0]:
            best[source.evidence] = (order, part)
    return [part for _, part in best.values()]


def _part(measured: Measurement, source: Source, settings: AuthoritySettings) -> Part | None:
    if measured.value is None:
        if not measured.list_length:
            return None
        points, sd = log_rank(10 * measured.list_length), _ABSENT_SD
    else:
        points, sd = _points(measured, source, settings), source.sd
    return Part(
        name=source.name,
        source=measured.source,
        value=measured.value,
        on=measured.on,
        points=min(100.0, max(0.0, points)),
        sd=sd,
        share=0.0,
        is_absence=measured.value is None,
    )


def _points(measured: Measurement, source: Source, settings: AuthoritySettings) -> float:
    value = measured.value or 0.0
    if source.scale is Scale.VENDOR:
        line = settings.vendor_lines.get(measured.source, VendorLine())
        return line.base + line.slope * vendor_points(value) + source.correction
    rank = value
    if source.scale is Scale.SUBNETS:
        rank = rank_from_subnets(value)
    elif source.scale is Scale.LINKING_DOMAINS:
        rank = rank_from_subnets(value * _SUBNETS_PER_LINKING_DOMAIN)
    return log_rank(rank) + source.correction


def _combine(parts: Sequence[Part], prior: Prior) -> tuple[float, float, tuple[Part, ...]]:
    """Return the weighted mean, its error, and the parts with the prior, heaviest first."""
    assumed = Part("Assumed of any site", None, None, None, prior.mean, prior.sd, 0.0)
    everything = [*parts, assumed]
    precision = sum(1 / part.sd**2 for part in everything)
    weighed = [
        Part(p.name, p.source, p.value, p.on, p.points, p.sd, 1 / p.sd**2 / precision, p.is_absence)
        for p in everything
    ]
    value = sum(part.share * part.points for part in weighed)
    sd = math.sqrt(1 / precision) * (_SHARED_ERROR if len(parts) >= 2 else 1.0)
    return value, sd, tuple(sorted(weighed, key=lambda part: -part.share))
