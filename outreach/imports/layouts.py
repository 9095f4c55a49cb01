"""The table of file layouts we know. Adding a vendor's export is adding an entry.

Headers are compared in lower case with single spaces, so "Traffic " is "traffic". Where a header
has gone by several names they stand side by side, parted by "|".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.imports.rows import RowKind

if TYPE_CHECKING:
    from collections.abc import Mapping

# Fields of ParsedRow that a column may fill, in the order in which rows are unpacked.
FIELDS = (
    "url", "site", "title", "description", "topic", "found_on", "language", "target_url", "anchor",
    "nofollow", "ugc", "sponsored", "first_seen", "last_seen", "lost_on", "email", "reason",
    "contacted_on", "outcome", "contacted_by",
)  # fmt: skip


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
        is_ragged: True where people leave out empty cells at the end of a line.
        is_alone: True where the signature fits only a file without other columns, unless the
            person said what the rows are: a table of contacts must not become a suppression list.
        refusal: Why such a file is not imported although we know it; empty when it is.
    """

    name: str
    title: str
    kind: RowKind
    signature: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    site_metrics: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    page_metrics: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    is_ragged: bool = False
    is_alone: bool = False
    refusal: str = ""


def normalise_header(cell: str) -> str:
    """Return a header in the form in which layouts compare it."""
    return " ".join(cell.replace("\ufeff", "").split()).casefold()


def find_column(headers: list[str], names: str) -> int | None:
    """Return where the first of some names, parted by "|", stands among normalised headers."""
    return next((headers.index(name) for name in names.split("|") if name in headers), None)


def matches(layout: Layout, headers: list[str], *, is_asked_for: bool = False) -> bool:
    """Tell whether normalised headers carry a layout's whole signature."""
    if layout.is_alone and not is_asked_for and len(headers) > len(layout.signature):
        return False
    return bool(layout.signature) and all(
        find_column(headers, names) is not None for names in layout.signature
    )


_URL = "url|page url|web address|link|page|website|website url|web page|homepage"
_DOMAIN = "domain|root domain|site|host|hostname|domain name"
_CONTACTED_ON = (
    "contacted on|contacted|last contacted|last contact|contact date|date contacted|"
    "sent on|sent at|sent|sent date|date sent|date"
)
_EMAIL = "email|e-mail|email address|e-mail address|contact email|recipient"

_AHREFS_BACKLINKS = Layout(
    name="ahrefs_backlinks",
    title="Ahrefs backlinks",
    kind=RowKind.BACKLINK,
    signature=("referring page url|ref. page url", "target url"),
    columns={
        "url": "referring page url|ref. page url",
        "title": "referring page title|ref. page title",
        "language": "language",
        "target_url": "target url",
        "anchor": "anchor",
        "nofollow": "nofollow",
        "ugc": "ugc",
        "sponsored": "sponsored",
        "first_seen": "first seen",
        "last_seen": "last seen",
        "lost_on": "lost",
    },
    site_metrics={
        "domain rating|dr": ("ahrefs", "dr"),
        "domain traffic": ("ahrefs", "domain_traffic"),
    },
    page_metrics={
        "ur": ("ahrefs", "ur"),
        "page traffic": ("ahrefs", "page_traffic"),
        "referring domains": ("ahrefs", "referring_domains"),
        "linked domains": ("ahrefs", "linked_domains"),
        "external links": ("ahrefs", "external_links"),
        "keywords|kw.": ("ahrefs", "keywords"),
    },
)

_AHREFS_REFERRING_DOMAINS = Layout(
    name="ahrefs_referring_domains",
    title="Ahrefs referring domains",
    kind=RowKind.REFERRING_DOMAIN,
    signature=("domain", "dr|domain rating", "links to target|dofollow ref. domains"),
    columns={"site": "domain", "first_seen": "first seen", "lost_on": "lost"},
    site_metrics={
        "dr|domain rating": ("ahrefs", "dr"),
        "dofollow ref. domains": ("ahrefs", "referring_domains"),
        "dofollow linked domains": ("ahrefs", "linked_domains"),
        "traffic": ("ahrefs", "domain_traffic"),
        "keywords": ("ahrefs", "keywords"),
    },
)

_OWN_PAGES = Layout(
    name="gsc_top_linked_pages",
    title="Search Console top linked pages",
    kind=RowKind.PAGE,
    signature=("target page", "incoming links"),
    refusal=(
        "This is Search Console’s “Top linked pages”: it lists your own pages, not sites to ask. "
        "Export “Latest links” or “Top linking sites” instead."
    ),
)

