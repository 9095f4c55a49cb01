"""Bulk actions and exports in a real browser: all that match, a tag, progress, undo, a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from outreach.activity.models import Job
from outreach.activity.services import claim_job
from outreach.activity.words import JobState
from outreach.core.clock import utc_now
from outreach.prospects.models import ProspectTag
from outreach.workflows.bulk import run_bulk
from outreach.workflows.bulk_kinds import KINDS
from tests.browser.page_check import PageChecker, Watched, watched_page
from tests.browser.served_app import KEY, ServedApp, served_app
from tests.factories import make_prospect
from tests.factories_campaigns import make_campaign, make_contact

pytestmark = pytest.mark.browser
COUNT = 230  # more than is changed while somebody waits


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("bulk"), key=KEY) as at:
        with at.database.writing(at.scope) as session:
            for number in range(COUNT):
                make_prospect(session, domain=f"garden-{number:03}.example", country="DE")
            make_prospect(session, domain="other.example", country="FR")
            make_contact(session, name="Mia Hart")
            make_campaign(session)
        yield at


@pytest.fixture
def watched(browser: Browser, site: ServedApp) -> Iterator[Watched]:
    with watched_page(browser) as opened:
        cookies = [{**cookie, "url": site.url} for cookie in site.cookies[:1]]
        opened.page.context.add_cookies(cookies)  # type: ignore[arg-type]
        yield opened
        refused = opened.policy_refusals()
    assert [*opened.complaints, *refused] == []


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


def work(site: ServedApp) -> None:
    """Do what waits, as a worker does."""
    with site.database.writing(site.scope) as session:
        waiting = session.exec(select(Job).where(Job.state == JobState.QUEUED)).all()
        ids = [job.key for job in waiting if claim_job(session, job.key, now=utc_now())]
    for job_id in ids:
        run_bulk(site.database, site.scope, job_id, KINDS, utc_now)


def tagged(site: ServedApp) -> int:
    with site.database.reading(site.scope) as session:
        return len(session.exec(select(ProspectTag.id)).all())


def test_all_that_match_are_tagged_watched_and_taken_back(page: Page, site: ServedApp) -> None:
    page.goto(f"{site.url}/prospects/?country=DE")
    page.get_by_label("Select all shown").check()
    page.get_by_label(re.compile("All 230 that match")).check()
    page.get_by_role("button", name="More").click()
    page.get_by_label("Put on a tag").fill("Autumn")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_text("Put the tag “Autumn” on 230 prospects.")).to_be_visible()
    page.get_by_role("button", name="Change 230").click()
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()

    work(site)

    expect(page.get_by_text("Tagged 230.")).to_be_visible()  # the page asks by itself
    assert tagged(site) == COUNT
    page.get_by_role("button", name="Undo what it changed").click()
    work(site)
    expect(page.get_by_text("Took back 230.")).to_be_visible()
    assert tagged(site) == 0
    expect(page.get_by_role("button", name="Undo what it changed")).to_have_count(0)


def test_a_few_are_approved_by_a_key_and_brought_back_by_another(
    page: Page, site: ServedApp
) -> None:
    page.goto(f"{site.url}/prospects/?country=FR")
    page.get_by_label("Select all shown").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("Decided on 1.")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Took back 1.")).to_be_visible()


def test_the_list_is_taken_away_as_a_file_with_its_filters_name(
    page: Page, site: ServedApp
) -> None:
    page.goto(f"{site.url}/prospects/?country=FR")
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="XLSX").click()
    day = f"{utc_now():%Y-%m-%d}"
    assert waiting.value.suggested_filename == f"prospects-country-is-fr-{day}.xlsx"


@pytest.mark.parametrize(
    ("path", "name"),
    [("/prospects/changes?country=DE", "bulk-choose"), ("/bulk-actions/", "bulk-history")],
)
def test_the_pages_are_right_in_every_light_and_width(
    page_check: PageChecker, site: ServedApp, path: str, name: str
) -> None:
    page_check(f"{site.url}{path}", name=name, cookies=site.cookies)
