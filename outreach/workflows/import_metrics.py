"""Import an open list of domain ranks: only the sites we know are kept, and that it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from outreach.core.db import SYSTEM
from outreach.imports.metric_files import MetricLayout, read_metrics, recognise_metrics
from outreach.prospects.rules import metric_source
from outreach.sites.queries import all_site_ids
from outreach.sites.services import ConsultedList, note_list, record_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from outreach.core.db import Database, Session
    from outreach.imports.metric_files import DomainMetrics

_TITLES = {
    MetricLayout.MAJESTIC_MILLION: "Majestic Million",
    MetricLayout.COMMON_CRAWL_RANKS: "Common Crawl domain ranks",
    MetricLayout.TRANCO: "Tranco list",
}
# What a site's absence from the list is told of: one source for each kind of evidence.
_SOURCES = {
    MetricLayout.MAJESTIC_MILLION: ("majestic_rank",),
    MetricLayout.COMMON_CRAWL_RANKS: (
        "common_crawl_pagerank_rank",
        "common_crawl_harmonic_rank",
    ),
    MetricLayout.TRANCO: ("tranco_rank",),
}
_SITES_AT_ONCE = 2_000
_PROGRESS_EVERY = 50_000


@dataclass(frozen=True, slots=True)
class MetricsDone:
    """What an open list said: how many domains it ranks, how many of them we know."""

    title: str
    length: int
    known_count: int
    site_count: int
    changed_count: int
    measured_on: date


class _Known:
    """The domains we know; counts how many it is asked about, which is the length of the list."""

    def __init__(self, ids: dict[str, int], on_progress: Callable[[int], None]) -> None:
        self.ids = ids
        self.asked = 0
        self._on_progress = on_progress

    def __contains__(self, domain: object) -> bool:
        self.asked += 1
        if self.asked % _PROGRESS_EVERY == 0:
            self._on_progress(self.asked)
        return domain in self.ids


def import_metrics(
    database: Database,
    path: Path,
    clock: Callable[[], datetime],
    on_progress: Callable[[int], None] = lambda _count: None,
) -> MetricsDone:
    """Keep what a list says about known sites; scores follow by `score_prospects`.

    Raises:
        Invalid: It is no list we can read, or damaged.
    """
    file = recognise_metrics(path)
    with database.reading(SYSTEM) as session:
        known = _Known(all_site_ids(session), on_progress)
    day = file.on or datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    sets = list(_sets(read_metrics(file, known)))  # read whole: a damaged list changes nothing
    changed = 0
    for rows in sets:
        with database.system() as session:
            changed += _record(session, rows, known.ids, day, clock())
    with database.system() as session:
        for source in _SOURCES[file.layout]:
            consulted = ConsultedList(source, file.release, known.asked, day)
            note_list(session, consulted, now=clock())
    return MetricsDone(
        title=_TITLES[file.layout],
        length=known.asked,
        known_count=sum(len(rows) for rows in sets),
        site_count=len(known.ids),
        changed_count=changed,
        measured_on=day,
    )


def _record(
    session: Session, rows: list[DomainMetrics], ids: dict[str, int], day: date, now: datetime
) -> int:
    by_source: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        for key, value in row.metrics.items():
            by_source.setdefault(metric_source(*key), []).append((ids[row.domain], value))
    return sum(
        record_metrics(session, source, values, measured_on=day, now=now)
        for source, values in by_source.items()
    )


def _sets(rows: Iterator[DomainMetrics]) -> Iterator[list[DomainMetrics]]:
    while found := list(islice(rows, _SITES_AT_ONCE)):
        yield found
