"""The list of prospects in a real browser: panel, keys, filter, columns, views, selection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.prospects.rules import order_of
from outreach.prospects.words import Review
from tests.browser.page_check import PageChecker, Watched, watched_page
from tests.browser.served_app import KEY, ServedApp, served_app
from tests.factories import add, make_prospect

pytestmark = pytest.mark.browser
COUNT = 64


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("list"), key=KEY) as at:
        with at.database.writing(at.scope) as session:
            for number in range(COUNT):
                score = 90 - number if number % 5 else None
                row = make_prospect(
                    session,
                    domain=f"garden-{number:02}.example",
                    title=f"The journal of garden {number}",
                    score=score,
                    score_order=order_of(score),
                    relevance=score,
                    country="DE" if number % 2 else "FR",
                    stage="qualified" if number % 4 == 0 else "",
                    ahrefs_dr=number if number % 3 else None,
                )
                row.review = Review.APPROVED if number == 9 else Review.NEW
                add(session, row)
        yield at


@pytest.fixture
def watched(browser: Browser, site: ServedApp) -> Iterator[Watched]:
    with watched_page(browser) as opened:
        cookies = [{**cookie, "url": site.url} for cookie in site.cookies[:1]]
        opened.page.context.add_cookies(cookies)  # type: ignore[arg-type]
        opened.page.goto(f"{site.url}/prospects/")
        yield opened
        refused = opened.policy_refusals()
    assert [*opened.complaints, *refused] == []


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/prospects/?country=DE&sort=dr&dr_min=5&resting=no", "prospect-list"),
        ("/prospects/?open=3", "prospect-list-panel"),
        ("/prospects/?country=DE&stage=won", "prospect-list-none"),
        ("/prospects/filter?country=DE", "prospect-list-filter"),
        ("/prospects/columns", "prospect-list-columns"),
        ("/prospects/views/new?country=DE", "prospect-list-save-view"),
        ("/prospects/views/", "prospect-list-views"),
    ],
)
def test_the_list_and_its_forms_are_right_in_every_light_and_width(
    page_check: PageChecker, site: ServedApp, path: str, name: str
) -> None:
    page_check(f"{site.url}{path}", name=name, cookies=site.cookies)


def test_a_click_opens_the_row_beside_the_list_and_escape_gives_the_focus_back(
    page: Page,
) -> None:
    row = page.locator("tbody tr").nth(2)
    domain = row.locator(".table__link").inner_text()
    row.locator("td").nth(3).click()
    expect(page.locator("#panel-title")).to_have_text(domain)
    assert "open=" in page.url

    page.keyboard.press("Escape")

    expect(page.locator(".panel")).to_have_count(0)
    assert "open=" not in page.url
    assert page.evaluate("document.activeElement.textContent") == domain


def test_back_closes_the_panel_and_forward_opens_it(page: Page) -> None:
    page.locator("tbody tr").nth(1).locator("td").nth(3).click()
    page.locator(".panel").wait_for()
    page.go_back()
    expect(page.locator(".panel")).to_have_count(0)
    page.go_forward()
    expect(page.locator(".panel")).to_have_count(1)


def test_o_opens_and_j_goes_on_to_the_next_row_and_enter_to_the_full_page(page: Page) -> None:
    names = page.locator("tbody .table__link").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#panel-title")).to_have_text(names[0])
    page.keyboard.press("j")
    expect(page.locator("#panel-title")).to_have_text(names[1])
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/prospects/\d+$"))
    expect(page.locator("h1")).to_contain_text(names[1])


def test_shift_selects_all_rows_between_two(page: Page) -> None:
    boxes = page.locator("tbody .table__pick")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("[data-selection-count]")).to_have_text("4 selected")


def test_a_filter_is_put_together_in_a_dialog_and_taken_apart_by_its_chips(page: Page) -> None:
    page.get_by_role("link", name="Filter", exact=True).click()
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Ahrefs DR, from").fill("30")
    page.get_by_role("button", name="Show prospects").click()
    page.wait_for_url("**/prospects/?*country=DE*")
    chips = page.locator(".chip__text")
    expect(chips).to_have_text(["Ahrefs DR ≥ 30", "country is DE"])
    assert "stage=" not in page.url  # what was left empty is not in the address

    page.get_by_role("link", name="Remove the filter: Ahrefs DR ≥ 30").click()

    expect(chips).to_have_text(["country is DE"])


def test_chosen_columns_stay_in_their_order(page: Page) -> None:
    page.get_by_role("link", name="Columns", exact=True).click()
    page.get_by_role("checkbox", name="Country").check()
    page.get_by_role("checkbox", name="Pages").uncheck()
    page.get_by_role("button", name="Move Relevance up").click()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.locator("thead th").nth(2)).to_have_text("Relevance")
    heads = page.locator("thead th").all_inner_texts()
    assert "Country" in heads
    assert "Pages" not in heads
    page.get_by_role("link", name="Columns", exact=True).click()
    page.get_by_role("button", name="The usual columns").click()
    expect(page.locator("thead th").nth(2)).to_have_text("Score")


def test_a_view_is_saved_as_a_tab_with_its_count_and_its_deletion_is_taken_back(
    page: Page, site: ServedApp
) -> None:
    page.goto(f"{site.url}/prospects/?country=FR&sort=domain")
    page.get_by_role("link", name="Save view").click()
    page.get_by_label("Name").fill("French gardens")
    page.get_by_role("button", name="Save the view").click()
    tab = page.get_by_role("navigation", name="Views").locator('[aria-current="page"]')
    expect(tab).to_have_text("French gardens 32")

    page.goto(f"{site.url}/prospects/views/")
    page.get_by_role("button", name="Delete French gardens").click()
    expect(page.locator(".view-row")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".view-row")).to_have_count(1)


def test_the_pages_of_the_list_lead_there_and_back(page: Page) -> None:
    first = page.locator("tbody .table__link").first.inner_text()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("tbody tr")).to_have_count(COUNT - 50)
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("tbody .table__link").first).to_have_text(first)
