"""What a file may change of a page that is known, and where a prospect stands in a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from outreach.prospects.words import Review

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from outreach.imports.rows import ParsedRow

LONGEST_URL = 2_048
CLAIM = timedelta(minutes=3)  # how long a prospect shown in the review is nobody else's
LATER = timedelta(days=14)  # how long "later" puts a prospect aside
UNSCORED = 101  # sorts behind every score
MANUAL = "manual"

# Columns of a page that a file may give, in the order in which `facts_of` returns them.
PAGE_FACTS = (
    "title", "description", "topic", "language", "links_to", "anchor", "rel",
    "first_seen_on", "last_seen_on",
)  # fmt: skip
# Columns of a prospect that a file may fill where they are empty, in the order of `site_facts_of`.
SITE_FACTS = ("country", "language", "topic")
# Columns that copy the vendors' figures of a site, in the order of `vendor_copies`.
VENDOR_COPIES = ("ahrefs_dr", "moz_da", "majestic_tf", "semrush_as", "traffic")
TRAFFIC_SOURCES = frozenset({"ahrefs_domain_traffic", "semrush_domain_traffic", "semrush_traffic"})
_LARGEST_COPY = 2**31 - 1
_TEXTS = range(7)
_FIRST_SEEN, _LAST_SEEN = 7, 8
_SCORED_TEXTS = frozenset({"title", "description", "language"})
_FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a prospect in the review."""

    review: Review
    reason: str = ""
    until: datetime | None = None  # when what is put aside is shown again; None: after LATER


UNDECIDED = Decision(Review.NEW)


@dataclass(frozen=True, slots=True)
class Copied:
    """The columns of a prospect that are copied from other packages, as they must be."""

    prospect_id: int
    has_contact: bool
    stage: str
    last_contact_at: datetime | None
    cool_down_until: datetime | None
    page_count: int
    vendor: tuple[int | None, ...]  # in the order of VENDOR_COPIES


def import_source(import_file_id: int) -> str:
    """Mark of a prospect that a file brought."""
    return f"import:{import_file_id}"


def source_import_id(source: str) -> int | None:
    """Return the file that brought a prospect; None for one that a person or a job added."""
    kind, _, number = source.partition(":")
    return int(number) if kind == "import" and number.isdigit() else None


def order_of(score: int | None) -> int:
    """Return the number by which a list sorts a score, best first and unknown last."""
    return UNSCORED if score is None else 100 - score


@lru_cache(maxsize=1_024)
def metric_source(vendor: str, metric: str) -> str:
    """Name under which a vendor's figure is kept, such as "ahrefs_dr"."""
    return f"{vendor}_{metric}"


def vendor_copies(figures: Iterable[tuple[str, float, date]]) -> tuple[int | None, ...]:
    """Return what the columns of VENDOR_COPIES must be, by (source, value, day) of all figures.

    Traffic is the newest vendor's; of two of one day, the larger figure.
    """
    found: dict[str, int] = {}
    newest: tuple[date, int] | None = None
    for source, value, on in figures:
        number = min(round(value), _LARGEST_COPY)
        if source in TRAFFIC_SOURCES:
            newest = max(newest, (on, number)) if newest else (on, number)
        else:
            found[source] = number
    copies = [found.get(name) for name in VENDOR_COPIES[:-1]]
    return (*copies, newest[1] if newest else None)


def site_facts_of(row: ParsedRow) -> tuple[str, ...]:
    """Return what a row says about its whole site, in the order of SITE_FACTS."""
    return row.country[:2], row.language[:8], row.topic[:120]


def figures_of(row: ParsedRow, on: date) -> dict[str, list[object]]:
    """Return the vendors' figures of a row's page: source → [value, the day]."""
    day = on.isoformat()
    return {metric_source(*name): [value, day] for name, value in row.page_metrics.items()}


def figures_text(row: ParsedRow, on: date) -> str:
    """Return the same as JSON: of each of a million new pages, so a form is filled in."""
    metrics = row.page_metrics
    return _figures_form(tuple(metrics), on) % tuple(metrics.values())


@lru_cache(maxsize=256)
def _figures_form(names: tuple[tuple[str, str], ...], on: date) -> str:
    figures = (f'"{metric_source(*name)}": [%r, "{on.isoformat()}"]' for name in names)
    return "{" + ", ".join(figures) + "}"


def merge_figures(
    known: dict[str, list[object]], given: dict[str, list[object]]
) -> dict[str, list[list[object] | None]]:
    """Bring a row's figures into what is known of its page; those of an older day say nothing.

    Returns:
        Source → [before, after] of what changed; `known` is changed in place.
    """
    changes: dict[str, list[list[object] | None]] = {}
    for source, figure in given.items():
        old = known.get(source)
        if old is None or (str(old[1]) <= str(figure[1]) and old != figure):
            changes[source] = [old, figure]
            known[source] = figure
    return changes


def facts_of(row: ParsedRow) -> tuple[Any, ...]:
    """Return what a row says about its page, in the order of PAGE_FACTS."""
    return (
        row.title,
        row.description,
        row.topic,
        row.language[:8],
        row.target_url[:LONGEST_URL],
        row.anchor,
        rel_words(row.rel),
        row.first_seen,
        row.last_seen,
    )


@lru_cache(maxsize=64)
def rel_words(rel: frozenset[str] | None) -> str:
    """Return a link's rel values as text: "follow" for none of them, "" when nobody says."""
    if rel is None:
        return ""
    return " ".join(sorted(rel)) or _FOLLOW


def merge_facts(
    known: list[Any], given: Sequence[Any], *, may_replace: bool
) -> dict[str, tuple[Any, Any]]:
    """Bring what a row gives into what is known of its page.

    An empty cell says nothing; days seen only widen. Other facts are replaced where `may_replace`
    says so, and filled in where nothing was known.

    Args:
        known: The page's facts in the order of PAGE_FACTS; changed in place.
        given: The row's, in the same order.
        may_replace: False for a row whose page an earlier row of the same file described, for a
            file imported before, and for a page that was read live.

    Returns:
        Column → (before, after) of what changed.
    """
    changes: dict[str, tuple[Any, Any]] = {}
    for at in _TEXTS:
        value = given[at]
        if value and value != known[at] and (may_replace or not known[at]):
            changes[PAGE_FACTS[at]] = (known[at], value)
            known[at] = value
    _widen(known, given, _FIRST_SEEN, changes)
    _widen(known, given, _LAST_SEEN, changes)
    return changes


def _widen(
    known: list[Any], given: Sequence[Any], at: int, changes: dict[str, tuple[Any, Any]]
) -> None:
    old, new = known[at], given[at]
    if new is None or new == old:
        return
    if old is None or (new < old if at == _FIRST_SEEN else new > old):
        changes[PAGE_FACTS[at]] = (old, new)
        known[at] = new


def changes_words(columns: Iterable[str]) -> bool:
    """Tell whether any of these columns is among the words a page is scored by."""
    return not _SCORED_TEXTS.isdisjoint(columns)


def to_json(value: Any) -> Any:
    """Return a fact as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def from_json(column: str, value: Any) -> Any:
    """Return a fact as it was before `to_json`."""
    return date.fromisoformat(value) if column.endswith("_on") and value else value
