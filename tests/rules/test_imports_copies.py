"""What vendors call the authority and traffic of a site reaches the columns that lists sort by."""

from __future__ import annotations

from datetime import date

import pytest

from outreach.imports.layouts import LAYOUTS
from outreach.imports.layouts.shape import Layout
from outreach.prospects.rules import (
    TRAFFIC_SOURCES,
    VENDOR_COPIES,
    metric_source,
    vendor_copies,
)

# The measure of a whole site's authority that each vendor is known for.
AUTHORITY = {"ahrefs": "dr", "moz": "da", "majestic": "tf", "semrush": "as"}
FIGURES = [(layout, name) for layout in LAYOUTS for name in layout.site_metrics.values()]


def copied(source: str) -> dict[str, int | None]:
    given = vendor_copies([(source, 41.0, date(2026, 11, 21))])
    return dict(zip(VENDOR_COPIES, given, strict=True))


@pytest.mark.parametrize(
    ("layout", "name"), FIGURES, ids=[f"{one.name}-{metric_source(*name)}" for one, name in FIGURES]
)
def test_every_layouts_authority_and_traffic_reach_the_list(
    layout: Layout, name: tuple[str, str]
) -> None:
    vendor, metric = name
    source = metric_source(vendor, metric)
    column = "traffic" if "traffic" in metric else source
    shown = AUTHORITY.get(vendor) == metric or "traffic" in metric

    assert (copied(source).get(column) == 41) is shown, (layout.name, source)


def test_every_copied_column_is_filled_by_some_layout() -> None:
    sources = {metric_source(*name) for _, name in FIGURES}

    assert set(VENDOR_COPIES[:-1]) <= sources
    assert sources & TRAFFIC_SOURCES
