"""Lists of people and partners, and of published pieces: what PR and outreach tools hand over."""

from __future__ import annotations

from outreach.imports.layouts.shape import Layout, Offer
from outreach.imports.rows import RowKind

_PROFILES = {
    "twitter": "twitter|twitter profile|twitter handle|x|x profile",
    "linkedin": "linkedin|linkedin profile|linkedin url",
    "facebook": "facebook|facebook profile",
    "instagram": "instagram|instagram profile",
    "youtube": "youtube|youtube profile",
    "vimeo": "vimeo|vimeo profile",
    "pinterest": "pinterest|pinterest profile",
    "contact_form": "contact form",
}
_NAMES = {"first_name": "first name|given name", "last_name": "last name|surname|family name"}

MUCK_RACK = (
    Layout(
        name="muckrack_media_list",
        title="Muck Rack media list",
        kind=RowKind.PERSON,
        signature=("first_name", "last_name", "media_outlets|media outlet|outlet", "email", "beat"),
        columns={
            **_NAMES,
            "email": "email",
            "outlet": "media_outlets|media outlet|outlet|organization",
            "role": "title",
            "beat": "beat|beats",
            "location": "location",
            "city": "city",
            "state": "state",
            "country": "country",
            "phone": "phonenumber|phone",
            "notes": "media_list_note|contact_preferences_notes",
            "is_generic": "is_generic_contact",
        },
        profiles=_PROFILES,
        is_ragged=True,
    ),
    Layout(
        name="muckrack_coverage",
        title="Muck Rack coverage",
        kind=RowKind.COVERAGE,
        signature=("article|headline", "url|link", "media outlet|outlet", "author|published"),
        columns={
            "url": "url|link",
            "title": "article|headline",
            "description": "snippet",
            "topic": "topics",
            "tags": "topics",
            "name": "author",
            "outlet": "media outlet|outlet",
            "published_on": "published|publish date|date",
        },
        site_metrics={"uvm": ("muckrack", "uvm")},
        page_metrics={
            "total engagement": ("muckrack", "engagement"),
            "journalist shares": ("muckrack", "journalist_shares"),
            "journalist reach": ("muckrack", "journalist_reach"),
            "pr hit score": ("muckrack", "pr_hit_score"),
        },
        is_ragged=True,
    ),
    Layout(
        name="muckrack_people",
        title="Muck Rack people",
        kind=RowKind.PERSON,
        signature=(
            "name|journalist|full name",
            "outlet|media outlet|outlets|media outlets",
            "email|beat|beats|title",
        ),
        columns={
            "name": "name|journalist|full name",
            "outlet": "outlet|media outlet|outlets|media outlets",
            "outlet_url": "outlet url|outlet website|website|domain",
            "email": "email|email address",
            "beat": "beat|beats|topics",
            "role": "title|role|job title",
            "location": "location",
            "country": "country",
            "phone": "phone",
            "notes": "notes|note",
        },
        profiles=_PROFILES,
        is_ragged=True,
    ),
)

PROWLY = (
    Layout(
        name="prowly_contacts",
        title="Prowly contacts",
        kind=RowKind.PERSON,
        signature=("email", "outlet", "first name|last name|role|personal greetings|tag list"),
        columns={
            **_NAMES,
            "email": "email",
            "outlet": "outlet",
            "outlet_url": "link|website",
            "role": "role",
            "city": "city",
            "country": "country",
            "tags": "tag list|tags",
            "phone": "phone",
            "notes": "personal greetings",
        },
        profiles=_PROFILES,
        is_ragged=True,
    ),
)

VALOSAN = (
    Layout(
        name="valosan_media_list",
        title="Valosan media list",
        kind=RowKind.PERSON,
        signature=("email", "company", "status", "company website|interests|tracking"),
        columns={
            **_NAMES,
            "status": "status",
            "email": "email",
            "role": "title",
            "outlet": "company",
            "outlet_url": "company website",
            "location": "location",
            "phone": "phone|mobile phone",
            "beat": "interests",
        },
        profiles=_PROFILES,
        is_ragged=True,
    ),
)

PARTNER_LISTS = (
    Layout(
        name="buzzstream_link_partners",
        title="BuzzStream link partners",
        kind=RowKind.PARTNER,
        signature=("link partner - domain",),
        columns={
            "site": "link partner - domain",
            "url": "linking from",
            "title": "link partner - name",
            "target_url": "linking to",
            "anchor": "anchor text",
            "status": "acquisition method",
            "email": "link partner - email|email|contact email",
            "name": "contact name",
            "first_seen": "payment - start date|payment date",
        },
        offers=(Offer("link", "payment - amount"),),
        is_month_first=True,
        is_ragged=True,
    ),
    Layout(
        name="pitchbox_partners",
        title="Pitchbox partners",
        kind=RowKind.PARTNER,
        signature=("partner url",),
        columns={
            "url": "partner url",
            "topic": "partner category",
            "tags": "partner category",
            "email": "contact email",
            "name": "contact name",
            "first_name": "contact first name",
            "last_name": "contact last name",
            "outlet": "company",
            "phone": "contact phone",
            "notes": "notes|contact notes",
        },
        offers=(Offer("", "link type price", "link type rel"),),
        offer_what="link type",
        has_offer_columns=True,
        is_month_first=True,
        is_ragged=True,
    ),
)
