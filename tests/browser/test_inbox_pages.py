"""Today, the inbox, a conversation and reminders as people see them, and by keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlmodel import select

from outreach.activity.services import Subject
from outreach.assets.models import Property
from outreach.campaigns.words import Stage
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.mail.models import OutboxMessage
from outreach.mail.words import InboundState, OutboxState
from outreach.reminders.services import add_reminder
from tests.browser.page_check import PageChecker, watched_page
from tests.browser.served_app import served_app
from tests.factories_campaigns import KEY, make_opportunity
from tests.factories_inbox import Correspondence, absence, bounce, letter, make_correspondence

pytestmark = pytest.mark.browser


@dataclass
class Site:
    """The running app, a browser's way into it, and the story behind it."""

    url: str
    cookies: list[dict[str, str]]
    desk: Correspondence


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    two = ("Tidepool Tools", "An empty one")
    folder = tmp_path_factory.mktemp("inbox")
    with served_app(sqlite_template, folder, key=KEY, workspaces=two) as at:
        yield Site(at.url, at.cookies, _tell_story(at.database, at.scope))


def _tell_story(database: Database, scope: Scope) -> Correspondence:
    """Two answers, an absence, a bounce, two strangers, reminders, a doubt, a missing contact."""
    desk = make_correspondence(
        database, scope, display_name="Jo Meyer", created_at=utc_now() - timedelta(days=60)
    )
    desk.clock.now = _last_wednesday_noon()
    garden, meadow, forest = (
        desk.pitch(address, name=name)
        for address, name in (
            ("nora.lindqvist@northwind-gardening.example", "Nora Lindqvist"),
            ("ida@meadow-journal.example", "Ida Castellanos"),
            ("kai@forest-notes.example", "Kai Andersen"),
        )
    )
    now = utc_now() - timedelta(hours=2)
    answers = [desk.sent_to(each).message_id for each in (garden, meadow, forest)]
    words = (
        "Happy to add it to the soil page.\nWhich words should I link?\n\nNora\n\n"
        "On Fri, 20 Nov 2026 at 10:00, Jo Meyer <jo@ours.example> wrote:\n> I tried your compost."
    )
    who = "Nora Lindqvist <nora.lindqvist@northwind-gardening.example>"
    desk.clock.now = utc_now()
    desk.take_in(
        letter(words, sender=who, answers=answers[0], at=now + timedelta(hours=1)),
        absence(
            answers[1],
            "I am out of the office.",
            sender="Ida Castellanos <ida@meadow-journal.example>",
            at=now + timedelta(minutes=1),
        ),
        bounce(answers[2], "kai@forest-notes.example", at=now + timedelta(minutes=2)),
        letter(
            "I saw your atlas in a newsletter. Can we use a picture of it?",
            sender="Press desk <press@a-rather-long-domain-of-a-publisher.example>",
            subject="Your soil atlas and the picture on page 12",
            at=now - timedelta(days=2),
        ),
        letter("Cheap links!", sender="x@elsewhere.example", subject="Links", at=now),
    )
    with database.writing(scope) as session:
        session.add(Property(domain="ours.example"))
        add_reminder(session, "Ask for the spring issue again", due_at=now - timedelta(days=3))
        about = Subject("opportunity", meadow)
        add_reminder(session, "Call Ida about the photo rights", due_at=now, subject=about,
                     for_user_id=scope.user_id)  # fmt: skip
        make_opportunity(session, stage=Stage.QUALIFIED)
        doubt = session.exec(select(OutboxMessage).order_by("id")).all()[1]
        doubt.state, doubt.reason = OutboxState.IN_DOUBT, "The connection broke after the dot."
    return desk


def _last_wednesday_noon() -> datetime:
    """A moment at which people are at work, whenever this runs."""
    noon = (utc_now() - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon - timedelta(days=(noon.weekday() - 2) % 7)


def _only(site: Site) -> list[dict[str, str]]:
    return site.cookies[:1]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "today"),
        ("/conversations/", "inbox"),
        ("/conversations/?show=handled", "inbox-handled"),
        ("/conversations/?kind=complaint", "inbox-nothing"),
        ("/conversations/1", "conversation"),
        ("/conversations/1?whole=1", "conversation-whole"),
        ("/conversations/1/snooze", "conversation-snooze"),
        ("/conversations/mails/4", "mail-in-triage"),
        ("/conversations/mails/4?q=nora", "mail-search"),
        ("/reminders/", "reminders"),
        ("/reminders/?show=done", "reminders-done"),
        ("/reminders/new", "reminder-new"),
        ("/reminders/2/edit", "reminder-edit"),
        ("/reminders/2/snooze", "reminder-snooze"),
    ],
)
def test_a_page_of_the_day_is_right_in_every_light_and_width(
    page_check: PageChecker, site: Site, path: str, name: str
) -> None:
    page_check(f"{site.url}{path}", name=name, cookies=_only(site))


@pytest.mark.parametrize(("path", "name"), [("/", "first-steps"), ("/conversations/", "no-mail")])
def test_an_empty_workspace_teaches_in_every_light_and_width(
    page_check: PageChecker, site: Site, path: str, name: str
) -> None:
    page_check(f"{site.url}{path}", name=name, cookies=site.cookies[1:])


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    with watched_page(browser, cookies=_only(site)) as watched:
        yield watched.page
        assert watched.complaints == []


def test_a_reminder_is_done_and_undone_by_keys_alone(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/")
    title = "Ask for the spring issue again"
    page.get_by_role("link", name=title).focus()
    page.keyboard.press("e")
    page.locator(".toast").wait_for()
    assert page.get_by_role("link", name=title).count() == 0
    page.keyboard.press("u")
    page.get_by_role("link", name=title).wait_for()


def test_the_rows_of_today_are_walked_by_keys(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") != first
    page.keyboard.press("Enter")
    page.wait_for_url("**/conversations/**")


def test_a_reminder_is_put_off_by_two_keys(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/")
    page.get_by_role("link", name="Call Ida about the photo rights").focus()
    page.keyboard.press("s")
    page.wait_for_url("**/snooze")
    page.keyboard.press("w")
    page.locator(".toast", has_text="Put off until").wait_for()
    page.keyboard.press("u")
    page.get_by_role("link", name="Call Ida about the photo rights").wait_for()


def test_an_outcome_takes_two_keys_and_is_undone_by_one(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/conversations/1")
    page.keyboard.press("m")
    page.keyboard.press("c")
    page.locator(".toast", has_text="Committed").wait_for()
    assert site.desk.inbox()[0].state is InboundState.HANDLED
    page.keyboard.press("u")
    page.locator(".toast", has_text="waits again").wait_for()
    assert site.desk.inbox()[0].state is InboundState.OPEN


def test_r_puts_the_cursor_into_the_answer(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/conversations/1")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type("e s r")
    assert page.get_by_label("Your answer").input_value() == "e s r"


def test_a_conversation_is_read_and_answered_without_scripts(browser: Browser, site: Site) -> None:
    with watched_page(browser, cookies=_only(site), java_script_enabled=False) as watched:
        watched.page.goto(f"{site.url}/conversations/2")
        watched.page.get_by_label("Your answer").fill("Enjoy your days off.")
        watched.page.get_by_role("button", name="Send the answer").click()
        assert "is on its way" in watched.page.content()
