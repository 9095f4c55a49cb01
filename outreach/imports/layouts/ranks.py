"""The open lists that rank domains: figures about sites we know, never sites to ask."""

from __future__ import annotations

from outreach.imports.layouts.shape import Layout
from outreach.imports.rows import RowKind

RANKS = (
    Layout(
        name="majestic_million",
        title="Majestic Million",
        kind=RowKind.RANKS,
        signature=("globalrank", "refsubnets", "domain"),
        columns={"site": "domain"},
        site_metrics={
            "globalrank": ("majestic", "rank"),
            "refsubnets": ("majestic", "ref_subnets"),
        },
    ),
    Layout(
        name="common_crawl_ranks",
        title="Common Crawl domain ranks",
        kind=RowKind.RANKS,
        signature=("#harmonicc_pos", "#pr_pos", "#host_rev"),
        columns={"site": "#host_rev", "reversed_site": "#host_rev"},
        site_metrics={
            "#pr_pos": ("common_crawl", "pagerank_rank"),
            "#harmonicc_pos": ("common_crawl", "harmonic_rank"),
        },
        is_ragged=True,  # older releases do not count hosts
    ),
    # No header: each line is a rank and a domain. Recognised by its shape.
    Layout(
        name="tranco",
        title="Tranco list",
        kind=RowKind.RANKS,
        columns={"site": "domain"},
        site_metrics={"rank": ("tranco", "rank")},
    ),
)
