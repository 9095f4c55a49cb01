"""What the small modules do in a real browser, under the real Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.page_check import Watched, watched_page

pytestmark = pytest.mark.browser


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    with watched_page(browser) as opened:
        yield opened
        refused = opened.policy_refusals()
    assert [*opened.complaints, *refused] == []


@pytest.fixture
def page(watched: Watched, design_url: str) -> Page:
    watched.page.goto(f"{design_url}/list")
    return watched.page


def focused(page: Page) -> str:
    text: str = page.evaluate("document.activeElement.textContent")
    return text


def test_j_and_k_move_between_rows_and_enter_opens_one(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == "meadow-journal.example"
    page.keyboard.press("k")
    assert focused(page) == "northwind-gardening.example"
    page.keyboard.press("Enter")
    page.wait_for_url("**/record?row=1")


def test_x_selects_the_row_and_the_bar_counts(page: Page) -> None:
    bar = page.locator(".selection-bar")
    assert not bar.is_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert bar.is_visible()
    assert bar.locator("[data-selection-count]").text_content() == "1 selected"


def test_a_key_does_not_press_what_is_not_shown(page: Page) -> None:
    page.keyboard.press("a")  # "Approve" waits in the selection bar, and nothing is selected
    page.keyboard.press("?")
    sheet = page.locator("#shortcuts")
    sheet.wait_for()
    assert "Approve" not in sheet.inner_text()
    assert page.locator(".toast").count() == 0


def test_g_then_a_letter_goes_to_a_place_of_the_rail(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/record")


def test_the_slash_puts_the_cursor_into_the_search_and_keys_then_rest(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("jxgl?")
    assert page.locator(".search__input").input_value() == "jxgl?"
    assert page.url.endswith("/list")


def test_the_question_mark_lists_the_keys_of_the_page_and_switches_them_off(page: Page) -> None:
    page.locator("tbody .table__pick").first.check()
    page.keyboard.press("?")
    sheet = page.locator("#shortcuts")
    assert "Go to Links" in sheet.inner_text()
    assert "Approve" in sheet.inner_text()
    with page.expect_response("**/single-keys"):
        sheet.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")


def test_a_click_anywhere_on_a_row_opens_it(page: Page) -> None:
    page.get_by_text("3 days ago").click()
    page.wait_for_url("**/record?row=3")


def test_the_rail_folds_and_stays_folded(page: Page) -> None:
    page.get_by_role("button", name="Fold").click()
    page.reload()
    assert page.locator(".rail").bounding_box()["width"] < 60  # type: ignore[index]
    assert page.locator('[data-controller="rail"]').get_attribute("aria-expanded") == "false"


def test_the_theme_chosen_by_hand_holds_until_the_profile_says_otherwise(
    page: Page, design_url: str
) -> None:
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    page.goto(f"{design_url}/list?theme=light")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light"


def test_a_toast_offers_undo_by_key(page: Page) -> None:
    page.locator("tbody .table__pick").first.check()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Approved 3 prospects.").wait_for()
    page.wait_for_load_state("load")  # the modules have run
    page.keyboard.press("u")
    page.get_by_text("Taken back.").wait_for()


def test_a_toast_stays_while_it_holds_the_focus_and_leaves_ten_seconds_later(page: Page) -> None:
    page.clock.install()
    page.locator("tbody .table__pick").first.check()
    page.get_by_role("button", name="Approve").click()
    toast = page.locator(".toast")
    toast.wait_for()
    page.wait_for_load_state("load")
    toast.get_by_role("button", name="Undo").focus()
    page.clock.run_for(30_000)
    assert toast.is_visible()
    page.locator(".search__input").focus()
    page.clock.run_for(10_500)
    toast.wait_for(state="detached")


def test_a_dialog_gives_the_focus_back_to_what_opened_it(page: Page, design_url: str) -> None:
    page.goto(f"{design_url}/")
    page.keyboard.press("n")
    page.get_by_label("Note").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#note[open]").count()
    page.get_by_role("link", name="Add a note").click()
    page.keyboard.press("Escape")
    assert "Add a note" in focused(page)


def test_escape_closes_the_side_panel(page: Page, design_url: str) -> None:
    page.goto(f"{design_url}/record?panel")
    page.keyboard.press("Escape")
    page.wait_for_url("**/record")


def test_progress_asks_again_until_the_work_has_ended(page: Page, design_url: str) -> None:
    page.goto(f"{design_url}/")
    page.get_by_text("9,842 rows in 3 s").wait_for()
    assert page.locator("#import[hx-get]").count() == 0


def test_an_htmx_post_carries_the_token_and_a_422_answer_is_shown(
    watched: Watched, page: Page
) -> None:
    page.evaluate("htmx.ajax('POST', '/refuse', {target: '.page__subtitle'})")
    page.get_by_text("Row 214 needs mending.").wait_for()
    watched.complaints.clear()  # the browser reports the 422 itself as an error


def test_a_server_out_of_reach_is_said_in_words(watched: Watched, page: Page) -> None:
    page.context.set_offline(True)
    page.evaluate("htmx.ajax('POST', '/refuse', {target: '.page__subtitle'}).catch(() => 0)")
    page.get_by_text("The server cannot be reached. Nothing was changed.").wait_for()
    watched.complaints.clear()


def test_a_dropped_file_fills_the_file_field(page: Page, design_url: str) -> None:
    page.goto(f"{design_url}/")
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["a,b"], "prospects.csv", {type: "text/csv"}));
          document.querySelector(".drop-zone").dispatchEvent(
            new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }"""
    )
    page.get_by_text("prospects.csv, 1 kB").wait_for()
    assert page.evaluate("document.querySelector('.drop-zone__input').files.length") == 1


@pytest.mark.parametrize("options", [{"java_script_enabled": False}])
def test_a_list_can_be_read_and_opened_without_javascript(
    browser: Browser, design_url: str, options: dict[str, Any]
) -> None:
    with watched_page(browser, **options) as watched:
        watched.page.goto(f"{design_url}/list")
        watched.page.locator("tbody .table__pick").first.check()
        assert watched.page.locator(".selection-bar").is_visible()
        watched.page.get_by_role("link", name="rootstock.example").click()
        watched.page.wait_for_url("**/record?row=6")
