"""The palette behind Ctrl-K, by keyboard, with real records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.workflows.index_words import index_words
from tests import factories
from tests.browser.page_check import _RUN_AXE as RUN_AXE
from tests.browser.page_check import AXE, AXE_RULES, SCHEMES, WIDTHS, watched_page
from tests.browser.served_app import ServedApp, served_app
from tests.factories_imports import KEY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("palette"), key=KEY) as at:
        with at.database.writing(at.scope) as session:
            for name in ("garden-journal", "gardener-weekly", "pistons"):
                factories.make_prospect(session, domain=f"{name}.example", title=f"The {name}")
        index_words(at.database, at.scope, 100)
        yield at


@pytest.fixture
def page(browser: Browser, site: ServedApp) -> Iterator[Page]:
    with watched_page(browser, cookies=site.cookies) as watched:
        watched.page.goto(f"{site.url}/prospects/")
        yield watched.page
        assert watched.complaints == []


def _ask(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type(text)


def test_a_record_is_opened_by_keys_alone(page: Page, site: ServedApp) -> None:
    _ask(page, "pist")
    expect(page.locator("[role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/prospects/\d+$"))
    expect(page.locator("h1")).to_contain_text("pistons")
    page.keyboard.press("Control+k")
    expect(page.locator("[role=option]").first).to_contain_text("recent")


def test_arrows_move_and_escape_closes(page: Page) -> None:
    _ask(page, "garden")
    options = page.locator("[role=option]")
    expect(options).to_have_count(2)
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator(".palette__input")).to_have_attribute("aria-activedescendant", "palette-1")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_it_works_with_single_keys_switched_off(page: Page) -> None:
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    _ask(page, "add a pros")
    page.keyboard.press("Enter")
    page.wait_for_url("**/prospects/new")


def test_what_matches_nothing_says_so(page: Page) -> None:
    _ask(page, "zzzzzz")
    expect(page.locator("[data-palette-count]")).to_have_text("Nothing matches.")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_right_for_everyone(
    browser: Browser, site: ServedApp, scheme: str, width: int, tmp_path: Path
) -> None:
    with watched_page(browser, scheme=scheme, width=width, cookies=site.cookies) as watched:  # type: ignore[arg-type]
        page = watched.page
        page.goto(f"{site.url}/prospects/")
        _ask(page, "gar")
        expect(page.locator("[role=option]").first).to_be_visible()
        page.screenshot(path=tmp_path / "palette.png")
        page.evaluate(AXE)
        assert page.evaluate(RUN_AXE, AXE_RULES) == []
        assert watched.complaints == []
