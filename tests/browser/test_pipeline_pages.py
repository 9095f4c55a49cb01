"""Contacts, campaigns, the pipeline, suppressions and the unsubscribe link, as people see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from outreach.campaigns.queries import get_opportunity
from outreach.campaigns.words import Stage
from outreach.contacts.services import FoundAddressEntry, mark_undeliverable, offer_found_addresses
from outreach.contacts.words import ContactKind
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session
from outreach.prospects.words import Tactic
from outreach.suppression.rules import TouchEntry
from outreach.suppression.services import (
    issue_unsubscribe_token,
    note_touch,
    suppress_address,
    suppress_domain,
)
from outreach.suppression.words import SuppressionReason, TouchOutcome
from outreach.workflows.move_opportunities import add_to_campaign, move_by_hand
from tests.browser.page_check import PageChecker, watched_page
from tests.browser.served_app import served_app
from tests.factories_campaigns import (
    KEY,
    address,
    make_approved,
    make_asset,
    make_campaign,
    make_contact,
    make_opportunity,
)

pytestmark = pytest.mark.browser

PEOPLE = ("Mia Hart", "Joris Vermeer", "Aiko Tan", "Luca Ferri", "", "Nadia Osman")
SITES = ("northwind-gardening", "meadow-journal", "soil-almanac", "city-compost", "rootworks",
         "greenhouse-weekly", "allotment-diary", "orchard-review")  # fmt: skip
STAGES = (Stage.READY, Stage.PITCHED, Stage.IN_CONVERSATION, Stage.WON, Stage.QUALIFIED)


@dataclass
class Site:
    """The running app and a browser's way into it."""

    url: str
    database: Database
    scope: Scope
    cookies: list[Any]
    ids: dict[str, Any]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("pipeline")
    with served_app(sqlite_template, folder, key=KEY, workspaces=("Acme", "Bolt")) as at:
        ids = _fill(at.database, *at.scopes)
        yield Site(at.url, at.database, at.scope, at.cookies[:1], ids)


def _fill(database: Database, scope: Scope, other: Scope) -> dict[str, Any]:
    now = utc_now()
    with database.writing(other) as session:
        at = now - timedelta(days=12)
        entry = TouchEntry("outbox:99", at, "", f"{SITES[0]}.example", TouchOutcome.AWAITING)
        note_touch(session, entry, now=now)
        suppress_domain(session, "closed.example", SuppressionReason.MANUAL, now=now)
    with database.writing(scope) as session:
        asset = make_asset(session, title="The soil guide")
        campaign = make_campaign(
            session, name="Resource pages for the soil guide", asset_id=asset.key,
            tactic=Tactic.RESOURCE_PAGE,
        )  # fmt: skip
        prospects = [_prospect(session, number, site) for number, site in enumerate(SITES)]
        make_approved(session, domain="late-frost.example", score=66, score_order=34)
        for number in range(3):
            lane = make_campaign(session, name=f"Broken links {number}", asset_id=asset.key)
            make_opportunity(
                session, campaign=lane, stage=Stage.IN_CONVERSATION, value_cents=340_00,
                stage_changed_at=now - timedelta(days=21),
            )  # fmt: skip
        contact_id = _people(session, prospects[0].site_id)
        unsubscribe = issue_unsubscribe_token(session, "nobody", "firm.example")
    ids = [prospect.key for prospect in prospects]
    added = add_to_campaign(database, scope, campaign.key, ids, now=now - timedelta(days=9))
    for number, opportunity_id in enumerate(added.opportunity_ids):
        stage = STAGES[number % len(STAGES)]
        if stage is not Stage.QUALIFIED:
            at = now - timedelta(days=number)
            move_by_hand(database, scope, opportunity_id, stage, now=at)
    return {
        "campaign": campaign.key,
        "opportunity": added.opportunity_ids[0],
        "contact": contact_id,
        "unsubscribe": unsubscribe,
    }


