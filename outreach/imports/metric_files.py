"""Read published lists of domain metrics, as a stream, keeping only the domains we know."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import IO, TYPE_CHECKING, NamedTuple

from outreach.core.errors import Invalid
from outreach.core.urls import registrable_domain

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from pathlib import Path

_GZIP = b"\x1f\x8b"
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)
_HEAD_CHARACTERS = 4_096
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RELEASE = re.compile(r"cc-main-(\d{4})(?:-\d{2,4})?((?:-[a-z]{3}(?![a-z]))+)")
_RANKED = re.compile(r"1,[a-z0-9.\-]+\.[a-z0-9\-]{2,63}")  # the first line of a Tranco list
_ISO_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")

SourceKey = tuple[str, str]  # (vendor, metric)


class MetricLayout(StrEnum):
    """The published lists we can read."""

    MAJESTIC_MILLION = "majestic_million"
    COMMON_CRAWL_RANKS = "common_crawl_ranks"
    TRANCO = "tranco"


class DomainMetrics(NamedTuple):
    """What a list says about one registrable domain."""

    domain: str
    metrics: dict[SourceKey, float]


@dataclass(frozen=True, slots=True)
class MetricFile:
    """A recognised list: its release as named by the publisher and its date, if the name tells."""

    path: Path
    layout: MetricLayout
    release: str
    on: date | None


def recognise_metrics(path: Path) -> MetricFile:
    """Say which list a file is.

    Raises:
        Invalid: It is none that we can read.
    """
    if not path.is_file():
        raise Invalid(f"There is no file “{path.name}”.")
    head = _head(path)
    if not head.strip():
        raise Invalid(f"“{path.name}” is empty.")
    first = head.splitlines()[0].lstrip("\ufeff").casefold()
    release, on = release_of(path.name)
    if "globalrank" in first and "domain" in first:
        return MetricFile(path, MetricLayout.MAJESTIC_MILLION, release, on)
    if first.startswith("#") and "harmonicc_pos" in first and "pr_pos" in first:
        return MetricFile(path, MetricLayout.COMMON_CRAWL_RANKS, release, on)
    if _RANKED.fullmatch(first.strip()):
        return MetricFile(path, MetricLayout.TRANCO, release, on)
    raise Invalid(
        f"“{path.name}” is neither a Majestic Million, a Tranco list nor a Common Crawl "
        f"domain-ranks file: it begins with “{first[:80]}”."
    )


def release_of(name: str) -> tuple[str, date | None]:
    """Read the release and the date out of a file's name.

    "cc-main-2026-apr-may-jun" is dated to the first day of its last month; a name with a day in it
    to that day.
    """
    lowered = name.casefold()
    if found := _RELEASE.search(lowered):
        names = found[2].removeprefix("-").split("-")
        if set(names) <= set(_MONTHS):
            first, last = _MONTHS.index(names[0]) + 1, _MONTHS.index(names[-1]) + 1
            return found[0], date(int(found[1]) + int(last < first), last, 1)
    if found := _ISO_DAY.search(lowered):
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return "", None
        return day.isoformat(), day
    return "", None


def read_metrics(file: MetricFile, known: Container[str]) -> Iterator[DomainMetrics]:
    """Yield the metrics of the known registrable domains, in the order of the list.

    Raises:
        Invalid: The compressed file is damaged.
    """
    read = _READERS[file.layout]
    try:
        with _open(file.path) as lines:
            yield from read(lines, known)
    except _DAMAGE as error:
        raise Invalid(
            f"“{file.path.name}” is damaged or its download was cut off: download it again."
        ) from error


def read_majestic(lines: IO[str], known: Container[str]) -> Iterator[DomainMetrics]:
    """Read the Majestic Million: rank and referring subnets of each known domain."""
    rows = csv.reader(lines)
    header = [cell.strip().lstrip("\ufeff").casefold() for cell in next(rows, [])]
    rank_at, domain_at = header.index("globalrank"), header.index("domain")
    subnets_at = header.index("refsubnets") if "refsubnets" in header else None
    needed = max(rank_at, domain_at, subnets_at or 0)
    for cells in rows:
        if len(cells) <= needed:
            continue
        domain = _own_domain(cells[domain_at], known)
        rank = _positive(cells[rank_at])
        if domain is None or rank is None:
            continue
        metrics: dict[SourceKey, float] = {("majestic", "rank"): rank}
        subnets = None if subnets_at is None else _positive(cells[subnets_at])
        if subnets is not None:
            metrics["majestic", "ref_subnets"] = subnets
        yield DomainMetrics(domain, metrics)


def read_common_crawl_ranks(lines: IO[str], known: Container[str]) -> Iterator[DomainMetrics]:
    """Read Common Crawl's domain ranks: harmonic and PageRank positions of each known domain.

    Columns: harmonic position and value, PageRank position and value, the name with its labels
    reversed, and, in newer files, the number of hosts.
    """
    for line in lines:
        if line.startswith("#"):
            continue
        cells = line.rstrip("\r\n").split("\t")
        if len(cells) not in {5, 6}:
            continue
        domain = _own_domain(".".join(reversed(cells[4].split("."))), known)
        harmonic, pagerank = _positive(cells[0]), _positive(cells[2])
        if domain is None or harmonic is None or pagerank is None:
            continue
        metrics = {
            ("common_crawl", "pagerank_rank"): pagerank,
            ("common_crawl", "harmonic_rank"): harmonic,
        }
        yield DomainMetrics(domain, metrics)


def read_tranco(lines: IO[str], known: Container[str]) -> Iterator[DomainMetrics]:
    """Read a Tranco list, each line of which is a rank and a domain."""
    for line in lines:
        rank_cell, _, name = line.strip().partition(",")
        domain, rank = _own_domain(name, known), _positive(rank_cell)
        if domain is not None and rank is not None:
            yield DomainMetrics(domain, {("tranco", "rank"): rank})


_READERS: dict[MetricLayout, Callable[[IO[str], Container[str]], Iterator[DomainMetrics]]] = {
    MetricLayout.MAJESTIC_MILLION: read_majestic,
    MetricLayout.COMMON_CRAWL_RANKS: read_common_crawl_ranks,
    MetricLayout.TRANCO: read_tranco,
}


def _own_domain(name: str, known: Container[str]) -> str | None:
    """Return the name if it is a known registrable domain; hosts below one are not its rank."""
    name = name.strip().lower()
    if name not in known:
        return None
    return name if registrable_domain(name) == name else None


def _positive(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def _open(path: Path) -> IO[str]:
    with path.open("rb") as raw:
        is_gzip = raw.read(2) == _GZIP
    if is_gzip:
        return gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="")
    return path.open(encoding="utf-8", errors="replace", newline="")


def _head(path: Path) -> str:
    try:
        with _open(path) as file:
            return file.read(_HEAD_CHARACTERS)
    except _DAMAGE as error:
        raise Invalid(
            f"“{path.name}” is damaged or its download was cut off: download it again."
        ) from error
