from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.scoring.authority import (
    SOURCES,
    Authority,
    AuthoritySettings,
    Measurement,
    Prior,
    VendorLine,
    authority,
    fit_vendor_line,
    log_rank,
    rank_from_subnets,
    vendor_points,
    workspace_prior,
)

TODAY = date(2026, 8, 1)
MAJESTIC, PAGERANK = ("majestic", "rank"), ("common_crawl", "pagerank_rank")
HARMONIC, TRAFFIC = ("common_crawl", "harmonic_rank"), ("tranco", "rank")
RATING = ("ahrefs", "dr")


def judged(*said: tuple[tuple[str, str], float | None]) -> Authority:
    return authority(Measurement(source, value, TODAY) for source, value in said)


@pytest.mark.parametrize(
    ("rank", "points"),
    [(0, 100.0), (1, 100.0), (100, 75.3), (10_000, 50.5), (1_000_000, 25.8), (10_000_000, 13.4)],
)
def test_a_rank_is_read_on_a_log_scale(rank: float, points: float) -> None:
    assert log_rank(rank) == pytest.approx(points, abs=0.06)


def test_subnets_and_rank_say_the_same() -> None:
    # Rows 100 and 9,994 of the Majestic Million, and a site without links
    assert log_rank(rank_from_subnets(67_000)) == pytest.approx(log_rank(100), abs=2.0)
    assert log_rank(rank_from_subnets(3_894)) == pytest.approx(log_rank(9_994), abs=1.0)
    assert rank_from_subnets(0) == rank_from_subnets(1)


def test_an_unknown_site_is_unknown_and_not_zero() -> None:
    nothing = judged()
    assert not nothing.is_known
    assert (nothing.value, nothing.low) == (25.0, 0.0)
    assert nothing.high == pytest.approx(54.6, abs=0.1)
    assert nothing.popularity is None


def test_one_source_is_shrunk_towards_the_prior_by_its_error() -> None:
    one = judged((MAJESTIC, 10_000))
    x, weight, rest = log_rank(10_000), 1 / 4**2, 1 / 18**2
    assert one.value == pytest.approx((x * weight + 25 * rest) / (weight + rest))
    assert one.high - one.value == pytest.approx(1.645 * (weight + rest) ** -0.5)


def test_two_sources_narrow_the_interval_less_than_independent_ones_would() -> None:
    both = judged((MAJESTIC, 10_000), (PAGERANK, 10_000))
    assert (both.high - both.low) / 2 == pytest.approx(1.645 * 1.3 * (2 / 16 + 1 / 324) ** -0.5)


def test_known_biases_are_taken_out() -> None:
    points = {part.source: part.points for part in judged((HARMONIC, 900), (TRAFFIC, 900)).parts}
    assert points[HARMONIC] == pytest.approx(log_rank(900) - 4.8)
    assert points[TRAFFIC] == pytest.approx(log_rank(900) + 4.3)


def test_the_parts_add_up_to_the_value() -> None:
    found = judged((MAJESTIC, 5_000), (RATING, 71), (TRAFFIC, 90_000))
    assert sum(part.share for part in found.parts) == pytest.approx(1)
    assert sum(part.share * part.points for part in found.parts) == pytest.approx(found.value)
    assert found.parts[0].name == "Majestic Million"
    assert found.parts[-1].source is None


def test_being_absent_from_a_list_that_was_consulted_is_evidence() -> None:
    absent = authority([Measurement(MAJESTIC, None, TODAY, list_length=1_000_000)])
    assert absent.is_known
    assert absent.parts[0].is_absence
    assert absent.parts[0].points == pytest.approx(13.4, abs=0.05)
    assert absent.parts[0].sd == 9
    assert absent.value < 25
    assert not authority([Measurement(MAJESTIC, None, TODAY)]).is_known


def test_the_same_evidence_counts_once_and_the_newest_wins() -> None:
    old = Measurement(MAJESTIC, 100, date(2025, 1, 1))
    new = Measurement(MAJESTIC, 10_000, TODAY)
    gone = Measurement(MAJESTIC, None, TODAY, list_length=1_000_000)
    subnets = Measurement(("majestic", "ref_subnets"), 3_894, date(2024, 1, 1))
    assert authority([old, gone, subnets, new]).value == authority([new]).value


def test_sources_we_do_not_know_are_left_out() -> None:
    assert not judged((("nobody", "score"), 99.0)).is_known


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (-5, 0),
        (0, 0),
        (5, 7.5),
        (10, 15),
        (65, 48),
        (93.5, 68.85),
        (99, 88.5),
        (100, 94),
        (500, 94),
    ],
)
def test_a_vendors_scale_is_read_from_the_table(value: float, points: float) -> None:
    assert vendor_points(value) == pytest.approx(points)


def test_links_without_traffic_are_pointed_out() -> None:
    bought = judged((RATING, 95), (MAJESTIC, 500), (TRAFFIC, 50_000_000))
    assert bought.lacks_traffic
    assert bought.popularity == pytest.approx(log_rank(50_000_000) + 4.3)
    assert not judged((RATING, 40), (TRAFFIC, 500_000)).lacks_traffic
    assert not judged((TRAFFIC, 50_000_000)).lacks_traffic


def test_a_workspace_with_fifty_scores_has_its_own_prior() -> None:
    assert workspace_prior([40.0] * 49) == Prior()
    own = workspace_prior([30.0, 50.0] * 25)
    assert own.mean == 40.0
    assert own.sd == pytest.approx(10.1, abs=0.1)
    assert workspace_prior([40.0] * 50).sd == 5.0


def test_a_vendor_is_fitted_to_the_workspaces_own_pairs_from_ten_on() -> None:
    pairs = [(float(value), 10 + 0.5 * vendor_points(value)) for value in range(20, 90, 7)]
    line = fit_vendor_line(pairs)
    assert line is not None
    assert line.base == pytest.approx(10)
    assert line.slope == pytest.approx(0.5)
    assert fit_vendor_line(pairs[:9]) is None
    assert fit_vendor_line([(value, -points) for value, points in pairs]) is None
    assert fit_vendor_line([(50.0, 40.0)] * 10) is None
    settings = AuthoritySettings(vendor_lines={RATING: VendorLine(10, 0.5)})
    (part, _) = authority([Measurement(RATING, 70, TODAY)], settings).parts
    assert part.points == pytest.approx(10 + 0.5 * 51)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(SOURCES)), st.floats(0, 1e9, allow_nan=False)), max_size=12
    )
)
def test_any_measurements_give_a_score_inside_its_interval(
    said: list[tuple[tuple[str, str], float]],
) -> None:
    found = judged(*said)
    assert 0 <= found.low <= found.value <= found.high <= 100


@given(st.integers(1, 10**8), st.integers(1, 10**8))
def test_a_better_rank_never_scores_lower(first: int, second: int) -> None:
    better, worse = sorted((first, second))
    assert judged((MAJESTIC, better)).value >= judged((MAJESTIC, worse)).value