_RANKS = Layout(
    name="majestic_million",
    title="Majestic Million",
    kind=RowKind.PAGE,
    signature=("globalrank", "refsubnets"),
    refusal=(
        "This is the Majestic Million, a list of ranks, not of sites to ask. "
        "Import it as metrics instead."
    ),
)

_GSC_LATEST_LINKS = Layout(
    name="gsc_latest_links",
    title="Search Console latest links",
    kind=RowKind.BACKLINK,
    signature=("linking page", "last crawled"),
    columns={"url": "linking page", "last_seen": "last crawled"},
)

_GSC_MORE_SAMPLE_LINKS = Layout(
    name="gsc_more_sample_links",
    title="Search Console more sample links",
    kind=RowKind.BACKLINK,
    signature=("linking page",),
    columns={"url": "linking page"},
)

_GSC_TOP_LINKING_SITES = Layout(
    name="gsc_top_linking_sites",
    title="Search Console top linking sites",
    kind=RowKind.REFERRING_DOMAIN,
    signature=("site", "linking pages"),
    columns={"site": "site"},
    site_metrics={
        "linking pages": ("search_console", "linking_pages"),
        "target pages": ("search_console", "target_pages"),
    },
)

_PAST_CONTACTS = Layout(
    name="past_contacts",
    title="Past contacts",
    kind=RowKind.TOUCH,
    signature=(f"{_EMAIL}|{_DOMAIN}", _CONTACTED_ON),
    columns={
        "email": _EMAIL,
        "site": f"{_DOMAIN}|{_URL}",
        "contacted_on": _CONTACTED_ON,
        "outcome": "outcome|result|status|response",
        "contacted_by": "by|contacted by|sent by|sender|owner|user",
    },
    is_ragged=True,
)

_SUPPRESSION_COLUMNS = {
    "email": _EMAIL,
    "site": _DOMAIN,
    "reason": "reason|why|note|notes|comment",
}
_SUPPRESSIONS = Layout(
    name="suppressions",
    title="Suppression list",
    kind=RowKind.SUPPRESSION,
    signature=(f"{_EMAIL}|{_DOMAIN}", "reason|why"),
    columns=_SUPPRESSION_COLUMNS,
    is_ragged=True,
)
_ADDRESSES = Layout(
    name="suppressed_addresses",
    title="Suppression list",
    kind=RowKind.SUPPRESSION,
    signature=(_EMAIL,),
    columns=_SUPPRESSION_COLUMNS,
    is_ragged=True,
    is_alone=True,
)
_SUPPRESSED_DOMAINS = Layout(
    name="suppressed_domains",
    title="Suppression list",
    kind=RowKind.SUPPRESSION,
    signature=(_DOMAIN,),
    columns=_SUPPRESSION_COLUMNS,
    is_ragged=True,
    is_alone=True,
)

_PAGE_COLUMNS = {
    "url": _URL,
    "site": _DOMAIN,
    "title": "title|page title|name|website name",
    "description": "description|meta description|summary|about|snippet",
    "topic": "topic|topics|category|categories|niche|tag|tags|subject",
    "found_on": "found on|found at|source|list",
    "language": "language|lang",
}
_PAGES = Layout(
    name="pages",
    title="Table of pages",
    kind=RowKind.PAGE,
    signature=(_URL,),
    columns=_PAGE_COLUMNS,
    is_ragged=True,
)
_DOMAINS = Layout(
    name="domains",
    title="Table of domains",
    kind=RowKind.PAGE,
    signature=(_DOMAIN,),
    columns=_PAGE_COLUMNS,
    is_ragged=True,
)

# The first layout whose signature fits wins, so the narrow ones stand before the wide.
LAYOUTS: tuple[Layout, ...] = (
    _AHREFS_BACKLINKS,
    _AHREFS_REFERRING_DOMAINS,
    _OWN_PAGES,
    _RANKS,
    _GSC_LATEST_LINKS,
    _GSC_MORE_SAMPLE_LINKS,
    _GSC_TOP_LINKING_SITES,
    _SUPPRESSIONS,
    _PAST_CONTACTS,
    _PAGES,
    _DOMAINS,
    _ADDRESSES,
    _SUPPRESSED_DOMAINS,
)

# Files without a header: one value on each line.
PLAIN_PAGES = Layout(name="plain_list", title="Plain list", kind=RowKind.PAGE)
PLAIN_SUPPRESSIONS = Layout(
    name="plain_suppressions", title="Suppression list", kind=RowKind.SUPPRESSION
)
