"""Read the cells of one row by where a file's columns stand; this is the hot path of imports."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from outreach.core.urls import WebAddress, parse_address, parse_domain
from outreach.imports import values
from outreach.imports.layouts import DATE_FIELDS, FIELDS, Layout, find_column, normalise_header
from outreach.imports.rows import NO_METRICS, ParsedRow, RowKind
from outreach.imports.values_dates import day, is_ambiguous_day, order_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from outreach.imports.recognition import Recognised
    from outreach.imports.rows import Metrics
    from outreach.imports.values_dates import Order

    Places = tuple[tuple[int, tuple[str, str], Callable[[str], float | None]], ...]

_REFUSED_SHOWN = 80
_REL = ("nofollow", "ugc", "sponsored", "followed", "rel")
_RELS = ("nofollow", "ugc", "sponsored")

# One target page is linked from thousands of rows.
_target = lru_cache(maxsize=4_096)(parse_address)


class Refused(Exception):
    """Why one row cannot be used, as a sentence."""


class RowReader:
    """Reads the rows of one file; where its columns stand is worked out once."""

    def __init__(self, recognised: Recognised) -> None:
        layout = recognised.layout
        headers = [normalise_header(name) for name in recognised.columns]
        self._layout = layout
        self._width = len(headers)
        places = {field: self._place(layout, field, headers) for field in FIELDS}
        self._unpack = itemgetter(*places.values())
        self._site_metrics = metric_places(layout.site_metrics, headers, recognised)
        self._page_metrics = metric_places(layout.page_metrics, headers, recognised)
        self._url_header = self._header_of("url", recognised)
        self._orders = {
            field: self._order(recognised, self._place(layout, field, headers))
            for field in DATE_FIELDS
        }
        self._says_rel = any(places[name] < self._width for name in _REL)
        self._rels: dict[tuple[str, ...], frozenset[str]] = {}
        self._is_set = values.is_marked if layout.are_flags_marks else values.yes

    def _order(self, recognised: Recognised, at: int) -> Order:
        """Say whether a column's dates have the day or the month first, by all of its sample."""
        found = order_of(row[at] for row in recognised.rows if at < len(row))
        return found or ("month" if self._layout.is_month_first else "")

    def _place(self, layout: Layout, field: str, headers: list[str]) -> int:
        """Return a field's column; without one, the empty cell that `read` puts past the last."""
        names = layout.columns.get(field)
        at = find_column(headers, names) if names else None
        return len(headers) if at is None else at

    @staticmethod
    def _header_of(field: str, recognised: Recognised) -> str:
        return recognised.column_of(field) or recognised.column_of("site") or ""

    def read(self, line: int, cells: list[str]) -> ParsedRow:
        """Return what one row says; raise `Refused` where it cannot be used."""
        if len(cells) != self._width:
            self._fit(cells)
        cells.append("")
        (
            url, site, title, description, topic, found_on, language, target, anchor, nofollow,
            ugc, sponsored, followed, rel, first_seen, last_seen, lost_on, email, reason,
            contacted_on, outcome, contacted_by,
        ) = self._unpack(cells)  # fmt: skip
        row_email, row_site, address = self._whom(url, site, email)
        orders = self._orders
        when = day(contacted_on, orders["contacted_on"]) if contacted_on else None
        if when is None and self._layout.kind is RowKind.TOUCH:
            raise Refused(_unread_day(contacted_on))
        goal = _target(target) if target else None
        return ParsedRow(
            line,
            address.url if address else "",
            address.key if address else "",
            row_site,
            values.text(title, 500) if title else "",
            values.text(description, 5_000) if description else "",
            values.text(topic, 200) if topic else "",
            values.text(found_on, 500) if found_on else "",
            language.strip()[:20].casefold() if language else "",
            goal.url if goal else target.strip()[:2_048],
            goal.key if goal else "",
            values.text(anchor, 1_000) if anchor else "",
            self._rel((nofollow, ugc, sponsored, followed, rel)) if self._says_rel else None,
            day(first_seen, orders["first_seen"]) if first_seen else None,
            day(last_seen, orders["last_seen"]) if last_seen else None,
            day(lost_on, orders["lost_on"]) if lost_on else None,
            row_email,
            values.text(reason, 500) if reason else "",
            when,
            values.text(outcome, 200) if outcome else "",
            values.text(contacted_by, 200) if contacted_by else "",
            read_metrics(self._site_metrics, cells),
            read_metrics(self._page_metrics, cells),
        )

    def _fit(self, cells: list[str]) -> None:
        """Bring a ragged row to the header's width where nothing is lost by it."""
        missing = self._width - len(cells)
        if missing < 0 and not any(cell.strip() for cell in cells[self._width :]):
            del cells[self._width :]
        elif missing > 0 and self._layout.is_ragged and cells:
            cells.extend([""] * missing)
        else:
            raise Refused(f"This row has {len(cells)} cells where the header has {self._width}.")

    def _whom(self, url: str, site: str, email: str) -> tuple[str, str, WebAddress | None]:
        """Return the row's email address, site and page."""
        kind = self._layout.kind
        if kind in {RowKind.SUPPRESSION, RowKind.TOUCH}:
            return self._suppressed(email, site)
        if kind is RowKind.RANKS:
            return "", _ranked_site(site), None
        if url and not url.isspace():
            address = parse_address(url)
            if address is None:
                raise Refused(f"“{shown(url)}” is not a web address.")
            return "", address.site, address
        if kind is RowKind.BACKLINK or not site or site.isspace():
            raise Refused(f"There is no address in the column “{self._url_header}”.")
        return "", read_site(site), None

    def _suppressed(self, email: str, site: str) -> tuple[str, str, WebAddress | None]:
        """Read whom a row of a suppression list or contact history means."""
        whom, domain = email.strip(), site.strip()
        if "@" in whom.lstrip("@"):
            address = values.email(whom)
            if address is None:
                raise Refused(f"“{shown(whom)}” is not an email address.")
            return address, parse_domain(address.rsplit("@", 1)[1]) or "", None
        if "@" in domain.lstrip("@") and "://" not in domain:
            return self._suppressed(domain, "")
        if not whom and not domain:
            raise Refused("There is neither an email address nor a domain.")
        return "", read_site(domain or whom), None

    def _rel(self, cells: tuple[str, ...]) -> frozenset[str]:
        rel = self._rels.get(cells)
        if rel is None:
            *flags, followed, words = cells
            found = {name for name, cell in zip(_RELS, flags, strict=True) if self._is_set(cell)}
            found |= {name for name in _RELS if name in words.casefold()}
            if followed.strip() and not values.yes(followed) and not any(map(str.strip, flags)):
                found.add("nofollow")
            rel = self._rels[cells] = frozenset(found)
        return rel