def _prospect(session: Session, number: int, name: str) -> Any:
    score = 88 - 7 * number
    prospect = make_approved(
        session, domain=f"{name}.example", title=name.replace("-", " ").title(), score=score,
        score_order=100 - score,
    )  # fmt: skip
    person = PEOPLE[number % len(PEOPLE)]
    text = f"{person.split()[0].lower()}@{name}.example" if person else f"info@{name}.example"
    contact = make_contact(
        session, text, name=person, site_id=prospect.site_id, role="Editor" if person else ""
    )
    if number == 3:
        mark_undeliverable(session, contact, "550 5.1.1 no such mailbox", now=utc_now())
    if number == 4:
        reason = SuppressionReason.UNSUBSCRIBED
        suppress_address(session, address(text), reason, key=KEY, now=utc_now())
    return prospect


def _people(session: Session, site_id: int) -> int:
    journalist = make_contact(
        session, "m.hart@daily.example", kind=ContactKind.JOURNALIST, outlet="The Daily Allotment",
        beat="soil, water, small gardens", country="GB", time_zone="Europe/London",
        source_snippet="Write to Mia Hart about gardens", site_id=site_id,
    )  # fmt: skip
    entry = FoundAddressEntry(
        address("tips@northwind-gardening.example"),
        "https://northwind-gardening.example/contact",
        "Tips and corrections",
    )
    offer_found_addresses(session, site_id, [entry], now=utc_now())
    return journalist.key


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("pipeline-board", "/opportunities/"),
        ("pipeline-lanes", "/opportunities/?lanes=campaign"),
        ("pipeline-table", "/opportunities/table?stage=ready"),
        ("opportunity", "/opportunities/{opportunity}?to=lost"),
        ("campaign", "/campaigns/{campaign}"),
        ("contact", "/contacts/{contact}"),
        ("suppressions", "/suppressions/"),
    ],
)
def test_a_page_is_right_for_everyone(
    site: Site, page_check: PageChecker, name: str, path: str
) -> None:
    page_check(site.url + path.format(**site.ids), name=name, cookies=site.cookies)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("campaigns", "/campaigns/"),
        ("campaign-new", "/campaigns/new"),
        ("contacts", "/contacts/"),
        ("contact-duplicates", "/contacts/duplicates"),
        ("contact-new", "/contacts/new?site=soil-almanac.example"),
        ("contact-merge", "/contacts/1/merge/{contact}"),
        ("contact-erase", "/contacts/{contact}/erasure"),
    ],
)
def test_a_plain_page_is_right_on_desk_and_phone(
    site: Site, page_check: PageChecker, name: str, path: str
) -> None:
    url = site.url + path.format(**site.ids)
    page_check(url, name=name, cookies=site.cookies, schemes=["light"])


def test_the_unsubscribe_page_is_right_for_strangers(site: Site, page_check: PageChecker) -> None:
    page_check(f"{site.url}/u/{site.ids['unsubscribe']}", name="unsubscribe")
    wrong = f"{site.url}/u/cut-by-a-mail-program"
    page_check(wrong, name="unsubscribe-unknown", status=404, schemes=["light"])


def test_a_card_is_moved_with_the_dialog_of_m_and_taken_back(site: Site, browser: Browser) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(site.url + "/opportunities/")
        card = _card(page, site)
        card.focus()
        page.keyboard.press("m")
        page.get_by_role("dialog").get_by_label("To").select_option("committed")
        page.get_by_role("dialog").get_by_role("button", name="Move").press("Enter")
        page.get_by_text("to committed.").wait_for()
        assert page.url.endswith("/opportunities/")
        assert _stage(site) is Stage.COMMITTED
        assert page.locator("#stage-all-committed").get_by_text("since today").count() == 1
        assert card.evaluate("card => card === document.activeElement")

        with page.expect_navigation():
            page.keyboard.press("u")
        assert page.url.endswith("/opportunities/")
        assert _stage(site) is Stage.READY


def test_a_card_is_moved_with_shift_and_an_arrow_both_ways(site: Site, browser: Browser) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(site.url + "/opportunities/")
        _card(page, site).focus()
        page.keyboard.press("Shift+ArrowRight")
        page.get_by_text("to pitched.").wait_for()
        assert _stage(site) is Stage.PITCHED
        page.keyboard.press("Shift+ArrowLeft")
        page.get_by_text("to ready.").wait_for()
        assert _stage(site) is Stage.READY
        assert page.locator("#stage-all-ready").get_by_text(f"{SITES[0]}.example").count() == 1


