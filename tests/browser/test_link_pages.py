"""The pages of links as people see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.links.models import Backlink
from outreach.links.services import Agreement, Win, ask_for_checks, expect_link
from outreach.ports.pages import PageFacts, Rel
from outreach.workflows.verify_links import verify_due_links
from tests.browser.page_check import PageChecker
from tests.browser.served_app import served_app
from tests.factories_links import make_property, open_the_web
from tests.fakes.pages import FakePages, link, page, status

pytestmark = pytest.mark.browser
KEY = "a key for tests only, long enough"
GUIDE = "https://tidepool-tools.example/guides/soil-testing-at-home"
PAGES = {
    "https://meadow-journal.example/resources/soil": ("how to test your soil at home", Rel.FOLLOW),
    "https://northwind-gardening.example/blog/spring-checklist": ("soil guide", Rel.NOFOLLOW),
    "https://allotment-diary.example/2026/02/what-i-learned-about-compost-and-patience": (
        "this excellent guide by Tidepool Tools",
        Rel.FOLLOW,
    ),
    "https://growers-union.example/partners": ("Tidepool Tools", Rel.SPONSORED),
}


@dataclass
class Site:
    """The running app, a browser's way into it, and its links."""

    url: str
    cookies: list[dict[str, str]]
    link_ids: list[int]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served_app(sqlite_template, tmp_path_factory.mktemp("links"), key=KEY) as at:
        open_the_web(at.database)
        yield Site(at.url, at.cookies, _tell_story(at.database, at.scope))


def _tell_story(database: Database, scope: Scope) -> list[int]:
    """Four links won three months ago; one has changed, one is lost, one cannot be looked at."""
    begin = utc_now() - timedelta(days=90)
    with database.writing(scope) as session:
        make_property(session, "tidepool-tools.example")
        for url, (anchor, _) in PAGES.items():
            agreed = Agreement(GUIDE, anchor, "follow", "editorial", 12_000, "EUR", "Two years.")
            expect_link(session, Win(url, agreed), now=begin)
        agreed = Agreement(GUIDE)
        expect_link(session, Win("https://late-bloomers.example/news", agreed), now=utc_now())
    urls = list(PAGES)
    facts: dict[str, PageFacts] = {
        url: page(link(GUIDE, anchor, rel), url=url) for url, (anchor, rel) in PAGES.items()
    }
    _look(database, scope, begin + timedelta(days=1), facts)
    for day in (60, 61):
        answers = {**facts, urls[2]: page(url=urls[2]), urls[3]: status(403, urls[3])}
        _look(database, scope, begin + timedelta(days=day), answers)  # type: ignore[arg-type]
    with database.reading(scope) as session:
        return [row.key for row in session.exec(select(Backlink).order_by(Backlink.id)).all()]  # type: ignore[arg-type]


def _look(database: Database, scope: Scope, now: object, answers: dict[str, PageFacts]) -> None:
    with database.writing(scope) as session:
        won = select(Backlink.id).where(Backlink.referring_domain != "late-bloomers.example")
        ask_for_checks(session, session.exec(won).all(), now=now)  # type: ignore[arg-type]
    verify_due_links(database, FakePages(dict(answers)), now=now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/links/", "links"),
        ("/links/?q=nothing-like-it", "links-none"),
        ("/links/profile", "links-profile"),
        ("/links/new", "links-new"),
    ],
)
def test_a_page_of_links_is_right_for_everyone(
    site: Site, page_check: PageChecker, path: str, name: str
) -> None:
    page_check(site.url + path, name=name, cookies=site.cookies)


@pytest.mark.parametrize(
    ("place", "name"), [(1, "link-changed"), (2, "link-lost"), (3, "link-blind"), (4, "link-new")]
)
def test_the_page_of_a_link_is_right_for_everyone(
    site: Site, page_check: PageChecker, place: int, name: str
) -> None:
    page_check(f"{site.url}/links/{site.link_ids[place]}", name=name, cookies=site.cookies)


def test_the_form_of_an_agreement_is_right_for_everyone(
    site: Site, page_check: PageChecker
) -> None:
    url = f"{site.url}/links/{site.link_ids[0]}/agreement"
    page_check(url, name="link-agreement", cookies=site.cookies)
