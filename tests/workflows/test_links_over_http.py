"""A won link over real HTTP: there, nofollow, gone, back, and everything that tells nothing.

The fetcher is the real one; time is handed in, each look at the moment the link's own plan says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.adapters.http_pages import FetchPolicy, HttpPageFetcher
from outreach.adapters.http_pages.addresses import is_public
from outreach.campaigns.models import Opportunity
from outreach.campaigns.words import Stage
from outreach.core.db import Database, Scope
from outreach.links.models import Backlink, LinkCheck
from outreach.links.words import CheckReason, LinkState
from outreach.workflows.verify_links import verify_due_links
from outreach.workflows.win_link import look_for_win, paste_win
from tests.adapters.http_pages_tools import PUBLIC, Names
from tests.factories_links import (
    GUIDE,
    NOW,
    claimed,
    make_opportunity,
    make_property,
    open_the_web,
)
from tests.servers.web_server import Page, WebServer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = "<p>" + "There is a lot to say about gardens, and some of it is said here. " * 8 + "</p>"


def post(link: str, head: str = "", **given: object) -> Page:
    """A page that speaks of gardens and may link to us."""
    html = f"<html><head><title>Gardens</title>{head}</head><body><main>{WORDS}{link}</main></body>"
    return Page(html, **given)  # type: ignore[arg-type]


LINK = post(f'<p>Read <a href="{GUIDE}">the guide</a> before you begin to dig.</p>')
NOFOLLOW = post(f'<p>Read <a href="{GUIDE}" rel="nofollow">the guide</a> before you dig.</p>')
GONE = post("<p>Read a book before you begin to dig.</p>")


class Watched:
    """One won link on a real server, looked at whenever its plan says so."""

    def __init__(self, database: Database, scope: Scope, web: WebServer) -> None:
        self.database, self.scope, self.web = database, scope, web
        self.url = f"http://blog.test:{web.port}/post"

    def fetcher(self) -> HttpPageFetcher:
        """A fetcher as a new process has it: it remembers no robots.txt."""
        policy = FetchPolicy(
            ports=frozenset({self.web.port}), spacing_s=0.0, deadline_s=0.3, lookup_s=0.3
        )
        names = Names({"blog.test": [[PUBLIC]]})
        return HttpPageFetcher(
            policy, names, is_public_address=lambda ip: ip == PUBLIC or is_public(ip)
        )

    def win(self) -> None:
        with self.database.writing(self.scope) as session:
            make_property(session)
            opportunity_id = make_opportunity(session, domain="blog.test").key
            pasted = paste_win(session, self.url, opportunity_id=opportunity_id, now=NOW)
        claimed(self.database, self.scope, pasted.job_id)
        look_for_win(self.database, self.fetcher(), self.scope, pasted.job_id, now=NOW)

    def backlink(self) -> Backlink:
        with self.database.reading(self.scope) as session:
            return session.exec(select(Backlink)).one()

    def look(self, answer: Page) -> tuple[timedelta, LinkState, CheckReason]:
        """Answer so at the next look; return when it was, the state after it and the reason."""
        self.web.pages["/post"] = answer
        now = self.backlink().next_check_at or NOW
        assert verify_due_links(self.database, self.fetcher(), now=now - HOUR / 60).claimed == 0
        assert verify_due_links(self.database, self.fetcher(), now=now).looked == 1
        return now - NOW, self.backlink().state, self.last_reason()

    def last_reason(self) -> CheckReason:
        with self.database.reading(self.scope) as session:
            checks = session.exec(select(LinkCheck).order_by(LinkCheck.id)).all()  # type: ignore[arg-type]
        return CheckReason(checks[-1].reason)


@pytest.fixture
def watched(database: Database, scope: Scope) -> Iterator[Watched]:
    open_the_web(database)
    try:
        web = WebServer(PUBLIC).__enter__()
    except OSError:
        pytest.skip(f"this machine has no address {PUBLIC}")
    try:
        web.pages["/post"] = LINK
        yield Watched(database, scope, web)
    finally:
        web.__exit__()


def test_there_then_nofollow_then_gone_then_back(watched: Watched) -> None:
    watched.win()

    with watched.database.reading(watched.scope) as session:
        assert session.exec(select(Opportunity.stage)).one() is Stage.WON
    first = watched.backlink()
    assert (first.state, first.anchor, first.rel) == (LinkState.LIVE, "the guide", "follow")
    assert first.placement == "editorial"
    assert [watched.look(answer) for answer in (LINK, NOFOLLOW, GONE, GONE, LINK)] == [
        (1 * HOUR, LinkState.LIVE, CheckReason.LINK_FOUND),
        (1 * DAY, LinkState.LIVE_CHANGED, CheckReason.NOFOLLOW_ADDED),
        (2 * DAY, LinkState.MISSING_ONCE, CheckReason.LINK_GONE),
        (3 * DAY, LinkState.LOST, CheckReason.LINK_GONE),
        (4 * DAY, LinkState.RECLAIMED, CheckReason.LINK_FOUND),
    ]


def test_what_tells_nothing_in_the_middle_of_a_loss_neither_hastens_nor_undoes_it(
    watched: Watched,
) -> None:
    watched.win()
    busy = Page("busy", 503, (("Retry-After", "7200"),))

    assert [watched.look(answer) for answer in (GONE, busy, Page("no", 403), GONE, LINK)] == [
        (1 * HOUR, LinkState.MISSING_ONCE, CheckReason.LINK_GONE),
        (25 * HOUR, LinkState.MISSING_ONCE, CheckReason.SERVER_ERROR),
        (27 * HOUR, LinkState.MISSING_ONCE, CheckReason.FORBIDDEN),
        (31 * HOUR, LinkState.LOST, CheckReason.LINK_GONE),
        (55 * HOUR, LinkState.RECLAIMED, CheckReason.LINK_FOUND),
    ]


def test_refusals_are_no_loss_however_many_come(watched: Watched) -> None:
    watched.win()
    no, busy = Page("no", 403), Page("busy", 503)
    answers = (no, busy, no, no, no, LINK)

    story = [watched.look(answer) for answer in answers]

    assert [state for _, state, _ in story] == [
        LinkState.LIVE,
        LinkState.LIVE,
        LinkState.UNVERIFIABLE,
        LinkState.UNVERIFIABLE,
        LinkState.UNVERIFIABLE,
        LinkState.LIVE,
    ]
    assert [after for after, _, _ in story] == [
        1 * HOUR,
        2 * HOUR,
        6 * HOUR,
        22 * HOUR,
        70 * HOUR,
        166 * HOUR,
    ]


def test_a_site_that_closes_its_robots_txt_is_unverifiable_at_once_and_not_asked(
    watched: Watched,
) -> None:
    watched.win()
    watched.web.pages["/robots.txt"] = Page(
        "User-agent: *\nDisallow: /\n", content_type="text/plain"
    )
    asked = watched.web.paths.count("/post")

    at, state, reason = watched.look(GONE)

    assert (at, state, reason) == (HOUR, LinkState.UNVERIFIABLE, CheckReason.ROBOTS)
    assert watched.web.paths.count("/post") == asked
    assert watched.backlink().next_check_at == NOW + HOUR + 7 * DAY
    watched.web.pages.pop("/robots.txt")
    assert watched.look(LINK)[1:] == (LinkState.LIVE, CheckReason.LINK_FOUND)


def test_a_page_that_is_gone_is_a_miss_and_a_server_that_hangs_is_not(watched: Watched) -> None:
    watched.win()

    assert watched.look(post("", delay_s=0.5))[1:] == (LinkState.LIVE, CheckReason.TIMEOUT)
    assert watched.look(Page("gone", 410))[1:] == (LinkState.MISSING_ONCE, CheckReason.PAGE_GONE)
    assert watched.look(Page("gone", 404))[1:] == (LinkState.LOST, CheckReason.PAGE_GONE)


def test_an_unchanged_page_is_asked_for_by_its_etag(watched: Watched) -> None:
    etag = (("ETag", '"garden-1"'),)
    watched.web.pages["/post"] = Page(LINK.body, headers=etag)
    watched.win()

    assert watched.look(Page("", 304, etag))[1:] == (LinkState.LIVE, CheckReason.NOT_MODIFIED)
    assert watched.web.asked[-1].header("If-None-Match") == '"garden-1"'
