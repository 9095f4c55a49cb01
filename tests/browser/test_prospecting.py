"""A link builder's first hour: a file dropped, reviewed, kept as a view, changed, undone.

Every click, drop and typed line is a step and is counted: docs/steps.md names the counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import func, select

from outreach.core.settings import Settings
from outreach.core.tokens import SecretBox
from outreach.jobs.schedule import TASKS, TICKS
from outreach.jobs.work import Queue, run_task, run_tick
from outreach.prospects.models import Prospect
from outreach.prospects.words import Review
from outreach.wiring.mail_plugs import MailPlugs
from outreach.wiring.worker import WorkerServices
from tests.browser.page_check import watched_page
from tests.browser.served_app import KEY, ServedApp, served_app
from tests.factories_imports import make_asset

pytestmark = pytest.mark.browser

SITES = 500
_DROP = """
([name, text]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], name, {type: "text/csv"}));
  for (const kind of ["dragover", "drop"]) {
    document.body.dispatchEvent(
      new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  }
}
"""


class Person:
    """Someone at the page, whose steps are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps = 0

    def drop(self, name: str, text: str) -> None:
        self.steps += 1
        self.page.evaluate(_DROP, [name, text])

    def press(self, name: str, role: str = "button") -> None:
        self.steps += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def key(self, key: str) -> None:
        self.steps += 1
        self.page.keyboard.press(key)

    def fill(self, label: str, text: str) -> None:
        self.steps += 1
        self.page.get_by_label(label).first.fill(text)

    def spent(self) -> int:
        """Return the steps since it was last asked."""
        done, self.steps = self.steps, 0
        return done


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path) -> Iterator[ServedApp]:
    with served_app(sqlite_template, tmp_path, key=KEY) as at:
        make_asset(at.database, at.scope)
        yield at


@pytest.fixture
def person(browser: Browser, site: ServedApp) -> Iterator[Person]:
    with watched_page(browser, cookies=site.cookies) as opened:
        opened.page.goto(f"{site.url}/prospects/")
        yield Person(opened.page)
        refused = opened.policy_refusals()
    assert [*opened.complaints, *refused] == []


def work(site: ServedApp) -> None:
    """Let the worker's clock tick once and do everything it wakes, as `outreach worker` does."""
    settings = Settings(data_dir=site.folder, environment="test")
    services = WorkerServices(settings, site.database, KEY, SecretBox(KEY), MailPlugs(settings))
    woken: list[tuple[str, int, int]] = []
    for tick in TICKS:
        if tick.queue is Queue.IO and tick.name.startswith("sweep"):
            run_tick(tick, services, lambda *what: woken.append(what))
    for name, workspace_id, row_id in woken:
        run_task(TASKS[name], services, workspace_id, row_id)


def export_of(count: int) -> str:
    """Write a table as a link tool gives it."""
    lines = ["URL,Title,Description,Country"]
    lines += [
        f"https://garden-{number}.example/soil,Soil journal {number},"
        f"Notes on compost and clay for allotment {number},{'DE' if number % 2 else 'FR'}"
        for number in range(count)
    ]
    return "\n".join(lines) + "\n"


def reviews(site: ServedApp) -> dict[Review, int]:
    with site.database.reading(site.scope) as session:
        rows = session.exec(select(Prospect.review, func.count()).group_by(Prospect.review)).all()
    return {Review(review): count for review, count in rows}


def test_a_file_becomes_reviewed_prospects_a_view_and_a_change_that_is_taken_back(
    person: Person, site: ServedApp
) -> None:
    page = person.page

    person.drop("gardens.csv", export_of(SITES))
    expect(page.locator("main")).to_contain_text(f"It adds {SITES} new prospects")
    person.press("Import this file")
    assert person.spent() == 2, "import 500 prospects"
    work(site)
    expect(page.locator("main")).to_contain_text(f"Imported “gardens.csv”: {SITES} new.")
    work(site)  # scores, and the words of the search

    person.press(f"Review the {SITES} new prospects, best first", role="link")
    expect(page.locator(".page__count")).to_contain_text(f"{SITES} left")
    person.spent()
    for _ in range(20):
        shown = page.locator(".review__site").inner_text()
        person.key("a")
        expect(page.locator(".review__site")).not_to_have_text(shown)
    assert person.spent() == 20, "qualify twenty prospects"
    # What is shown runs ahead of the server: the count is its answer.
    expect(page.locator(".page__count")).to_contain_text(f"{SITES - 20} left")
    assert reviews(site) == {Review.APPROVED: 20, Review.NEW: SITES - 20}

    page.goto(f"{site.url}/prospects/?review=new&country=DE")
    person.press("Save view", role="link")
    person.fill("Name", "German gardens")
    person.press("Save the view")
    tab = page.get_by_role("navigation", name="Views").locator('[aria-current="page"]')
    expect(tab).to_contain_text("German gardens")
    assert person.spent() == 3, "keep a filter as a view"

    with site.database.reading(site.scope) as session:
        matching = session.exec(
            select(func.count()).where(Prospect.review == Review.NEW, Prospect.country == "DE")
        ).one()
    assert matching > 200, "so many are a job, not done within the page"
    page.get_by_label("Select all shown").check()
    page.locator("[data-selection-all] input").check()
    person.press("Reject")
    expect(page.locator("main")).to_contain_text(f"{matching}")
    person.press(f"Change {matching}")
    work(site)
    page.reload()
    assert reviews(site)[Review.REJECTED] == matching

    person.press("Undo")
    work(site)
    page.reload()
    assert reviews(site) == {Review.APPROVED: 20, Review.NEW: SITES - 20}
