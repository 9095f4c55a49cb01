"""Every component page in Chromium: no error, no CSP refusal, no axe violation, no overflow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.page_check import PageChecker

pytestmark = pytest.mark.browser


def open_note_dialog(page: Page) -> None:
    page.get_by_role("link", name="Add a note").first.click()
    page.wait_for_selector("dialog[open]")


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


def test_an_open_dialog_is_right_in_every_scheme_and_width(
    page_check: PageChecker, design_url: str
) -> None:
    page_check(f"{design_url}/", name="design-dialog", prepare=open_note_dialog)


def test_a_list_with_a_selection_is_right_in_every_scheme_and_width(
    page_check: PageChecker, design_url: str
) -> None:
    page_check(f"{design_url}/list", name="design-selection", prepare=tick_two_rows)
