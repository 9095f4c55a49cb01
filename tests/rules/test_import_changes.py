"""What a file changed, in words; what copies of vendors' figures must be."""

from __future__ import annotations

from datetime import date

from outreach.imports.changes import changes_in_words
from outreach.prospects.rules import merge_figures, vendor_copies

DAY, LATER = date(2026, 11, 1), date(2026, 11, 2)


def test_changes_are_told_with_what_was_before() -> None:
    before = {
        "page": {"title": ["a", "b"], "last_seen_on": [None, "2026-11-02"]},
        "metrics": {
            "ahrefs_dr": [[40.0, "2026-11-01", 1], [45.0, "2026-11-20", 2]],
            "moz_da": [None, [7.5, "2026-11-20", 2]],
        },
        "figures": {"ahrefs_ur": [None, [9.0, "2026-11-02"]]},
    }

    assert changes_in_words(before) == (
        "title: “a” → “b”; last seen: nothing → “2026-11-02”; DR 40 → 45; DA nothing → 7.5; "
        "UR nothing → 9"
    )


def test_a_row_that_changed_nothing_says_nothing() -> None:
    assert changes_in_words(None) == ""


def test_traffic_is_the_newest_vendors() -> None:
    figures = [
        ("ahrefs_domain_traffic", 900.0, DAY),
        ("semrush_traffic", 100.4, LATER),
        ("moz_da", 41.6, DAY),
        ("majestic_rank", 5.0, LATER),
    ]

    assert vendor_copies(figures) == (None, 42, None, None, 100)


def test_a_figure_too_large_for_its_column_is_cut() -> None:
    assert vendor_copies([("ahrefs_domain_traffic", 1e12, DAY)])[-1] == 2**31 - 1


def test_a_figure_of_an_older_day_says_nothing() -> None:
    known: dict[str, list[object]] = {"ahrefs_ur": [9.0, "2026-11-02"]}

    assert merge_figures(known, {"ahrefs_ur": [5.0, "2026-11-01"]}) == {}
    assert merge_figures(known, {"ahrefs_ur": [7.0, "2026-11-03"]}) == {
        "ahrefs_ur": [[9.0, "2026-11-02"], [7.0, "2026-11-03"]]
    }
    assert known["ahrefs_ur"] == [7.0, "2026-11-03"]
