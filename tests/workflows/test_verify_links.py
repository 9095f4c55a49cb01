"""Looking at links again: what is due, once, whole, and with its consequences."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from outreach.accounts.models import InstallationSetting
from outreach.activity.queries import timeline_of
from outreach.campaigns.models import Opportunity
from outreach.campaigns.words import Stage
from outreach.core.db import Database, Scope
from outreach.links.claims import LEASE, MOST_PER_HOST
from outreach.links.models import Backlink, LinkCheck
from outreach.links.services import Agreement, ask_for_checks, change_agreement
from outreach.links.words import CheckReason, LinkState
from outreach.ports.pages import FailureKind, PageRequest, Rel
from outreach.reminders.models import Reminder
from outreach.workflows.verify_links import links_are_due, verify_due_links
from outreach.workflows.win_link import paste_win
from tests import factories
from tests.factories_links import (
    GUIDE,
    NOW,
    POST,
    make_opportunity,
    make_property,
    make_won_link,
    open_the_web,
)
from tests.fakes.pages import FakePages, failure, link, not_modified, page, status

DAY = timedelta(days=1)
LATER = NOW + timedelta(minutes=10)
HOME = "https://ours.example/"


@pytest.fixture(autouse=True)
def our_property(database: Database, scope: Scope) -> None:
    open_the_web(database)
    with database.writing(scope) as session:
        make_property(session)


def expect(database: Database, scope: Scope, *pages: str, **agreed: Any) -> None:
    with database.writing(scope) as session:
        for url in pages or (POST,):
            make_won_link(session, url, **agreed)


def all_of(database: Database, scope: Scope, model: Any) -> list[Any]:
    with database.reading(scope) as session:
        return list(session.exec(select(model).order_by(model.id)).all())


def state_after(
    database: Database, scope: Scope, outcome: Any, now: datetime = LATER
) -> tuple[LinkState, CheckReason]:
    """Look once at the only link, due or not; return its state and why."""
    with database.writing(scope) as session:
        ask_for_checks(session, session.exec(select(Backlink.id)).all(), now=now)  # type: ignore[arg-type]
    run = verify_due_links(database, FakePages({POST: outcome}), now=now)
    assert run.looked == 1
    check = all_of(database, scope, LinkCheck)[-1]
    return check.state_after, CheckReason(check.reason)


def test_a_link_lives_changes_goes_missing_is_lost_and_comes_back(
    database: Database, scope: Scope
) -> None:
    expect(database, scope, anchor="a guide", rel="follow")
    good, nofollow = page(link(GUIDE)), page(link(GUIDE, rel=Rel.NOFOLLOW))

    story = [
        state_after(database, scope, outcome, NOW + after)
        for after, outcome in [
            (1 * DAY, good),
            (2 * DAY, nofollow),
            (3 * DAY, page()),
            (3.5 * DAY, status(503)),
            (3.9 * DAY, page()),
            (4 * DAY, page()),
            (5 * DAY, status(403)),
            (6 * DAY, good),
        ]
    ]

    assert story == [
        (LinkState.LIVE, CheckReason.LINK_FOUND),
        (LinkState.LIVE_CHANGED, CheckReason.NOFOLLOW_ADDED),
        (LinkState.MISSING_ONCE, CheckReason.LINK_GONE),
        (LinkState.MISSING_ONCE, CheckReason.SERVER_ERROR),
        (LinkState.MISSING_ONCE, CheckReason.LINK_GONE),
        (LinkState.LOST, CheckReason.LINK_GONE),
        (LinkState.LOST, CheckReason.FORBIDDEN),
        (LinkState.RECLAIMED, CheckReason.LINK_FOUND),
    ]
    (backlink,) = all_of(database, scope, Backlink)
    assert backlink.lost_at == NOW + 4 * DAY
    with database.reading(scope) as session:
        verbs = [row.verb for row in timeline_of(session, "backlink", backlink.key)]
    assert verbs == ["returned", "lost", "moved", "moved", "won"]


def test_the_third_refusal_in_a_row_makes_it_unverifiable_and_a_look_makes_it_live_again(
    database: Database, scope: Scope
) -> None:
    expect(database, scope)
    state_after(database, scope, page(link(GUIDE)))

    states = [state_after(database, scope, status(403))[0] for _ in range(3)]

    assert states == [LinkState.LIVE, LinkState.LIVE, LinkState.UNVERIFIABLE]
    assert state_after(database, scope, page(link(GUIDE)))[0] is LinkState.LIVE


def test_an_unchanged_page_counts_as_seen(database: Database, scope: Scope) -> None:
    expect(database, scope)
    state_after(database, scope, page(link(GUIDE), etag='"7"'))
    web = FakePages({POST: not_modified()})
    now = NOW + 2 * DAY

    verify_due_links(database, web, now=now)

    assert web.asked[0].etag == '"7"'
    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.state, backlink.last_seen_at) == (LinkState.LIVE, now)
    assert backlink.anchor == "a guide"


def test_a_page_that_missed_the_link_is_never_asked_for_changes_only(
    database: Database, scope: Scope
) -> None:
    expect(database, scope)
    state_after(database, scope, page(link(GUIDE), etag='"7"'))
    state_after(database, scope, page(etag='"8"'))
    web = FakePages({POST: page(link(GUIDE))})

    verify_due_links(database, web, now=NOW + 3 * DAY)

    assert web.asked == [PageRequest(POST)]


def test_changed_terms_are_compared_with_the_whole_page(database: Database, scope: Scope) -> None:
    expect(database, scope)
    state_after(database, scope, page(link(GUIDE), etag='"7"'))
    (backlink,) = all_of(database, scope, Backlink)
    with database.writing(scope) as session:
        agreed = Agreement(GUIDE, "another anchor", "follow", "editorial")
        change_agreement(session, backlink.key, agreement=agreed, now=LATER)

    web = FakePages({POST: page(link(GUIDE))})
    verify_due_links(database, web, now=LATER)

    assert web.asked[0].etag == ""
    assert all_of(database, scope, Backlink)[0].state is LinkState.LIVE_CHANGED
    assert all_of(database, scope, LinkCheck)[-1].changes == ["anchor_changed"]


def test_only_what_is_due_is_looked_at(database: Database, scope: Scope) -> None:
    expect(database, scope)
    web = FakePages()

    assert not links_are_due(database, NOW)
    assert verify_due_links(database, web, now=NOW).claimed == 0
    assert links_are_due(database, LATER)
    assert verify_due_links(database, web, now=LATER).looked == 1
    assert verify_due_links(database, web, now=LATER).claimed == 0


def test_with_web_access_off_nothing_is_claimed(database: Database, scope: Scope) -> None:
    expect(database, scope)
    with database.system() as session:
        setting = session.exec(select(InstallationSetting)).one()
        setting.value = {"on": False}
    web = FakePages()

    assert not links_are_due(database, LATER)
    assert verify_due_links(database, web, now=LATER).claimed == 0
    assert web.asked == []


def test_an_operator_s_closed_door_is_no_look(database: Database, scope: Scope) -> None:
    expect(database, scope)
    web = FakePages({POST: failure(FailureKind.SWITCHED_OFF)})

    assert verify_due_links(database, web, now=LATER).looked == 0

    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.lease_until, backlink.check_count) == (None, 0)


def test_few_links_of_one_host_are_claimed_at_once(database: Database, scope: Scope) -> None:
    expect(database, scope, *(f"https://blog.example/{number}" for number in range(25)))
    expect(database, scope, "https://other.example/a")
    web = FakePages()

    run = verify_due_links(database, web, now=LATER)

    assert run.looked == MOST_PER_HOST + 1
    assert verify_due_links(database, web, now=LATER).looked == 5


def test_two_links_on_one_page_are_one_look(database: Database, scope: Scope) -> None:
    expect(database, scope)
    expect(database, scope, target=HOME)
    web = FakePages({POST: page(link(GUIDE), link(HOME, "home"))})

    run = verify_due_links(database, web, now=LATER)

    assert (len(web.asked), run.looked) == (1, 2)
    assert [row.anchor for row in all_of(database, scope, Backlink)] == ["a guide", "home"]


def test_a_link_to_another_page_of_ours_does_not_hide_a_loss(
    database: Database, scope: Scope
) -> None:
    expect(database, scope)
    expect(database, scope, target=HOME)
    both = page(link(GUIDE), link(HOME))
    verify_due_links(database, FakePages({POST: both}), now=LATER)

    verify_due_links(database, FakePages({POST: page(link(HOME))}), now=LATER + DAY)

    states = {row.target_url: row.state for row in all_of(database, scope, Backlink)}
    assert states == {GUIDE: LinkState.MISSING_ONCE, HOME: LinkState.LIVE}


def test_an_expected_link_that_appears_wins_its_opportunity(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        opportunity_id = make_opportunity(session).key
        paste_win(session, POST, opportunity_id=opportunity_id, now=NOW)
    verify_due_links(database, FakePages({POST: page()}), now=LATER)

    verify_due_links(database, FakePages({POST: page(link(GUIDE))}), now=LATER + DAY)

    assert all_of(database, scope, Opportunity)[0].stage is Stage.WON
    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.state, backlink.won_at) == (LinkState.LIVE, LATER + DAY)


def test_links_of_every_workspace_are_looked_at_each_against_its_own_contract(
    database: Database, scope: Scope
) -> None:
    other = factories.make_workspace(database)
    expect(database, scope, rel="follow")
    expect(database, other, rel="nofollow")
    web = FakePages({POST: page(link(GUIDE, rel=Rel.NOFOLLOW))})

    assert verify_due_links(database, web, now=LATER).looked == 2

    assert all_of(database, scope, Backlink)[0].state is LinkState.LIVE_CHANGED
    assert all_of(database, other, Backlink)[0].state is LinkState.LIVE


def test_a_worker_that_dies_leaves_no_link_unchecked_and_no_half_check(
    database: Database, scope: Scope
) -> None:
    urls = [f"https://site{number}.example/post" for number in range(4)]
    expect(database, scope, *urls)
    web = FakePages({url: page(link(GUIDE), url=url) for url in urls})

    class Killed(BaseException):
        """The process is gone: nothing of ours runs any more."""

    def die_at_the_third(_request: PageRequest) -> None:
        if len(web.asked) == 3:
            raise Killed

    web.on_fetch = die_at_the_third
    with pytest.raises(Killed):
        verify_due_links(database, web, now=LATER)
    web.on_fetch = lambda _request: None
    after = LATER + LEASE + timedelta(seconds=1)
    verify_due_links(database, web, now=after)

    checks = all_of(database, scope, LinkCheck)
    rows = all_of(database, scope, Backlink)
    assert sorted(check.backlink_id for check in checks) == sorted(row.key for row in rows)
    assert all(row.check_count == 1 and row.state is LinkState.LIVE for row in rows)


def test_a_look_is_not_written_when_another_worker_has_taken_over(
    database: Database, scope: Scope
) -> None:
    expect(database, scope)
    too_late = LATER + LEASE + timedelta(seconds=1)

    def be_overtaken(_request: PageRequest) -> None:
        slow.on_fetch = lambda _request: None
        verify_due_links(database, FakePages({POST: page(link(GUIDE))}), now=too_late)

    slow = FakePages({POST: page()}, on_fetch=be_overtaken)

    assert verify_due_links(database, slow, now=LATER).looked == 0
    assert all_of(database, scope, Backlink)[0].state is LinkState.LIVE
    assert len(all_of(database, scope, LinkCheck)) == 1


def test_a_look_that_makes_us_stumble_does_not_stop_the_others(
    database: Database, scope: Scope
) -> None:
    urls = [f"https://site{number}.example/post" for number in range(3)]
    expect(database, scope, *urls)
    web = FakePages({url: page(link(GUIDE), url=url) for url in urls})
    web.pages[urls[1]] = page(link(GUIDE, "\ud800"), url=urls[1])  # no database takes half a pair

    assert verify_due_links(database, web, now=LATER).looked == 2

    first, bad, last = all_of(database, scope, Backlink)
    assert first.state is last.state is LinkState.LIVE
    assert (bad.state, bad.lease_until) == (LinkState.EXPECTED, None)
    assert bad.next_check_at == LATER + timedelta(hours=6)


def test_a_loss_reminds_whoever_won_the_link_once_and_the_return_ends_it(
    database: Database, scope: Scope
) -> None:
    expect(database, scope)
    for after, outcome in [(1, page(link(GUIDE))), (2, page()), (3, page()), (4, page())]:
        state_after(database, scope, outcome, NOW + after * DAY)

    (reminder,) = all_of(database, scope, Reminder)
    assert reminder.text == (
        "blog.example no longer links to https://ours.example/guide. Ask for the link back."
    )
    assert (reminder.due_at, reminder.done_at) == (NOW + 3 * DAY, None)
    assert (reminder.subject_type, reminder.for_user_id) == ("backlink", scope.user_id)

    state_after(database, scope, page(link(GUIDE)), NOW + 5 * DAY)

    assert all_of(database, scope, Reminder)[0].done_at == NOW + 5 * DAY


def test_a_second_loss_reminds_again(database: Database, scope: Scope) -> None:
    expect(database, scope)
    seen = page(link(GUIDE))
    for after, outcome in enumerate([seen, page(), page(), seen, page(), page()], start=1):
        state_after(database, scope, outcome, NOW + after * DAY)

    assert [row.done_at is None for row in all_of(database, scope, Reminder)] == [False, True]


def test_the_page_is_kept_when_there_is_news_and_not_every_time(
    database: Database, scope: Scope
) -> None:
    expect(database, scope)
    bodies = [b"<p>one</p>", b"<p>two</p>", b"<p>three</p>"]
    for body, rel in zip(bodies, (Rel.FOLLOW, Rel.FOLLOW, Rel.UGC), strict=True):
        state_after(database, scope, page(link(GUIDE, rel=rel), body=body))

    kept = [check.blob_id is not None for check in all_of(database, scope, LinkCheck)]

    assert kept == [True, False, True]
    assert len({check.body_sha256 for check in all_of(database, scope, LinkCheck)}) == 3


def test_a_settled_link_cannot_be_asked_for(database: Database, scope: Scope) -> None:
    expect(database, scope)
    with database.writing(scope) as session:
        session.exec(select(Backlink)).one().state = LinkState.DISAVOWED
        assert ask_for_checks(session, session.exec(select(Backlink.id)).all(), now=NOW) == 0  # type: ignore[arg-type]