def test_a_card_is_dragged_to_another_column_and_counted_there(
    site: Site, browser: Browser
) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(site.url + "/opportunities/")
        before = page.locator('[data-total="all-identified"]').last.inner_text()
        _card(page, site).drag_to(page.locator("#stage-all-identified"))
        page.get_by_text("to identified.").wait_for()
        assert _stage(site) is Stage.IDENTIFIED
        assert page.locator('[data-total="all-identified"]').last.inner_text() != before
        _card(page, site).drag_to(page.locator("#stage-all-ready"))
        page.get_by_text("to ready.").wait_for()
    assert _stage(site) is Stage.READY


def test_a_loss_asks_why_and_a_refusal_brings_the_card_back(site: Site, browser: Browser) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(site.url + "/opportunities/")
        _card(page, site).focus()
        page.keyboard.press("m")
        box = page.get_by_role("dialog")
        box.get_by_label("To").select_option("lost")
        box.get_by_role("button", name="Move").click()
        page.get_by_text("Not moved. Say why it is lost.").wait_for()
        assert _card(page, site).evaluate("card => card === document.activeElement")
        assert page.locator("#stage-all-ready").get_by_text(f"{SITES[0]}.example").count() == 1
        assert _stage(site) is Stage.READY

        page.keyboard.press("m")
        box.get_by_label("To").select_option("lost")
        box.get_by_label("Why").fill("They closed the page")
        box.get_by_role("button", name="Move").click()
        page.get_by_text("to lost.").wait_for()
        assert _stage(site) is Stage.LOST
        with page.expect_navigation():
            page.get_by_role("button", name="Undo").click()
    assert _stage(site) is Stage.READY


def test_a_closed_lane_is_filled_when_it_is_opened(site: Site, browser: Browser) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(site.url + "/opportunities/?lanes=campaign")
        closed = page.locator("details.lane:not([open])").first
        closed.locator("summary").click()
        page.locator("details.lane").last.locator(".board__card").first.wait_for()


def test_selected_rows_are_moved_together_and_taken_back(site: Site, browser: Browser) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(site.url + "/opportunities/table?stage=ready")
        ready = page.locator("tbody tr").count()
        page.get_by_label("Select all shown").check()
        page.get_by_label("Stage to move to").select_option("pitched")
        page.get_by_role("button", name="Move", exact=True).click()
        page.get_by_text(f"Move {ready} to pitched.").wait_for()
        page.get_by_role("button", name=f"Change {ready}").click()
        page.get_by_text(f"Moved {ready}.").wait_for()
        assert _stage(site) is Stage.PITCHED
        page.keyboard.press("u")
        page.get_by_text(f"Took back {ready}.").wait_for()
    assert _stage(site) is Stage.READY


def test_j_and_k_walk_over_the_cards_and_enter_opens_one(site: Site, browser: Browser) -> None:
    with watched_page(browser, cookies=site.cookies) as watched:
        page = watched.page
        page.goto(site.url + "/opportunities/")
        for key in ("j", "j", "k"):
            page.keyboard.press(key)
        first = page.locator("[data-row-link]").first.get_attribute("href")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{site.url}{first}"


def test_a_card_is_moved_without_javascript(site: Site, browser: Browser) -> None:
    opportunity_id = site.ids["opportunity"]
    with watched_page(browser, cookies=site.cookies, java_script_enabled=False) as watched:
        page = watched.page
        page.goto(site.url + "/opportunities/")
        page.locator(f'.board__move[href="/opportunities/{opportunity_id}#move"]').click()
        page.get_by_label("Stage").select_option("identified")
        page.get_by_role("button", name="Move", exact=True).click()
        assert _stage(site) is Stage.IDENTIFIED
        page.goto(f"{site.url}/opportunities/{opportunity_id}")
        page.get_by_label("Stage").select_option("ready")
        page.get_by_role("button", name="Move", exact=True).click()
    assert _stage(site) is Stage.READY


def _card(page: Page, site: Site) -> Locator:
    return page.locator(f'[data-row-link][href="/opportunities/{site.ids["opportunity"]}"]')


def _stage(site: Site) -> Stage:
    with site.database.reading(site.scope) as session:
        return get_opportunity(session, site.ids["opportunity"]).stage
