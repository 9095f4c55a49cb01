"""Read the rows that name people, offers, countries or tags, or that need more than one column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from outreach.core.urls import WebAddress, parse_address, parse_domain
from outreach.imports import values
from outreach.imports.layouts import RICH_FIELDS, find_column, normalise_header
from outreach.imports.parsing_rows import Refused, RowReader, page_or_site, read_site, shown
from outreach.imports.rows import OfferRow, ParsedRow, PersonRow, RowKind
from outreach.imports.values_countries import country
from outreach.imports.values_dates import day

if TYPE_CHECKING:
    from outreach.imports.layouts import Layout
    from outreach.imports.recognition import Recognised

_OF_PEOPLE = frozenset({RowKind.PERSON, RowKind.PARTNER, RowKind.COVERAGE})
_ADDRESSES = re.compile(r"[\s;,|<>]+")
_AUTHORS = re.compile(r"\s*(?:;|,|\||\s&\s|\sand\s)\s*")
_NOTHING = frozenset({"", "-", "–", "n/a", "na", "none", "null", "unknown"})
_PRICE = "price"


def is_rich(recognised: Recognised) -> bool:
    """Tell whether a file's rows say more than plain rows do."""
    layout = recognised.layout
    if layout.kind in _OF_PEOPLE or layout.compares_targets:
        return True
    return any(recognised.column_of(field) is not None for field in RICH_FIELDS)


class RichReader(RowReader):
    """Reads rows that say more than a page, a link and its figures."""

    def __init__(self, recognised: Recognised) -> None:
        super().__init__(recognised)
        layout = recognised.layout
        headers = [normalise_header(name) for name in recognised.columns]
        self._rich = {field: self._place(layout, field, headers) for field in RICH_FIELDS}
        self._email_at = self._place(layout, "email", headers)
        self._profiles = tuple(
            (network, at)
            for network, names in layout.profiles.items()
            if (at := find_column(headers, names)) is not None
        )
        self._offers = _offer_places(layout, headers, recognised.columns)
        self._targets = _target_places(recognised) if layout.compares_targets else ()
        self._is_reversed = self._rich["reversed_site"] < self._width

    def read(self, line: int, cells: list[str]) -> ParsedRow:
        """Return what one row says, its person included."""
        at = self._rich["reversed_site"]
        if self._is_reversed and at < len(cells):
            cells[at] = ".".join(reversed(cells[at].strip().split(".")))
        row = super().read(line, cells)
        tell = self._tell(cells)
        row = row._replace(
            country=country(tell["country"]),
            tags=values.split_list(tell["tags"]),
            status=values.text(tell["status"], 80),
            published_on=day(tell["published_on"], self._orders["published_on"]),
            offers=self._read_offers(cells),
        )
        if tell["anchor_and_target"]:
            row = _with_anchor_and_target(row, tell["anchor_and_target"])
        if self._targets:
            row = self._with_target(row, cells)
        is_of_people = self._layout.kind in _OF_PEOPLE
        return self._with_person(row, tell, cells) if is_of_people else row

    def _tell(self, cells: list[str]) -> dict[str, str]:
        return {field: cells[at] for field, at in self._rich.items()}

    def _whom(self, url: str, site: str, email: str) -> tuple[str, str, WebAddress | None]:
        kind = self._layout.kind
        if kind is RowKind.PERSON:
            place = url.strip() or site.strip()
            return "", (parse_domain(place) or "") if place else "", None
        if kind is RowKind.PARTNER:
            return self._partner(url.strip(), site.strip())
        return super()._whom(url, site, email)

    def _partner(self, url: str, site: str) -> tuple[str, str, WebAddress | None]:
        if not url and not site:
            raise Refused(f"There is no address in the column “{self._url_header}”.")
        if not url:
            return "", read_site(site), None
        _, own_site, address = page_or_site(url)
        if not site:
            return "", own_site, address
        named = read_site(site)
        return "", named, address if address and address.site == named else None

    def _with_person(self, row: ParsedRow, tell: dict[str, str], cells: list[str]) -> ParsedRow:
        email, others = _addresses(cells[self._email_at])
        person = self._person(tell, cells, email, others)
        if not email and not person.name:
            if self._layout.kind is RowKind.PERSON:
                raise Refused("There is neither an email address nor a name.")
            return row
        site = row.site
        if not site and self._layout.kind is RowKind.PERSON:
            site = _site_of_outlet(person)
        return row._replace(person=person, email=email, site=site)

    def _person(
        self, tell: dict[str, str], cells: list[str], email: str, others: tuple[str, ...]
    ) -> PersonRow:
        first, last = values.text(tell["first_name"], 100), values.text(tell["last_name"], 100)
        name, company = self._name(tell["name"], f"{first} {last}".strip())
        location = tell["location"] or ", ".join(filter(None, (tell["city"], tell["state"])))
        notes = [values.text(tell["notes"], 2_000), *company]
        if others:
            notes.append(f"Other addresses: {', '.join(others)}.")
        return PersonRow(
            name=name,
            first_name=first,
            last_name=last,
            email=email,
            role=values.text(tell["role"], 200),
            outlet=values.text(tell["outlet"], 200),
            outlet_url=values.text(tell["outlet_url"], 2_048),
            beat="; ".join(values.split_list(tell["beat"]))[:500],
            country=country(tell["country"]),
            location=values.text(location, 200),
            phone=values.text(tell["phone"], 40),
            profiles=self._read_profiles(cells),
            notes=" ".join(filter(None, notes)),
            is_generic=values.yes(tell["is_generic"])
            or (not first and not name and values.is_role(email)),
        )

    def _name(self, cell: str, full: str) -> tuple[str, list[str]]:
        """Return a name, and a note on those who wrote a piece with its first author."""
        name = values.text(cell, 200)
        if self._layout.kind is not RowKind.COVERAGE or not name:
            return name or full, []
        first, *others = filter(None, _AUTHORS.split(name))
        return first, [f"Written with {', '.join(others)}."] if others else []

    def _read_profiles(self, cells: list[str]) -> tuple[tuple[str, str], ...]:
        found = ((network, values.text(cells[at], 300)) for network, at in self._profiles)
        return tuple(pair for pair in found if pair[1].casefold() not in _NOTHING)

    def _read_offers(self, cells: list[str]) -> tuple[OfferRow, ...]:
        if not self._offers:
            return ()
        found = []
        for what, what_at, price_at, rel_at in self._offers:
            named = values.text(cells[what_at], 80) or what
            price, rel = values.text(cells[price_at], 40), values.text(cells[rel_at], 40)
            if price or rel or (cells[what_at].strip() and named):
                found.append(OfferRow(named, price, rel))
        return tuple(found)

    def _with_target(self, row: ParsedRow, cells: list[str]) -> ParsedRow:
        """Say whom a page links to among the sites an export compared; ours stands first."""
        linked = (target for at, target in self._targets if values.is_marked(cells[at]))
        target = next(linked, None)
        return row._replace(target_url=target.url, target_key=target.key) if target else row


