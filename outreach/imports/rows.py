"""What comes out of an imported file: one parsed or one refused row per line of data."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    Metrics = Mapping[tuple[str, str], float]

# One empty mapping for all rows without figures; never written to, as its type says.
NO_METRICS: Metrics = {}
RAW_CHARACTERS = 8_000  # kept of a refused row, so that it can be mended


class RowKind(StrEnum):
    """What one row of a file is about."""

    BACKLINK = "backlink"  # a page that links to one of our pages
    REFERRING_DOMAIN = "referring domain"  # a site that links to us
    PAGE = "page"  # a page worth asking, or a site where no page is named
    SUPPRESSION = "suppression"  # an address or domain never to write to
    TOUCH = "past contact"  # somebody wrote to this address or domain before
    PERSON = "person"  # somebody to write to, with the outlet where the file names one
    PARTNER = "partner"  # a site with somebody to write to, what it offers and its prices
    COVERAGE = "coverage"  # a published piece and its author
    DISAVOW = "disavowed"  # a page or site whose links we disowned: never ask
    RANKS = "ranks"  # what an open list says about a site; adds no prospect


class PersonRow(NamedTuple):
    """What a row says about somebody; empty where it does not say.

    `profiles` are pairs of a network ("twitter", "linkedin", …) and a handle or an address there.
    `is_generic` is True of a mailbox or desk rather than a person.
    """

    name: str
    first_name: str
    last_name: str
    email: str
    role: str
    outlet: str
    outlet_url: str
    beat: str
    country: str
    location: str
    phone: str
    profiles: tuple[tuple[str, str], ...]
    notes: str
    is_generic: bool


class OfferRow(NamedTuple):
    """A kind of link that a site offers: its price as the file writes it, and its rel."""

    what: str
    price: str
    rel: str


class ParsedRow(NamedTuple):
    """One row understood; empty string or None where the file does not say.

    `site` is set on every row but those of suppressed or touched addresses of no known domain.
    `rel` holds the link's values among nofollow, ugc and sponsored, empty for a followed link;
    None where the file does not say. `site_metrics` and `page_metrics` are keyed by
    (vendor, metric) and hold numbers as the vendor wrote them. `country` is an ISO 3166 code of
    two capitals. `status` and an offer's price are what the file says. `own` holds cells of our own
    exports as they are, by the names of `Layout.kept`.
    """

    line: int
    url: str
    key: str
    site: str
    title: str
    description: str
    topic: str
    found_on: str
    language: str
    target_url: str
    target_key: str
    anchor: str
    rel: frozenset[str] | None
    first_seen: date | None
    last_seen: date | None
    lost_on: date | None
    email: str
    reason: str
    contacted_on: date | None
    outcome: str
    contacted_by: str
    site_metrics: Metrics
    page_metrics: Metrics
    country: str = ""
    tags: tuple[str, ...] = ()
    status: str = ""
    published_on: date | None = None
    person: PersonRow | None = None
    offers: tuple[OfferRow, ...] = ()
    own: Mapping[str, str] | None = None


class BadRow(NamedTuple):
    """One row refused: where it stands, what it holds, and why, as a sentence."""

    line: int
    raw: str
    reason: str
