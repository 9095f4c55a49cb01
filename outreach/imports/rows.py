"""What comes out of an imported file: one parsed or one refused row per line of data."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date


class RowKind(StrEnum):
    """What one row of a file is about."""

    BACKLINK = "backlink"  # a page that links to one of our pages
    REFERRING_DOMAIN = "referring domain"  # a site that links to us
    PAGE = "page"  # a page worth asking, or a site where no page is named
    SUPPRESSION = "suppression"  # an address or domain never to write to
    TOUCH = "past contact"  # somebody wrote to this address or domain before


class ParsedRow(NamedTuple):
    """One row understood; empty string or None where the file does not say.

    `site` is set on every row but those of suppressed or touched addresses of no known domain.
    `rel` holds the link's values among nofollow, ugc and sponsored, empty for a followed link;
    None where the file does not say. `site_metrics` and `page_metrics` are keyed by
    (vendor, metric) and hold numbers as the vendor wrote them.
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
    site_metrics: dict[tuple[str, str], float]
    page_metrics: dict[tuple[str, str], float]


class BadRow(NamedTuple):
    """One row refused: where it stands, how it begins, and why, as a sentence."""

    line: int
    raw: str
    reason: str
