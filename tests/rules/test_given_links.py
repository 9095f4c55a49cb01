"""The sites a page links to by choice."""

from __future__ import annotations

from outreach.ports.pages import LinkOnPage, PageFacts, Placement, Rel
from outreach.prospects.given_links import sites_linked_from
from outreach.reading import read

URL = "https://journal.example.org/soil"


def link(url: str, placement: Placement = Placement.EDITORIAL, **given: bool) -> LinkOnPage:
    return LinkOnPage(url, "words", Rel.FOLLOW, "", placement, "", **given)


def sites(*links: LinkOnPage) -> tuple[str, ...]:
    return sites_linked_from(PageFacts(url=URL, final_url=URL, status=200, links=links))


def test_each_site_is_named_once_in_the_order_of_the_page() -> None:
    assert sites(
        link("https://www.compost.example.net/a"),
        link("https://worms.example.com/"),
        link("https://compost.example.net/b"),
    ) == ("example.net", "example.com")


def test_own_pages_frames_hidden_links_and_social_sites_are_left_out() -> None:
    assert (
        sites(
            link("https://www.example.org/other"),
            link("https://example.net/", Placement.FOOTER),
            link("https://example.net/", Placement.COMMENT),
            link("https://example.net/", is_hidden=True),
            link("https://www.facebook.com/journal"),
            link("http://[broken/"),
        )
        == ()
    )


def test_a_page_of_a_thousand_links_gives_fifty() -> None:
    assert len(sites(*(link(f"https://garden-{n}.example/") for n in range(1_000)))) == 50


def test_a_read_page_gives_the_links_of_its_text() -> None:
    page = (
        "<html><body><article><p>" + "Compost feeds the soil and the worms in it. " * 20
        + 'Read <a href="https://compost.example.net/guide">the guide</a> first.</p></article>'
        '<footer><a href="https://agency.example.com/">Made by</a></footer></body></html>'
    )  # fmt: skip

    facts = read(page.encode(), url=URL, final_url=URL, status=200)

    assert sites_linked_from(facts) == ("example.net",)
