"""What Ahrefs exports: UTF-16 tables parted by tabs, or UTF-8 parted by commas."""

from __future__ import annotations

from outreach.imports.layouts.shape import Layout
from outreach.imports.rows import RowKind

_PAGE_URL = "referring page url|ref. page url|ref page url"
_PAGE = {
    "url": _PAGE_URL,
    "title": "referring page title|ref. page title",
    "language": "language|lang",
}
_LINK = {
    **_PAGE,
    "target_url": "target url|link url",
    "anchor": "anchor|anchor text|link anchor",
    "anchor_and_target": "anchor and target url|anchor and backlink",
    "nofollow": "nofollow",
    "ugc": "ugc",
    "sponsored": "sponsored",
    "first_seen": "first seen",
    "last_seen": "last seen|last check",
    "lost_on": "lost|date lost|lost date|day lost",
}
_SITE_FIGURES = {
    "domain rating|dr": ("ahrefs", "dr"),
    "domain traffic": ("ahrefs", "domain_traffic"),
}
_PAGE_FIGURES = {
    "ur|url rating|url rating (desc)": ("ahrefs", "ur"),
    "page traffic|traffic": ("ahrefs", "page_traffic"),
    "referring domains|ref. domains": ("ahrefs", "referring_domains"),
    "linked domains": ("ahrefs", "linked_domains"),
    "external links|ext.": ("ahrefs", "external_links"),
    "keywords|kw.": ("ahrefs", "keywords"),
}

AHREFS = (
    Layout(
        name="ahrefs_broken_backlinks",
        title="Ahrefs broken backlinks",
        kind=RowKind.BACKLINK,
        signature=(_PAGE_URL, "target page http code"),
        columns={**_LINK, "last_seen": "ref. page checked|referring page checked|last seen"},
        site_metrics=_SITE_FIGURES,
        page_metrics=_PAGE_FIGURES,
    ),
    Layout(
        name="ahrefs_link_intersect",
        title="Ahrefs link intersect",
        kind=RowKind.PAGE,
        signature=(_PAGE_URL, "intersect"),
        columns=_PAGE,
        site_metrics=_SITE_FIGURES,
        page_metrics=_PAGE_FIGURES,
        compares_targets=True,
    ),
    Layout(
        name="ahrefs_backlinks",
        title="Ahrefs backlinks",
        kind=RowKind.BACKLINK,
        signature=(_PAGE_URL,),
        columns=_LINK,
        site_metrics=_SITE_FIGURES,
        page_metrics=_PAGE_FIGURES,
    ),
    Layout(
        name="ahrefs_referring_domains",
        title="Ahrefs referring domains",
        kind=RowKind.REFERRING_DOMAIN,
        signature=(
            "domain|referring domain",
            "dr|domain rating",
            "links to target|dofollow ref. domains|ref. domains dofollow|dofollow linked domains|"
            "dofollow links",
        ),
        columns={
            "site": "domain|referring domain",
            "first_seen": "first seen",
            "last_seen": "last seen",
            "lost_on": "lost",
        },
        site_metrics={
            "dr|domain rating": ("ahrefs", "dr"),
            "dofollow ref. domains|ref. domains dofollow": ("ahrefs", "referring_domains"),
            "dofollow linked domains|linked domains dofollow": ("ahrefs", "linked_domains"),
            "traffic|domain traffic": ("ahrefs", "domain_traffic"),
            "keywords|kw.": ("ahrefs", "keywords"),
        },
    ),
)
