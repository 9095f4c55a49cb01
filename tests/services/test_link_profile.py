"""The figures of the link profile, and its list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from outreach.core.db import Database, Scope, Session
from outreach.core.errors import NotFound
from outreach.desk import profile
from outreach.desk.link_detail import link_detail
from outreach.desk.profile import AnchorRow, LinkFilter, link_page
from outreach.links.models import Backlink
from outreach.links.words import LinkState
from tests import factories
from tests.factories_links import NOW


def make_link(session: Session, page: str, **given: Any) -> Backlink:
    domain = page.split("/", maxsplit=1)[0]
    site_id = given.pop("site_id", None) or factories.make_site(session).key
    row = Backlink(
        **{
            "site_id": site_id,
            "referring_domain": domain,
            "referring_url": f"https://{page}",
            "referring_key": page,
            "target_url": "https://ours.example/guide",
            "target_key": "ours.example/guide",
            "state": LinkState.LIVE,
            "anchor": "a guide",
            "rel": "follow",
            "first_seen_at": NOW,
            **given,
        }
    )
    factories.add(session, row)
    return row


def test_figures_count_standing_links_with_what_they_are_a_part_of(session: Session) -> None:
    make_link(session, "a.example/1")
    make_link(session, "a.example/2", anchor="A Guide", rel="nofollow")
    make_link(session, "b.example/1", anchor="home", state=LinkState.MISSING_ONCE)
    make_link(session, "c.example/1", anchor="", state=LinkState.UNVERIFIABLE)
    make_link(session, "d.example/1", state=LinkState.LOST)
    make_link(session, "e.example/1", state=LinkState.EXPECTED)

    found = profile.figures(session)

    assert (found.links, found.domains, found.anchors, found.followed) == (4, 3, 2, 3)


def test_months_count_what_came_and_what_went(session: Session) -> None:
    now = datetime(2026, 3, 15, tzinfo=UTC)
    march, february = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 2, 10, tzinfo=UTC)
    make_link(session, "a.example/1", first_seen_at=march)
    make_link(session, "a.example/2", first_seen_at=march - timedelta(microseconds=1))
    make_link(session, "a.example/3", first_seen_at=february, lost_at=march + timedelta(days=2))
    make_link(session, "a.example/4", first_seen_at=march - timedelta(days=400))

    found = profile.months(session, now=now)

    assert [(row.begins.month, row.gained, row.lost) for row in found[:3]] == [
        (3, 1, 1),
        (2, 2, 0),
        (1, 0, 0),
    ]
    assert len(found) == 12
    assert found[-1].begins == datetime(2025, 4, 1, tzinfo=UTC)


def test_anchors_are_ranked_by_the_domains_that_use_them(session: Session) -> None:
    for page in ("a.example/1", "a.example/2", "a.example/3"):
        make_link(session, page, anchor="often on one site")
    for page in ("b.example/1", "c.example/1"):
        make_link(session, page, anchor="on two sites")

    assert profile.top_anchors(session) == [
        AnchorRow("on two sites", 2, 2),
        AnchorRow("often on one site", 3, 1),
    ]


def test_the_list_is_paged_and_filtered(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "PAGE_SIZE", 2)
    for number in range(5):
        make_link(session, f"a.example/{number}", rel="follow" if number % 2 else "ugc")
    make_link(session, "b_c.example/1", state=LinkState.LOST)

    first = link_page(session, LinkFilter(state=LinkState.LIVE))
    second = link_page(session, LinkFilter(state=LinkState.LIVE), cursor=first.next_cursor or "")
    third = link_page(session, LinkFilter(state=LinkState.LIVE), cursor=second.next_cursor or "")

    pages = [[row.page[-1] for row in page.rows] for page in (first, second, third)]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]
    assert third.next_cursor is None
    assert [row.page[-1] for row in link_page(session, LinkFilter(rel="follow")).rows] == ["1", "3"]
    assert [row.page for row in link_page(session, LinkFilter(words="_C.ex")).rows] == [
        "b_c.example/1"
    ]
    assert profile.state_counts(session) == {LinkState.LIVE: 5, LinkState.LOST: 1}


def test_a_link_of_another_workspace_is_not_found(
    database: Database, scope: Scope, session: Session
) -> None:
    link_id = make_link(session, "a.example/1").key
    session.commit()

    with (
        database.reading(factories.make_workspace(database)) as other,
        pytest.raises(NotFound),
    ):
        link_detail(other, link_id)


def test_the_list_and_its_figures_take_three_statements(
    session: Session, count_statements: Callable[[], list[str]]
) -> None:
    make_link(session, "a.example/1")
    count_statements()

    link_page(session, LinkFilter())
    profile.state_counts(session)
    profile.figures(session)

    assert len(count_statements()) == 3
