"""Read a table nobody knows as a person says: guesses for each column, and a layout made of them.

A mapped file goes through the very same parsing as a vendor's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from outreach.imports.layouts import Layout, find_column, normalise_header
from outreach.imports.mapping_shapes import field_of_shape, fits, shape_of
from outreach.imports.mapping_words import field_of_header
from outreach.imports.rows import RowKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from outreach.imports.sampling import TableSample

MAPPED = "mapped"
# Figures that a column may be mapped to, beside the fields of a row.
FIGURES: Mapping[str, tuple[str, str]] = {
    "ahrefs_dr": ("ahrefs", "dr"),
    "moz_da": ("moz", "da"),
    "majestic_tf": ("majestic", "tf"),
    "majestic_cf": ("majestic", "cf"),
    "semrush_as": ("semrush", "as"),
    "traffic": ("ahrefs", "domain_traffic"),
}
PROFILES = ("twitter", "linkedin", "facebook", "instagram", "youtube")

_PEOPLE = frozenset({RowKind.PERSON, RowKind.PARTNER, RowKind.COVERAGE})
_PLACES = frozenset(
    {RowKind.PAGE, RowKind.BACKLINK, RowKind.REFERRING_DOMAIN, RowKind.PARTNER, RowKind.COVERAGE}
)
_LINKS = frozenset({RowKind.BACKLINK, RowKind.PARTNER})
_GUARDED = frozenset({RowKind.SUPPRESSION, RowKind.TOUCH})
_ANY = frozenset(RowKind)


class Target(NamedTuple):
    """A field that a column may be mapped to, what people call it, and the rows that have it."""

    field: str
    label: str
    kinds: frozenset[RowKind]


TARGETS: tuple[Target, ...] = (
    Target("url", "Page URL", _PLACES | {RowKind.DISAVOW}),
    Target("site", "Domain", _PLACES | _GUARDED | {RowKind.DISAVOW, RowKind.RANKS}),
    Target("title", "Page title", _PLACES),
    Target("description", "Description", _PLACES),
    Target("topic", "Topic", _PLACES),
    Target("found_on", "Found on", _PLACES),
    Target("language", "Language", _PLACES),
    Target("target_url", "Links to", _LINKS),
    Target("anchor", "Anchor", _LINKS),
    Target("rel", "Rel of the link", _LINKS),
    Target("nofollow", "Nofollow (yes or no)", _LINKS),
    Target("first_seen", "First seen", _LINKS | {RowKind.REFERRING_DOMAIN}),
    Target("last_seen", "Last seen", _LINKS | {RowKind.REFERRING_DOMAIN}),
    Target("lost_on", "Lost on", _LINKS | {RowKind.REFERRING_DOMAIN}),
    Target("email", "Email address", _PEOPLE | _GUARDED),
    Target("name", "Name", _PEOPLE),
    Target("first_name", "First name", _PEOPLE),
    Target("last_name", "Last name", _PEOPLE),
    Target("role", "Role", _PEOPLE),
    Target("outlet", "Outlet or company", _PEOPLE),
    Target("outlet_url", "Outlet’s website", _PEOPLE),
    Target("beat", "Beat", _PEOPLE),
    Target("location", "Location", _PEOPLE),
    Target("city", "City", _PEOPLE),
    Target("phone", "Phone", _PEOPLE),
    *(Target(network, network.capitalize(), _PEOPLE) for network in PROFILES),
    Target("published_on", "Published on", frozenset({RowKind.COVERAGE})),
    Target("country", "Country", _PLACES | _PEOPLE),
    Target("tags", "Tags", _PLACES | _PEOPLE),
    Target("status", "Status", _PEOPLE),
    Target("notes", "Notes", _PEOPLE),
    Target("reason", "Reason", _GUARDED | {RowKind.DISAVOW}),
    Target("contacted_on", "Contacted on", frozenset({RowKind.TOUCH})),
    Target("outcome", "Outcome", frozenset({RowKind.TOUCH})),
    Target("contacted_by", "Contacted by", frozenset({RowKind.TOUCH})),
    Target("ahrefs_dr", "Ahrefs DR", _PLACES),
    Target("moz_da", "Moz DA", _PLACES),
    Target("majestic_tf", "Majestic TF", _PLACES),
    Target("majestic_cf", "Majestic CF", _PLACES),
    Target("semrush_as", "Semrush AS", _PLACES),
    Target("traffic", "Traffic of the site", _PLACES),
)
_FIELDS = {target.field for target in TARGETS}


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How a person told us to read a header: what a row is, and our field → the header."""

    kind: RowKind
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What one column of an unknown table may be; `field` is empty where we have no idea."""

    index: int
    header: str
    examples: tuple[str, ...]
    field: str
    confidence: float


def guess(sample: TableSample) -> list[ColumnGuess]:
    """Say for each column what it may hold, by its header and by its values.

    A field is given to the column that fits it best, and to no other.
    """
    ranked: list[tuple[float, int, str]] = []
    for index, header in enumerate(sample.headers):
        cells = sample.examples(index, count=50)
        ranked += [(sure, -index, name) for name, sure in _offers(header, cells, sample.has_header)]
    taken: dict[int, tuple[str, float]] = {}
    used: set[str] = set()
    for sure, place, name in sorted(ranked, reverse=True):
        if -place not in taken and name not in used:
            taken[-place] = (name, sure)
            used.add(name)
    return [
        ColumnGuess(index, header, sample.examples(index), *taken.get(index, ("", 0.0)))
        for index, header in enumerate(sample.headers)
    ]


def guess_kind(guesses: Sequence[ColumnGuess]) -> RowKind:
    """Say what the rows of a table with these columns most likely are."""
    found = {column.field for column in guesses}
    has_place = bool(found & {"url", "site"})
    rules = (
        (has_place and "target_url" in found, RowKind.BACKLINK),
        ("contacted_on" in found, RowKind.TOUCH),
        ("reason" in found, RowKind.SUPPRESSION),
        (has_place and "published_on" in found, RowKind.COVERAGE),
        (has_place and "email" in found and "outlet" not in found, RowKind.PARTNER),
        (bool(found & {"email", "name", "first_name"}), RowKind.PERSON),
    )
    return next((kind for holds, kind in rules if holds), RowKind.PAGE)


def mapped_layout(columns: Mapping[str, str], kind: RowKind) -> Layout:
    """Make a layout of what a person said: our field → the header, as the file writes it."""
    named = {name: normalise_header(header) for name, header in columns.items() if header}
    return Layout(
        name=MAPPED,
        title="Table mapped by hand",
        kind=kind,
        signature=tuple(named.values()),
        columns={
            name: header
            for name, header in named.items()
            if name in _FIELDS and name not in FIGURES and name not in PROFILES
        },
        site_metrics={named[name]: figure for name, figure in FIGURES.items() if name in named},
        profiles={name: named[name] for name in PROFILES if name in named},
        is_ragged=True,
    )


def missing_columns(mapping: ColumnMap, headers: Sequence[str]) -> list[str]:
    """Return the headers a mapping names that a file does not have."""
    known = [normalise_header(header) for header in headers]
    return [
        header
        for header in mapping.columns.values()
        if header and find_column(known, normalise_header(header)) is None
    ]


def header_key(headers: Sequence[str]) -> str:
    """Return the hash under which the mapping of a header is remembered."""
    text = "\x1f".join(normalise_header(header) for header in headers)
    return hashlib.sha256(text.encode()).hexdigest()


def _offers(header: str, cells: Sequence[str], has_header: bool) -> list[tuple[str, float]]:
    """Return the fields a column may be, each with how sure we are."""
    shape = shape_of(cells)
    by_name = field_of_header(header) if has_header else ""
    if by_name in _FIELDS and fits(by_name, shape):
        return [(by_name, 0.95 if cells else 0.6)]
    by_shape = field_of_shape(shape, header if has_header else "")
    found = [(name, 0.7 - 0.1 * at) for at, name in enumerate(by_shape)]
    if by_name in _FIELDS and not found:
        found.append((by_name, 0.3))
    return found
