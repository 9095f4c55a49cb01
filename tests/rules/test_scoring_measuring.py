"""From kept figures to measurements: absence, vendors' lines."""

from __future__ import annotations

from datetime import date

from outreach.scoring.authority import AuthoritySettings, log_rank
from outreach.scoring.measuring import (
    ConsultedList,
    Figure,
    fit_vendor_lines,
    measurements_of,
)

DAY = date(2026, 11, 1)
SETTINGS = AuthoritySettings()


def test_figures_nobody_can_scale_are_left_out() -> None:
    figures = [Figure("ahrefs_dr", 54, DAY), Figure("ahrefs_keywords", 900, DAY)]

    assert [found.source for found in measurements_of(figures, (), SETTINGS)] == [("ahrefs", "dr")]


def test_absence_from_a_million_is_a_measurement() -> None:
    lists = [ConsultedList("majestic_rank", 1_000_000, DAY)]

    (absent,) = measurements_of((), lists, SETTINGS)

    assert (absent.value, absent.list_length) == (None, 1_000_000)


def test_absence_from_a_short_list_says_nothing() -> None:
    assert measurements_of((), [ConsultedList("majestic_rank", 15_000, DAY)], SETTINGS) == []


def test_a_listed_site_is_not_absent() -> None:
    figures = [Figure("majestic_rank", 12, DAY)]
    lists = [ConsultedList("majestic_rank", 1_000_000, DAY)]

    (found,) = measurements_of(figures, lists, SETTINGS)

    assert found.value == 12


def test_a_vendors_line_needs_ten_pairs() -> None:
    sites = [
        [Figure("ahrefs_dr", float(rating), DAY), Figure("majestic_rank", 10.0**power, DAY)]
        for rating, power in zip(range(90, 30, -6), range(10), strict=True)
    ]

    assert fit_vendor_lines(sites[:9]) == {}
    (line,) = fit_vendor_lines(sites).values()
    assert line.slope > 0
    assert log_rank(1) == 100
