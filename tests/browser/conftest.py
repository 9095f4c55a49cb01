"""Chromium for the tests marked `browser`: found on the machine, never downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.design_app import create_design_app
from tests.browser.live_server import serve
from tests.browser.page_check import PageChecker

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
NOTICE = "No Chromium found: install it (apt-get install chromium) or name it in OUTREACH_CHROMIUM."


def find_chromium() -> str | None:
    """Where Chromium is on this machine, or None."""
    named = os.environ.get("OUTREACH_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return shutil.which("chromium", path=f"/usr/bin{os.pathsep}{os.environ.get('PATH', '')}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole session."""
    path = find_chromium()
    if path is None:
        if "browser" in os.environ.get("OUTREACH_REQUIRE", ""):
            pytest.fail(NOTICE)
        pytest.skip(NOTICE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def page_check(browser: Browser) -> PageChecker:
    """`page_check(url)` fails unless the page is right in light, dark, on a desk and on a phone."""
    return PageChecker(browser)


@pytest.fixture(scope="session")
def design_url() -> Iterator[str]:
    """The address of the small application that shows the components."""
    with serve(create_design_app()) as url:
        yield url
