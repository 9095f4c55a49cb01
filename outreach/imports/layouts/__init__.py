"""The table of file layouts we know. Adding a vendor's export is adding an entry.

Headers are compared by their letters and digits alone (`normalise_header`), so "Traffic " is
"traffic" and "First_Name" is "first name". Where a header has gone by several names they stand
side by side, parted by "|", the preferred one first.
"""

from __future__ import annotations

from dataclasses import replace

from outreach.imports.layouts.ahrefs import AHREFS
from outreach.imports.layouts.console import SEARCH_CONSOLE
from outreach.imports.layouts.general import (
    ADDRESSES,
    DISAVOW,
    DOMAINS,
    PAGES,
    PARTNERS,
    PAST_CONTACTS,
    PEOPLE,
    PLAIN_PAGES,
    PLAIN_PEOPLE,
    PLAIN_SUPPRESSIONS,
    SUPPRESSED_DOMAINS,
    SUPPRESSIONS,
)
from outreach.imports.layouts.link_indexes import MAJESTIC, MOZ, SEMRUSH
from outreach.imports.layouts.own import OWN
from outreach.imports.layouts.people import MUCK_RACK, PARTNER_LISTS, PROWLY, VALOSAN
from outreach.imports.layouts.ranks import RANKS
from outreach.imports.layouts.shape import (
    DATE_FIELDS,
    FIELDS,
    RICH_FIELDS,
    Layout,
    Offer,
    find_column,
    matches,
    normalise_header,
)

__all__ = [
    "DATE_FIELDS",
    "DISAVOW",
    "FIELDS",
    "LAYOUTS",
    "PLAIN_PAGES",
    "PLAIN_PEOPLE",
    "PLAIN_SUPPRESSIONS",
    "RICH_FIELDS",
    "Layout",
    "Offer",
    "find_column",
    "matches",
    "normalise_header",
]

# People with an outlet before sites with an address; any other table of addresses last.
PEOPLE_OF_OUTLETS = replace(PEOPLE, signature=(*PEOPLE.signature, PEOPLE.columns["outlet"]))

# The first layout whose signature fits wins, so the narrow ones stand before the wide.
LAYOUTS: tuple[Layout, ...] = (
    *OWN,
    *AHREFS,
    *RANKS,
    *SEMRUSH,
    *MOZ,
    *MAJESTIC,
    *SEARCH_CONSOLE,
    *PARTNER_LISTS,
    *MUCK_RACK,
    *PROWLY,
    *VALOSAN,
    SUPPRESSIONS,
    PAST_CONTACTS,
    PEOPLE_OF_OUTLETS,
    PARTNERS,
    PAGES,
    DOMAINS,
    ADDRESSES,
    SUPPRESSED_DOMAINS,
    PEOPLE,
)