def metric_places(
    named: Mapping[str, tuple[str, str]], headers: list[str], recognised: Recognised
) -> Places:
    """Find the columns of a layout's figures, and how their numbers are to be read."""
    found = ((find_column(headers, names), metric) for names, metric in named.items())
    return tuple(
        (at, metric, values.number_reader(row[at] for row in recognised.rows if at < len(row)))
        for at, metric in found
        if at is not None
    )


def read_metrics(places: Places, cells: list[str]) -> Metrics:
    """Read a row's figures; cells that hold none are left out."""
    metrics = {
        metric: value
        for at, metric, read in places
        if cells[at] and (value := read(cells[at])) is not None
    }
    return metrics or NO_METRICS


def read_site(value: str) -> str:
    """Read a domain, also as "@example.com" or "*.example.com"."""
    site = parse_domain(value.strip().lstrip("@").removeprefix("*.").rstrip("/"))
    if site is None:
        raise Refused(f"“{shown(value)}” is not a domain.")
    return site


def page_or_site(value: str) -> tuple[str, str, WebAddress | None]:
    """A bare registrable domain means the site; anything longer means that page."""
    address = parse_address(value)
    if address is None:
        raise Refused(f"“{shown(value)}” is not a web address.")
    bare = value.casefold().rstrip("./").removeprefix("www.")
    is_site = "://" not in value and "/" not in bare and address.key == address.site
    return "", address.site, None if is_site else address


def _unread_day(cell: str) -> str:
    if is_ambiguous_day(cell):
        return (
            f"The date “{shown(cell)}” can be read with the day or the month first: "
            "write it as YYYY-MM-DD."
        )
    return f"“{shown(cell)}” is not a date." if cell.strip() else "The date is missing."


def _ranked_site(value: str) -> str:
    """Read a domain of a list of ranks: a host below a site does not tell the site's rank."""
    site = read_site(value)
    if value.strip().casefold() != site:
        raise Refused(f"“{shown(value)}” is a part of {site}, whose rank it does not tell.")
    return site


def shown(value: str) -> str:
    """Cut a value to what a sentence can quote."""
    value = " ".join(value.split())
    return value if len(value) <= _REFUSED_SHOWN else value[:_REFUSED_SHOWN] + "…"
