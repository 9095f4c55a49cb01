"""Tags, notes, files and fields by keyboard and mouse; drafts, mentions and every page of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from outreach.accounts.services import create_user, join_workspace
from outreach.accounts.words import Role
from outreach.activity.services import Subject
from outreach.core.clock import utc_now
from outreach.fields.words import FieldKind, FieldSubject
from outreach.tags.services import edit_tag, ensure_tag
from outreach.tags.words import TagTone
from outreach.workflows.annotate import attach_to_record, fill_field, note_record, tag_record
from tests.browser.page_check import PageChecker
from tests.browser.served_app import ServedApp, served_app
from tests.factories_annotations import make_field, make_person

pytestmark = pytest.mark.browser


@dataclass
class Record:
    """A served contact with some of everything."""

    at: ServedApp
    contact_id: int
    tag_id: int
    field_id: int
    note_id: int

    @property
    def url(self) -> str:
        """The contact's page."""
        return f"{self.at.url}/contacts/{self.contact_id}"


@pytest.fixture(scope="module")
def record(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("annotations")) as at:
        with at.database.system() as session:
            kim = create_user(session, email="kim.berg@outreach.example", name="Kim Berg",
                              password_hash="!")  # fmt: skip
            join_workspace(session, kim, at.scope.workspace_id or 0, Role.MEMBER)
        yield _fill(at)


def _fill(at: ServedApp) -> Record:
    now = utc_now()
    with at.database.writing(at.scope) as session:
        person = make_person(session, "Rosa Blum", role="Editor", outlet="Garden Weekly")
        subject = Subject("contact", person.key)
        [tag, *_] = tag_record(session, subject, "guest post, asked in spring, knows Kim", now=now)
        for name, tone in (("guest post", TagTone.GOOD), ("knows Kim", TagTone.INFO)):
            edit_tag(session, ensure_tag(session, name), name=name, tone=tone, now=now)
        of_contact = FieldSubject.CONTACT
        rate = make_field(session, "Day rate", FieldKind.TEXT, of_contact)
        level = make_field(session, "Level", FieldKind.CHOICE, of_contact, ("Gold", "Silver"))
        make_field(session, "Last met", FieldKind.DATE, of_contact)
        site = make_field(session, "Portfolio", FieldKind.URL, of_contact)
        for field, value in ((rate, "n/a"), (level, "Gold"), (site, "https://example.org/rosa")):
            fill_field(session, subject, field.key, value, now=now)
        words = "@kim.berg met her at the fair.\nSee https://example.org/fair for the talk."
        note = note_record(session, subject, words, now=now)
        attach_to_record(session, subject, "Media kit 2026.pdf", b"%PDF-1.7", now=now)
        return Record(at, person.key, tag.key, rate.key, note.key)


@pytest.fixture
def page(browser: Browser, record: Record) -> Iterator[Page]:
    context = browser.new_context()
    context.add_cookies(record.at.cookies)  # type: ignore[arg-type]
    page = context.new_page()
    yield page
    context.close()


@pytest.mark.parametrize(
    "path",
    ["/contacts/{contact}", "/tags/", "/tags/{tag}/edit", "/fields/", "/fields/new",
     "/fields/{field}/edit", "/fields/{field}/kind?kind=number", "/notes/{note}/edit"],
)  # fmt: skip
def test_every_page_of_annotations_is_right(
    record: Record, page_check: PageChecker, path: str
) -> None:
    path = path.format(contact=record.contact_id, tag=record.tag_id, field=record.field_id,
                       note=record.note_id)  # fmt: skip
    name = "annotations" + path.split("?")[0].replace("/", "-").rstrip("-")
    page_check(record.at.url + path, cookies=record.at.cookies, name=name)


def test_t_goes_to_the_tag_box_and_enter_adds_the_tag_without_a_new_page(
    record: Record, page: Page
) -> None:
    page.goto(record.url)
    page.evaluate("window.isSamePage = true")
    page.keyboard.press("t")
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(page.locator("#tags").get_by_text("by keyboard", exact=True)).to_be_visible()
    assert page.evaluate("window.isSamePage") is True
    page.get_by_role("button", name="Take the tag by keyboard off").click()
    expect(page.locator("#tags").get_by_text("by keyboard", exact=True)).to_have_count(0)


def test_n_opens_the_note_box_which_keeps_its_draft_and_offers_colleagues(
    record: Record, page: Page
) -> None:
    page.goto(record.url)
    page.keyboard.press("n")
    page.keyboard.type("Half a thought for @ki")
    offered = page.get_by_role("option", name="Kim Berg @kim.berg")
    expect(offered).to_be_visible()
    page.keyboard.press("Enter")
    box = page.get_by_label("A note")
    expect(box).to_have_value("Half a thought for @kim.berg ")
    page.reload()
    expect(box).to_have_value("Half a thought for @kim.berg ")
    page.get_by_role("button", name="Add the note").click()
    note = page.locator(".note", has_text="Half a thought")
    expect(note.locator(".note__call")).to_have_text("@kim.berg")
    expect(box).to_have_value("")


def test_a_field_is_changed_where_it_is_shown_and_a_wrong_value_says_why(
    record: Record, page: Page
) -> None:
    page.goto(record.url)
    row = page.locator(".values__row", has_text="Last met")
    row.locator("summary").click()
    row.get_by_role("textbox").fill("03/04/2026")
    row.get_by_role("button", name="Save").click()
    expect(row.get_by_role("alert")).to_contain_text("could be two days")
    row.get_by_role("textbox").fill("3 April 2026")
    row.get_by_role("button", name="Save").click()
    expect(row.locator("summary")).to_contain_text("2026-04-03")


def test_changing_what_a_field_holds_shows_what_would_be_lost_before_it_is_done(
    record: Record, page: Page
) -> None:
    page.goto(f"{record.at.url}/fields/{record.field_id}/kind")
    page.get_by_label("Holds").select_option("number")
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_text("Of 1 value 0 convert; 1 do not:")).to_be_visible()
    expect(page.get_by_text("“n/a” (1)")).to_be_visible()
    page.get_by_role("button", name="Change what it holds").click()
    expect(page.get_by_text("0 values converted, 1 kept in notes.")).to_be_visible()
    page.goto(record.url)
    expect(page.locator(".note", has_text="Day rate: n/a")).to_be_visible()
