"""The review by keys: twenty prospects with reasons, dates, notes and undo; and how it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from outreach.contacts.services import FoundAddressEntry, offer_found_addresses
from outreach.core.addresses import parse_mail_address
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.prospects.models import Prospect
from outreach.prospects.words import Review
from outreach.suppression.models import ContactTouch
from tests.browser.page_check import PageChecker, watched_page
from tests.browser.served_app import served_app
from tests.factories import make_page, make_prospect
from tests.factories_imports import KEY, make_asset, score

pytestmark = pytest.mark.browser

_DECISIONS = re.compile(r"/review/[0-9]+$")
TEXT = (
    "Compost feeds the soil of a vegetable garden, and the worms in it do the digging. "
    "Write for us about clay, and tell our readers how you test your garden soil at home. "
)


@dataclass
class Site:
    """The running app, its database and a browser's way into it."""

    url: str
    database: Database
    scope: Scope
    cookies: list[dict[str, str]]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("review")
    with served_app(sqlite_template, folder, key=KEY) as at:
        _tell_story(at.database, at.scope)
        yield Site(at.url, at.database, at.scope, at.cookies)


def _tell_story(database: Database, scope: Scope) -> None:
    now = utc_now()
    with database.writing(scope) as session:
        for number in range(24):
            prospect = make_prospect(
                session, domain=f"garden-{number}.example", country="DE", topic="Gardening"
            )
            make_page(
                session, prospect, title="Soil and compost " * (1 + number % 3), text=TEXT * 4,
                description="How to test garden soil.", language="en", read_at=now,
                links_to="https://rival.example/kit", anchor="soil kit", rel="nofollow",
                gives_links_to=["rival.example", "garden.example", "worms.example"],
                figures={"ahrefs_ur": [31, "2026-11-01"]},
            )  # fmt: skip
            address = parse_mail_address(f"editor@{prospect.domain}")
            assert address is not None
            entry = FoundAddressEntry(address, f"https://{prospect.domain}/about", "Write to us")
            offer_found_addresses(session, prospect.site_id, [entry], now=now)
            session.add(
                ContactTouch(
                    domain=prospect.domain, in_workspace_id=scope.workspace_id,
                    user_id=scope.user_id, at=now, source_key=f"outbox:{number}",
                )
            )  # fmt: skip
    make_asset(database, scope)
    score(database, scope)


@pytest.mark.parametrize(
    ("path", "name"), [("/review/", "review-card"), ("/prospects/1", "prospect-everything")]
)
def test_the_review_and_a_prospect_are_right_in_every_light_and_width(
    page_check: PageChecker, site: Site, path: str, name: str
) -> None:
    page_check(f"{site.url}{path}", name=name, cookies=site.cookies)


def test_twenty_are_reviewed_by_keys_alone(browser: Browser, site: Site) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(f"{site.url}/review/")
        first = _shown(page)
        _press(page, "a")
        _press(page, "u")
        expect(page.locator(".review__site")).to_have_text(first)
        for number in range(20):
            _press(page, *(("a",), ("d", str(1 + number % 9)), ("l", "2"))[number % 3])
        expect(page.locator(".page__count")).to_contain_text("4 left")

    reviews = _reviews(site)
    assert [reviews.count(each) for each in (Review.APPROVED, Review.REJECTED, Review.LATER)] == [
        7, 7, 6,
    ]  # fmt: skip


def test_a_refused_decision_brings_the_prospect_back_with_a_word(
    browser: Browser, site: Site
) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(f"{site.url}/review/")
        shown = _shown(page)
        page.wait_for_load_state("networkidle")  # the next one is fetched ahead
        page.route(_DECISIONS, lambda route: route.abort())
        page.keyboard.press("a")

        expect(page.locator(".review__said")).to_contain_text("Nothing was decided")
        expect(page.locator(".toast--error")).to_contain_text("Nothing was decided")
        assert _shown(page) == shown

        page.unroute(_DECISIONS)
        page.keyboard.press("a")
        expect(page.locator(".review__said")).to_have_text(f"Approved {shown}.")
        assert _shown(page) != shown
        page.keyboard.press("u")
        expect(page.locator(".review__site")).to_have_text(shown)


def test_a_note_is_written_without_leaving_the_review(browser: Browser, site: Site) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(f"{site.url}/review/")
        shown = _shown(page)
        page.keyboard.press("n")
        page.keyboard.type("Ask Ann first")
        page.get_by_role("button", name="Add the note").click()

        expect(page.locator(".review__said")).to_have_text("Added the note.")
        expect(page.locator(".review__why")).to_contain_text("Ask Ann first")
        assert _shown(page) == shown


def _shown(page: Page) -> str:
    return page.locator(".review__site").inner_text()


def _press(page: Page, *keys: str) -> None:
    """Press keys and wait for the prospect they bring."""
    before = page.locator("#review").element_handle()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function("(before) => !before.isConnected", arg=before)


def _reviews(site: Site) -> list[Review]:
    with site.database.reading(site.scope) as session:
        return [Review(review) for review in session.exec(select(Prospect.review))]
