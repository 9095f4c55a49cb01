"""Importing in a real browser: drop, look, import, mend, name columns, take back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from outreach.activity.models import Job
from outreach.activity.services import claim_job
from outreach.core.clock import utc_now
from outreach.prospects.models import Prospect
from outreach.workflows.drop_file import take_file
from outreach.workflows.import_file import ImportTools, run_import
from outreach.workflows.undo_import import run_undo
from tests.browser.page_check import PageChecker, Watched, watched_page
from tests.browser.served_app import KEY, ServedApp, served_app
from tests.factories_imports import drop_file, import_text

pytestmark = pytest.mark.browser

PAGES = (
    "URL,Title,Notes for us\n"
    "https://soil.example.org/guide,Soil guide,keep\n"
    "https://compost.example.net/heap,Hot heaps,\n"
    "htp//roses example,Roses,typed by hand\n"
)
PAGES_LATER = "URL,Title\nhttps://soil.example.org/guide,Soil guide of 2026\nnonsense here,x\n"
UNKNOWN = (
    "Wo es steht;Wer;Was wir denken\n"
    "https://moss.example.org/lawn;Ann;good\nhttps://fern.example.net/;Bo;fine\n"
)
# Hands a file to the page as if it were dropped there.
_DROP = """
([name, text, where]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], name, {type: "text/csv"}));
  const target = document.querySelector(where);
  for (const kind of ["dragover", "drop"]) {
    target.dispatchEvent(
      new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  }
}
"""
_PASTE = """
(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.body.dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}
"""


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path) -> Iterator[ServedApp]:
    with served_app(sqlite_template, tmp_path, key=KEY) as at:
        yield at


@pytest.fixture
def watched(browser: Browser, site: ServedApp) -> Iterator[Watched]:
    with watched_page(browser, cookies=site.cookies) as opened:
        opened.page.goto(f"{site.url}/imports/")
        yield opened
        refused = opened.policy_refusals()
    # The browser reports an upload that was refused with a sentence as an error of its own.
    complaints = [said for said in opened.complaints if "status of 422" not in said]
    assert [*complaints, *refused] == []


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


def work(site: ServedApp) -> None:
    """Do what waits, as a worker would."""
    with site.database.writing(site.scope) as session:
        newest = select(Job).where(col(Job.subject_type) == "import_file")
        job = session.exec(newest.order_by(col(Job.id).desc())).first()
        assert job is not None
        assert claim_job(session, job.key, now=utc_now()) is not None
        key, kind = job.key, job.kind
    if kind == "undo_import":
        run_undo(site.database, site.scope, key, utc_now)
    else:
        run_import(site.database, site.scope, key, ImportTools(site.folder, KEY, utc_now))


def drop(page: Page, text: str, *, name: str = "garden.csv", where: str = "body") -> None:
    page.evaluate(_DROP, [name, text, where])


def domains(site: ServedApp) -> list[str]:
    with site.database.reading(site.scope) as session:
        return sorted(session.exec(select(Prospect.domain)).all())


def test_a_file_is_dropped_looked_at_imported_mended_and_taken_back(
    page: Page, site: ServedApp
) -> None:
    drop(page, PAGES, where="h1")

    expect(page.locator("h1")).to_have_text("garden.csv")
    expect(page.locator("main")).to_contain_text("It adds 2 new prospects")
    assert domains(site) == []
    page.get_by_role("button", name="Import this file").click()

    expect(page.locator("#import-state")).to_contain_text("Waiting for a worker.")
    work(site)
    expect(page.locator("main")).to_contain_text("Imported “garden.csv”: 2 new, 1 refused.")
    link = page.get_by_role("link", name="Review the 2 new prospects, best first")
    assert "file=" in (link.get_attribute("href") or "")
    assert domains(site) == ["example.net", "example.org"]

    page.get_by_role("link", name="Mend it or leave it out").click()
    expect(page.locator(".mend")).to_contain_text("Row 4:")
    expect(page.get_by_label("Notes for us")).to_be_hidden()
    page.get_by_label("URL").fill("https://roses.example.com/")
    page.get_by_role("button", name="Retry 1 mended row").click()

    expect(page.get_by_role("heading", name="What became of the rows you mended")).to_be_visible()
    expect(page.locator("main")).to_contain_text("roses.example.com")
    assert domains(site) == ["example.com", "example.net", "example.org"]

    page.get_by_role("link", name="garden.csv").click()
    page.get_by_role("link", name="Undo this import").click()
    expect(page.locator("main")).to_contain_text("removes the 3 new prospects it added")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("#import-state")).to_contain_text("Taking it back")
    work(site)
    expect(page.locator("main")).to_contain_text("Took “garden.csv” back.")
    assert domains(site) == []


def test_the_list_of_prospects_takes_a_dropped_file(page: Page, site: ServedApp) -> None:
    page.goto(f"{site.url}/prospects/")

    drop(page, PAGES)

    expect(page).to_have_url(re.compile(r"/imports/\d+$"))
    expect(page.locator("main")).to_contain_text("2 new prospects")


def test_a_pasted_list_is_looked_at_at_once(page: Page, site: ServedApp) -> None:
    page.evaluate(_PASTE, "soil.example.org, compost.example.net")

    expect(page.locator("main")).to_contain_text("It adds 2 new prospects")


def test_a_picture_is_refused_where_it_was_dropped_and_the_next_file_is_taken(
    page: Page, site: ServedApp
) -> None:
    drop(page, "GIF89a....", name="logo.csv")

    expect(page.get_by_role("alert")).to_have_text("“logo.csv” is a GIF image.")
    expect(page).to_have_url(f"{site.url}/imports/")
    assert not [path for path in (site.folder / "imports").rglob("*") if path.is_file()]
    drop(page, PAGES)
    expect(page.locator("h1")).to_have_text("garden.csv")


def test_a_table_nobody_knows_is_named_once_and_known_from_then_on(
    page: Page, site: ServedApp
) -> None:
    drop(page, UNKNOWN, name="moos.csv")

    expect(page.locator("h1")).to_contain_text("What do the columns of moos.csv hold?")
    expect(page.get_by_label("Wo es steht")).to_have_value("url")
    page.get_by_label("Wo es steht").select_option("")
    expect(page.locator("#missing")).to_contain_text("Say which column holds")
    page.get_by_label("Wo es steht").select_option("url")
    expect(page.locator("#missing")).to_contain_text("That is enough")
    page.get_by_role("button", name="Read it so").click()
    expect(page.locator("main")).to_contain_text("It adds 2 new prospects")

    page.goto(f"{site.url}/imports/")
    drop(page, UNKNOWN.replace("moss", "peat"), name="torf.csv")

    expect(page.locator("main")).to_contain_text("Read as you told us on")
    page.goto(f"{site.url}/imports/mappings/")
    page.get_by_role("button", name="Forget it").click()
    expect(page.locator("main")).to_contain_text("Nothing to remember yet")


def test_without_scripts_a_file_is_chosen_named_and_imported(
    browser: Browser, site: ServedApp
) -> None:
    with watched_page(browser, cookies=site.cookies, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(f"{site.url}/imports/")
        data = {"name": "moos.csv", "mimeType": "text/csv", "buffer": UNKNOWN.encode()}
        page.set_input_files("#file", data)  # type: ignore[arg-type]
        page.get_by_role("button", name="Look at these files").click()
        page.get_by_label("Wo es steht").select_option("url")
        page.get_by_role("button", name="Read it so").click()
        page.get_by_role("button", name="Import this file").click()
        work(site)
        page.reload()

        expect(page.locator("main")).to_contain_text("Imported “moos.csv”: 2 new.")


def test_every_page_of_an_import_is_right_in_every_light_and_width(
    page_check: PageChecker, site: ServedApp
) -> None:
    done = import_text(site.database, site.scope, site.folder, PAGES, name="garden.csv").key
    waiting = drop_file(site.database, site.scope, site.folder, PAGES_LATER, name="later.csv")
    data = BytesIO(UNKNOWN.encode())
    unknown = take_file(site.database, site.scope, data, "moos.csv", data_dir=site.folder)
    paths = {
        "imports": "",
        "import-preview": f"{waiting}",
        "import-columns": f"{waiting}/columns",
        "import-unknown": f"{unknown}/columns",
        "import-done": f"{done}",
        "import-quarantine": f"{done}/quarantine",
        "import-undo": f"{done}/undoing",
        "import-mappings": "mappings/",
    }
    for name, path in paths.items():
        page_check(f"{site.url}/imports/{path}", name=name, cookies=site.cookies)
