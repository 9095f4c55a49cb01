"""The sheet behind "?": what everywhere, what in a list, what on this page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.page_check import watched_page
from tests.browser.served_app import ServedApp, served_app
from tests.factories_imports import KEY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("keys"), key=KEY) as at:
        yield at


def test_the_sheet_groups_keys_by_where_they_work(
    browser: Browser, site: ServedApp, tmp_path: Path
) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(f"{site.url}/prospects/")
        page.keyboard.press("?")
        everywhere = page.locator('[data-shortcuts="everywhere"]')
        expect(everywhere).to_contain_text("Every action and every record")
        expect(everywhere).to_contain_text("Go to Pipeline")
        expect(everywhere).to_contain_text("Search")
        expect(page.locator('[data-shortcuts="list"]')).to_contain_text("Select the row")
        expect(page.locator('[data-shortcuts="page"]')).to_contain_text("Review")
        page.screenshot(path=tmp_path / "sheet.png")
        assert watched.complaints == []