def _addresses(cell: str) -> tuple[str, tuple[str, ...]]:
    """Return the first address of a cell, and the others; people give several in one cell."""
    if cell.strip().casefold() in _NOTHING:
        return "", ()
    found = [address for part in _ADDRESSES.split(cell) if (address := values.email(part))]
    if not found:
        raise Refused(f"“{shown(cell)}” is not an email address.")
    return found[0], tuple(dict.fromkeys(found[1:]))


def _site_of_outlet(person: PersonRow) -> str:
    for place in (person.outlet_url, person.outlet):
        if "." in place and " " not in place and (site := parse_domain(place)):
            return site
    return ""


def _with_anchor_and_target(row: ParsedRow, cell: str) -> ParsedRow:
    """Split a cell that holds an anchor and, after it, the address it leads to."""
    words = cell.split()
    address = parse_address(words[-1]) if words else None
    if address is None:
        return row._replace(anchor=values.text(cell, 1_000))
    anchor = values.text(" ".join(words[:-1]), 1_000)
    return row._replace(anchor=anchor, target_url=address.url, target_key=address.key)


def _target_places(recognised: Recognised) -> tuple[tuple[int, WebAddress], ...]:
    """Find the columns named by the sites that an export compared, such as "rival.com/"."""
    places = ((at, header.strip()) for at, header in enumerate(recognised.columns))
    found = ((at, parse_address(header)) for at, header in places if "." in header)
    return tuple((at, address) for at, address in found if address is not None)


def _offer_places(
    layout: Layout, headers: list[str], columns: tuple[str, ...]
) -> tuple[tuple[str, int, int, int], ...]:
    """Return what is on offer with the columns of its name, price and rel; past the last: none."""
    past = len(headers)

    def place(names: str) -> int:
        at = find_column(headers, names) if names else None
        return past if at is None else at

    found = [
        (offer.what, place(layout.offer_what), place(offer.price), place(offer.rel))
        for offer in layout.offers
        if place(offer.price) < past or place(layout.offer_what) < past
    ]
    if layout.has_offer_columns:
        taken = {price for _, _, price, _ in found}
        for at, header in enumerate(headers):
            what = columns[at].strip()[: -len(_PRICE)].strip(" -_:")
            if header.endswith(_PRICE) and what and at not in taken:
                found.append((what.casefold(), past, at, place(f"{what} rel")))
    return tuple(found)
