"""Tables that people make themselves: pages, sites, past contacts, suppressions; plain lists."""

from __future__ import annotations

from outreach.imports.layouts.shape import Layout
from outreach.imports.rows import RowKind

_URL = "url|page url|web address|link|page|website|website url|web page|homepage"
_DOMAIN = "domain|root domain|site|host|hostname|domain name"
_CONTACTED_ON = (
    "contacted on|contacted|last contacted|last contact|contact date|date contacted|"
    "sent on|sent at|sent|sent date|date sent|date"
)
_EMAIL = "email|e-mail|email address|e-mail address|contact email|recipient"

PAST_CONTACTS = Layout(
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
SUPPRESSIONS = Layout(
    name="suppressions",
    title="Suppression list",
    kind=RowKind.SUPPRESSION,
    signature=(f"{_EMAIL}|{_DOMAIN}", "reason|why"),
    columns=_SUPPRESSION_COLUMNS,
    is_ragged=True,
)
ADDRESSES = Layout(
    name="suppressed_addresses",
    title="Suppression list",
    kind=RowKind.SUPPRESSION,
    signature=(_EMAIL,),
    columns=_SUPPRESSION_COLUMNS,
    is_ragged=True,
    is_alone=True,
)
SUPPRESSED_DOMAINS = Layout(
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
    "country": "country|country code",
    "tags": "tags|tag|labels",
}
# Authority as tables from anywhere name it.
_FIGURES = {
    "ahrefs dr|dr|domain rating": ("ahrefs", "dr"),
    "moz da|da|domain authority": ("moz", "da"),
    "majestic tf|tf|trust flow": ("majestic", "tf"),
    "majestic cf|cf|citation flow": ("majestic", "cf"),
    "semrush as|authority score|ascore": ("semrush", "as"),
}
PAGES = Layout(
    name="pages",
    title="Table of pages",
    kind=RowKind.PAGE,
    signature=(_URL,),
    columns=_PAGE_COLUMNS,
    site_metrics=_FIGURES,
    is_ragged=True,
)
DOMAINS = Layout(
    name="domains",
    title="Table of domains",
    kind=RowKind.PAGE,
    signature=(_DOMAIN,),
    columns=_PAGE_COLUMNS,
    site_metrics=_FIGURES,
    is_ragged=True,
)

_CONTACT = "name|full name|contact name|contact|contact person|author|author name"
# A site with somebody to write to.
PARTNERS = Layout(
    name="partners",
    title="Table of sites and people",
    kind=RowKind.PARTNER,
    signature=(f"{_DOMAIN}|{_URL}", _EMAIL),
    columns={
        **_PAGE_COLUMNS,
        "title": "title|page title|website name|site name",
        "email": _EMAIL,
        "name": _CONTACT,
        "first_name": "first name",
        "last_name": "last name",
        "role": "role|position|job title",
        "notes": "notes|note|comment|comments",
        "status": "status",
    },
    site_metrics=_FIGURES,
    has_offer_columns=True,
    is_ragged=True,
)
# An address and whatever else stands beside it.
PEOPLE = Layout(
    name="people",
    title="Table of people",
    kind=RowKind.PERSON,
    signature=(_EMAIL,),
    columns={
        "email": _EMAIL,
        "name": f"{_CONTACT}|journalist|reporter",
        "first_name": "first name|given name",
        "last_name": "last name|surname|family name",
        "outlet": (
            "outlet|outlet name|media outlet|media outlets|publication|company|company name|"
            "organization|organisation|media|media name"
        ),
        "outlet_url": f"outlet url|company website|{_DOMAIN}|{_URL}",
        "role": "role|title|job title|position|contact title",
        "beat": "beat|beats|interests|topics|topic",
        "country": "country|country code",
        "location": "location",
        "city": "city",
        "phone": "phone|phone number|telephone|mobile",
        "tags": "tags|tag|tag list|labels",
        "status": "status",
        "notes": "notes|note|comment|comments",
    },
    profiles={
        "twitter": "twitter|twitter handle|twitter url|x",
        "linkedin": "linkedin|linkedin url|linkedin profile",
        "facebook": "facebook",
        "instagram": "instagram",
        "youtube": "youtube",
    },
    is_ragged=True,
)

# Files without a header: one value on each line.
PLAIN_PAGES = Layout(name="plain_list", title="Plain list", kind=RowKind.PAGE)
PLAIN_SUPPRESSIONS = Layout(
    name="plain_suppressions", title="Suppression list", kind=RowKind.SUPPRESSION
)
PLAIN_PEOPLE = Layout(name="plain_people", title="List of addresses", kind=RowKind.PERSON)
DISAVOW = Layout(name="google_disavow", title="Google disavow file", kind=RowKind.DISAVOW)
