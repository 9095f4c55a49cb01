"""Every component page in Chromium: no error, no CSP refusal, no axe violation, no overflow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.page_check import PageChecker

pytestmark = pytest.mark.browser


def open_note_dialog(page: Page) -> None:
    page.get_by_role("link", name="Add a note").first.click()
    page.wait_for_selector("dialog[open]")


def open_shortcuts(page: Page) -> None:
    page.keyboard.press("?")
    page.wait_for_selector("#shortcuts[open]")


def open_more(page: Page) -> None:
    page.get_by_text("More", exact=True).click()
    page.locator(".menu__sheet:visible").wait_for()


def tick_two_rows(page: Page) -> None:
    page.locator("tbody .table__pick").nth(1).check()
    page.locator("tbody .table__pick").nth(2).check()


@pytest.mark.parametrize(
    ("path", "name", "status"),
    [
        ("/", "design-gallery", 200),
        ("/list", "design-list", 200),
        ("/list?density=compact", "design-list-compact", 200),
        ("/record", "design-record", 200),
        ("/record?panel", "design-panel", 200),
        ("/sign-in", "design-sign-in", 200),
        ("/missing", "design-missing", 404),
        ("/broken", "design-broken", 500),
    ],
)
def test_a_component_page_is_right_in_every_scheme_and_width(
    page_check: PageChecker, design_url: str, path: str, name: str, status: int
) -> None:
    page_check(design_url + path, name=name, status=status)


@pytest.mark.parametrize(
    ("path", "name", "prepare"),
    [
        ("/", "design-dialog", open_note_dialog),
        ("/list", "design-shortcuts", open_shortcuts),
        ("/list", "design-selection", tick_two_rows),
    ],
)
def test_what_opens_on_a_page_is_right_in_every_scheme_and_width(
    page_check: PageChecker,
    design_url: str,
    path: str,
    name: str,
    prepare: Callable[[Page], None],
) -> None:
    page_check(design_url + path, name=name, prepare=prepare)


def test_the_menu_of_the_bottom_bar_is_right(page_check: PageChecker, design_url: str) -> None:
    # The rail's menus are not judged open: axe counts the places a menu half covers as too small.
    page_check(f"{design_url}/list", name="design-more", prepare=open_more, widths=[390])
