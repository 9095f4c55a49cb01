"""From kept figures to measurements: open lists, vendors' exports, and absence from a long list."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from outreach.scoring.authority import (
    SOURCES,
    AuthoritySettings,
    Measurement,
    Scale,
    VendorLine,
    authority,
    fit_vendor_line,
    log_rank,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from outreach.scoring.authority import SourceKey

# A vendor's figure is kept under one name, such as "ahrefs_dr".
SOURCE_KEYS: dict[str, SourceKey] = {
    f"{vendor}_{metric}": (vendor, metric) for vendor, metric in SOURCES
}


class Figure(NamedTuple):
    """One kept figure about a site: where it is from, its value and its day."""

    source: str
    value: float
    on: date


class ConsultedList(NamedTuple):
    """An open list that was read whole."""

    source: str
    length: int
    on: date


def measurements_of(
    figures: Iterable[Figure], lists: Iterable[ConsultedList], settings: AuthoritySettings
) -> list[Measurement]:
    """Return what all sources say about one site; figures nobody can scale are left out.

    A site that a list lacks ranks below the list's end. That counts only for lists so long that
    their end lies below what is assumed of any site: missing from the first thousand says nothing.
    """
    found = [
        Measurement(SOURCE_KEYS[figure.source], figure.value, figure.on)
        for figure in figures
        if figure.source in SOURCE_KEYS
    ]
    present = {measured.source for measured in found}
    for consulted in lists:
        key = SOURCE_KEYS.get(consulted.source)
        if key is None or key in present:
            continue
        if log_rank(10 * consulted.length) < settings.prior.mean:
            found.append(Measurement(key, None, consulted.on, consulted.length))
    return found


def fit_vendor_lines(sites: Iterable[Sequence[Figure]]) -> dict[SourceKey, VendorLine]:
    """Fit each vendor's 0-100 to the workspace's own open data, where there are pairs enough."""
    pairs: dict[SourceKey, list[tuple[float, float]]] = {}
    default = AuthoritySettings()
    for figures in sites:
        theirs, open_data = _parted(figures)
        if not theirs or not open_data:
            continue
        known = authority(measurements_of(open_data, (), default))
        for key, value in theirs.items():
            pairs.setdefault(key, []).append((value, known.value))
    fitted = {key: fit_vendor_line(found) for key, found in pairs.items()}
    return {key: line for key, line in fitted.items() if line is not None}


def _parted(figures: Sequence[Figure]) -> tuple[Mapping[SourceKey, float], list[Figure]]:
    theirs: dict[SourceKey, float] = {}
    open_data: list[Figure] = []
    for figure in figures:
        key = SOURCE_KEYS.get(figure.source)
        if key is None:
            continue
        if SOURCES[key].scale is Scale.VENDOR:
            theirs[key] = figure.value
        else:
            open_data.append(figure)
    return theirs, open_data
