"""What a file layout is, and how the headers of a file are held against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from outreach.imports.rows import RowKind

# Fields of a row that a column may fill, in the order in which plain rows are unpacked.
FIELDS = (
    "url", "site", "title", "description", "topic", "found_on", "language", "target_url", "anchor",
    "nofollow", "ugc", "sponsored", "followed", "rel", "first_seen", "last_seen", "lost_on",
    "email", "reason", "contacted_on", "outcome", "contacted_by",
)  # fmt: skip
DATE_FIELDS = ("first_seen", "last_seen", "lost_on", "contacted_on", "published_on")
# Fields that only some files have; rows of the others are read without asking for them.
RICH_FIELDS = (
    "country", "tags", "status", "published_on", "anchor_and_target", "reversed_site",
    "name", "first_name", "last_name", "role", "outlet", "outlet_url", "beat", "location", "city",
    "state", "phone", "notes", "is_generic",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind of link on offer, and the headers of its price and its rel."""

    what: str
    price: str
    rel: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One known shape of file.

    Attributes:
        name: Stable identifier, kept with the import.
        title: What a person calls such a file.
        kind: What one row is about.
        signature: Headers that must all be there for the layout to be recognised.
        columns: Our field → the headers that fill it.
        site_metrics: Header → (vendor, metric) about the whole site of the row.
        page_metrics: Header → (vendor, metric) about the row's page.
        profiles: Network → the headers of somebody's handle or address there.
        offers: What a partner offers, one column each.
        offer_what: The header naming what is on offer, where each row is one offer.
        has_offer_columns: True where any "<something> Price" column is an offer.
        compares_targets: True where columns named "domain.tld/" tell whom the page links to.
        is_month_first: True where the vendor writes 09/15/2026.
        are_flags_marks: True where anything in a flag's cell but a "no" means yes.
        is_ragged: True where people leave out empty cells at the end of a line.
        is_alone: True where the signature fits only a file without other columns, unless the
            person said what the rows are: a table of contacts must not become a suppression list.
        kept: Our field → the headers whose cells are handed on as they are; of our own exports.
        refusal: Why such a file is not imported although we know it; empty when it is.
    """

    name: str
    title: str
    kind: RowKind
    signature: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    site_metrics: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    page_metrics: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    offer_what: str = ""
    has_offer_columns: bool = False
    compares_targets: bool = False
    is_month_first: bool = False
    are_flags_marks: bool = False
    is_ragged: bool = False
    is_alone: bool = False
    kept: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""


@lru_cache(maxsize=8_192)
def normalise_header(cell: str) -> str:
    """Return a header in the form in which layouts compare it: its letters and digits.

    "Ref. page URL", "first_name" and "Traffic " so equal what other tools, other versions and
    people make of them. What stands in brackets explains the name and is no part of it.
    """
    words = cell.casefold()
    opened = words.find("(")
    if opened > 0 and words.rstrip().endswith(")"):
        words = words[:opened]
    return "".join(letter for letter in words if letter.isalnum()) or "".join(words.split())


@lru_cache(maxsize=8_192)
def _names(names: str) -> tuple[str, ...]:
    return tuple(normalise_header(name) for name in names.split("|"))


def find_column(headers: Sequence[str], names: str) -> int | None:
    """Return where the first of some names, parted by "|", stands among normalised headers."""
    return next((headers.index(name) for name in _names(names) if name in headers), None)


def matches(layout: Layout, headers: Sequence[str], *, is_asked_for: bool = False) -> bool:
    """Tell whether normalised headers carry a layout's whole signature."""
    if layout.is_alone and not is_asked_for and len(headers) > len(layout.signature):
        return False
    return bool(layout.signature) and all(
        find_column(headers, names) is not None for names in layout.signature
    )
