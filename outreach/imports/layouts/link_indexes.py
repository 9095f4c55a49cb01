"""What Semrush, Moz, Majestic and AgencyAnalytics export."""

from __future__ import annotations

from outreach.imports.layouts.shape import Layout
from outreach.imports.rows import RowKind

_SOURCE_URL = "source url|source page url"
_ANCHOR = "anchor|anchor text"
_FLOWS = "trust flow|trustflow|tf"

_SEMRUSH_LINK = {
    "url": _SOURCE_URL,
    "title": "source title|source page title",
    "target_url": "target url",
    "anchor": _ANCHOR,
    "nofollow": "nofollow",
    "ugc": "ugc",
    "sponsored": "sponsored",
    "first_seen": "first seen",
    "last_seen": "last seen",
}
_SEMRUSH_COUNTS = {
    "external links": ("semrush", "external_links"),
    "internal links": ("semrush", "internal_links"),
}

SEMRUSH = (
    Layout(
        name="semrush_backlinks",
        title="Semrush backlinks",
        kind=RowKind.BACKLINK,
        signature=(_SOURCE_URL, "page ascore|page as|page authority score"),
        columns=_SEMRUSH_LINK,
        page_metrics={
            "page ascore|page as|page authority score": ("semrush", "page_as"),
            **_SEMRUSH_COUNTS,
        },
    ),
    Layout(
        name="semrush_backlinks_legacy",
        title="Semrush backlinks (old)",
        kind=RowKind.BACKLINK,
        signature=(_SOURCE_URL, "page score|page trust score"),
        columns=_SEMRUSH_LINK,
        page_metrics={
            "page score": ("semrush", "page_score"),
            "page trust score": ("semrush", "page_trust_score"),
            **_SEMRUSH_COUNTS,
        },
    ),
    Layout(
        name="semrush_referring_domains",
        title="Semrush referring domains",
        kind=RowKind.REFERRING_DOMAIN,
        signature=(
            "domain|root domain|referring domain",
            "domain ascore|domain as|domain authority score|authority score|ascore",
            "backlinks",
        ),
        columns={
            "site": "domain|root domain|referring domain",
            "country": "country",
            "first_seen": "first seen",
            "last_seen": "last seen",
        },
        site_metrics={
            "domain ascore|domain as|domain authority score|authority score|ascore": (
                "semrush",
                "as",
            ),
            "backlinks": ("semrush", "backlinks"),
        },
    ),
    Layout(
        name="semrush_backlink_gap",
        title="Semrush backlink gap",
        kind=RowKind.PAGE,
        signature=("domain|root domain|referring domain", "maxas|domain ascore"),
        columns={"site": "domain|root domain|referring domain", "country": "country"},
        site_metrics={"maxas|domain ascore": ("semrush", "as")},
    ),
)

_MOZ_LINK = {
    "url": "url",
    "title": "title",
    "anchor": "anchor text",
    "target_url": "target url",
}
_MOZ_SITE = {
    "domain authority|da": ("moz", "da"),
    "number of domains linking to domain": ("moz", "referring_domains"),
}

MOZ = (
    Layout(
        name="moz_inbound_links",
        title="Moz inbound links",
        kind=RowKind.BACKLINK,
        signature=("url", "page authority|pa", "domain authority|da", "target url", "spam score"),
        columns={**_MOZ_LINK, "nofollow": "only rel=nofollow", "followed": "only follow"},
        site_metrics={**_MOZ_SITE, "spam score": ("moz", "spam_score")},
        page_metrics={
            "page authority|pa": ("moz", "pa"),
            "number of domains linking to this page": ("moz", "page_referring_domains"),
        },
    ),
    Layout(
        name="moz_ose_legacy",
        title="Moz Open Site Explorer links",
        kind=RowKind.BACKLINK,
        signature=("url", "page authority|pa", "domain authority|da", "target url"),
        columns={**_MOZ_LINK, "followed": "followable"},
        site_metrics=_MOZ_SITE,
        page_metrics={
            "page authority|pa": ("moz", "pa"),
            "number of links": ("moz", "page_links"),
        },
    ),
    Layout(
        name="moz_top_pages",
        title="Moz top pages",
        kind=RowKind.PAGE,
        signature=("url", "pa|page authority", "linking domains to page|total links"),
        columns={"url": "url", "title": "title"},
        page_metrics={
            "pa|page authority": ("moz", "pa"),
            "total links": ("moz", "page_links"),
            "linking domains to page": ("moz", "page_referring_domains"),
        },
    ),
)

MAJESTIC = (
    Layout(
        name="majestic_backlinks",
        title="Majestic backlinks",
        kind=RowKind.BACKLINK,
        signature=(
            _SOURCE_URL,
            "sourcetrustflow|sourcecitationflow|flagnofollow|source first found date|"
            "source crawl date",
        ),
        columns={
            "url": _SOURCE_URL,
            "target_url": "target url",
            "anchor": "anchor text",
            "nofollow": "flagnofollow|nofollow",
            "first_seen": "source first found date|first indexed date|first found date",
            "last_seen": "source crawl date|last seen date",
            "lost_on": "date lost|lost date",
            "title": "source title|title",
            "language": "source language|language",
            "topic": (
                "sourcetopicaltrustflow_topic_0|refdomaintopicaltrustflow_topic_0|"
                "topical trust flow topic 0"
            ),
        },
        site_metrics={
            "refdomaintopicaltrustflow_value_0": ("majestic", "topical_tf"),
            "refdomaintrustflow": ("majestic", "tf"),
            "refdomaincitationflow": ("majestic", "cf"),
        },
        page_metrics={
            "sourcetrustflow": ("majestic", "tf"),
            "sourcecitationflow": ("majestic", "cf"),
            "sourcetopicaltrustflow_value_0": ("majestic", "topical_tf"),
        },
        are_flags_marks=True,
    ),
    Layout(
        name="agencyanalytics_backlinks",
        title="AgencyAnalytics backlinks",
        kind=RowKind.BACKLINK,
        signature=("link", _FLOWS, "citation flow|citationflow|cf"),
        columns={"url": "link", "anchor": _ANCHOR, "target_url": "target url|target"},
        page_metrics={_FLOWS: ("majestic", "tf"), "citation flow|citationflow": ("majestic", "cf")},
    ),
    Layout(
        name="majestic_referring_domains",
        title="Majestic referring domains",
        kind=RowKind.REFERRING_DOMAIN,
        signature=("domain|ref domain|item", _FLOWS, "citation flow|citationflow|cf"),
        columns={
            "site": "domain|ref domain|item",
            "country": "countrycode|country code|country",
            "language": "language",
            "topic": "topicaltrustflow_topic_0|topical trust flow topic 0",
            "first_seen": "first seen|first found date",
            "last_seen": "last seen|last crawled",
        },
        site_metrics={
            _FLOWS: ("majestic", "tf"),
            "citation flow|citationflow|cf": ("majestic", "cf"),
            "topicaltrustflow_value_0": ("majestic", "topical_tf"),
            "refdomains|ref domains|referring domains": ("majestic", "referring_domains"),
        },
    ),
)
