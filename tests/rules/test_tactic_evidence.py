"""What a page says about why its site might link, and where sources disagree."""

from __future__ import annotations

from datetime import date

import pytest

from outreach.prospects.figures import side_by_side
from outreach.prospects.tactics import PageSketch, evidence_of
from outreach.prospects.words import Tactic

URL = "https://journal.example/soil"
DAY = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("page", "tactic"),
    [
        (PageSketch(URL, text="Do you garden? Write for us and tell."), Tactic.GUEST_POST),
        (PageSketch("https://journal.example/write-for-us/"), Tactic.GUEST_POST),
        (PageSketch(URL, title="Useful links for gardeners"), Tactic.RESOURCE_PAGE),
        (PageSketch("https://journal.example/resources.html"), Tactic.RESOURCE_PAGE),
        (PageSketch(URL, description="Add your business to our list"), Tactic.DIRECTORY),
        (PageSketch("https://journal.example/forum/soil"), Tactic.COMMUNITY),
        (PageSketch(URL, text="We are looking for experts on clay."), Tactic.JOURNALIST_REQUEST),
        (PageSketch(URL, title="We asked 12 experts about clay"), Tactic.EXPERT_QUOTE),
        (PageSketch(URL, text="Our partners help us."), Tactic.PARTNER),
        (PageSketch(URL, gives_links_to=tuple(f"s{n}.example" for n in range(15))),
         Tactic.RESOURCE_PAGE),
    ],
)  # fmt: skip
def test_a_page_speaks_for_a_tactic(page: PageSketch, tactic: Tactic) -> None:
    (evidence,) = evidence_of([page])

    assert (evidence.tactic, evidence.url) == (tactic, page.url)
    assert evidence.quote


@pytest.mark.parametrize(
    "page",
    [
        PageSketch("https://journal.example/human-resources-of-clay"),
        PageSketch("https://links.example/soil", title="Soil and its worms"),
        PageSketch(URL, text="The resources of the soil are many. I write for a living."),
        PageSketch(URL, gives_links_to=("one.example",)),
    ],
)
def test_an_ordinary_page_speaks_for_none(page: PageSketch) -> None:
    assert evidence_of([page]) == []


def test_one_page_gives_one_reason_for_each_tactic_with_the_words_around() -> None:
    words = "Soil is alive. " * 30 + "Please write for us about clay. " + "Worms dig. " * 30

    (evidence,) = evidence_of([PageSketch(URL, title="Write for us", text=words)])
    (longer,) = evidence_of([PageSketch(URL, text=words)])

    assert evidence.quote == "Write for us"
    assert longer.quote.startswith("…")
    assert "Please write for us about clay." in longer.quote
    assert len(longer.quote) < 150


def test_vendors_figures_of_one_measure_stand_side_by_side() -> None:
    (authority,) = side_by_side([("moz_da", 41, DAY), ("ahrefs_dr", 52, DAY)])

    assert [(cell.vendor, cell.value) for cell in authority.cells] == [("Ahrefs", 52), ("Moz", 41)]
    assert authority.disagreement == ""


def test_a_disagreement_names_who_says_what() -> None:
    authority, visits = side_by_side(
        [("moz_da", 12, DAY), ("ahrefs_dr", 52, DAY), ("ahrefs_domain_traffic", 9_000, DAY),
         ("semrush_domain_traffic", 1_000, DAY)]
    )  # fmt: skip

    assert authority.disagreement == "Ahrefs and Moz are 40 points apart"
    assert visits.disagreement == "Ahrefs says 9 times what Semrush says"


def test_a_figure_nobody_has_words_for_keeps_its_own_name() -> None:
    (measure,) = side_by_side([("sistrix_visibility_index", 2.5, DAY)])

    assert measure.name == "sistrix visibility index"
