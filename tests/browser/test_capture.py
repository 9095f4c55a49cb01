"""The bookmarklet, clicked on a foreign page whose policy allows nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.live_server import serve
from tests.browser.page_check import PageChecker, watched_page
from tests.browser.served_app import ServedApp, served_app
from tests.factories_imports import KEY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("capture"), key=KEY) as at:
        yield at


@pytest.fixture(scope="module")
def foreign_url() -> Iterator[str]:
    foreign = Flask("foreign")

    @foreign.get("/soil")
    def soil() -> tuple[str, dict[str, str]]:
        policy = {"Content-Security-Policy": "default-src 'none'"}
        return "<title>Soil testing</title><p>All of it.</p>", policy

    with serve(foreign) as url:
        yield url


def test_a_page_of_another_site_is_added(
    browser: Browser, site: ServedApp, foreign_url: str
) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(f"{site.url}/capture/tokens")
        page.get_by_role("button", name="Make a bookmark").click()
        link = page.get_by_role("link", name="Add to Outreach").get_attribute("href") or ""
        assert link.startswith("javascript:")
        page.goto(f"{foreign_url}/soil")
        # The one thing faked: a loopback address is no site, so the page says it is elsewhere.
        script = link.removeprefix("javascript:").replace(
            "location.href", "'https://garden.example/soil'"
        )
        with page.expect_popup() as opened:
            page.evaluate(script)
        window = opened.value
        sentence = window.locator('[data-capture="sentence"]')
        expect(sentence).to_have_text("garden.example is a new prospect.")
        assert "#" not in window.url
        expect(window.get_by_role("link", name="Open it")).to_have_attribute("href", "/prospects/1")


@pytest.mark.parametrize("path", ["/capture/tokens", "/capture/"])
def test_its_pages_are_right_for_everyone(
    page_check: PageChecker, site: ServedApp, path: str
) -> None:
    page_check(f"{site.url}{path}", cookies=site.cookies)
