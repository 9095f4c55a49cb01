"""What strangers see; the pages of people who are signed in are in test_every_page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from outreach.accounts.services import make_link
from outreach.accounts.words import LinkPurpose
from outreach.core.clock import utc_now
from tests.browser.page_check import PageChecker
from tests.browser.served_app import ServedApp, served_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("strangers")) as at:
        yield at


def test_strangers_see_right_pages_too(site: ServedApp, page_check: PageChecker) -> None:
    page_check(site.url + "/sign-in", name="sign-in")
    page_check(site.url + "/nowhere", name="not-found", status=404)
    with site.database.system() as session:
        token = make_link(session, LinkPurpose.SETUP, now=utc_now())
    page_check(f"{site.url}/setup/{token}", name="setup")
