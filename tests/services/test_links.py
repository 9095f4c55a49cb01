"""Keeping links: expecting one, agreeing on terms, knowing its siblings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.activity.queries import timeline_of
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Invalid, NotFound
from outreach.links.claims import MOST_PER_HOST, claim, claim_due, let_go
from outreach.links.models import Backlink, WonLink
from outreach.links.queries import (
    backlinks_of_page,
    get_check,
    watches,
    won_links_of_opportunity,
)
from outreach.links.services import (
    LONGEST_KEY,
    Agreement,
    Win,
    change_agreement,
    expect_link,
    note_siblings,
)
from outreach.links.words import LinkState
from tests import factories
from tests.factories_links import (
    GUIDE,
    NOW,
    POST,
    make_opportunity,
    make_property,
    make_won_link,
)
from tests.fakes.pages import link


def test_a_link_that_is_known_becomes_a_won_one(session: Session) -> None:
    known = make_won_link(session)
    session.delete(session.exec(select(WonLink)).one())
    known.state, known.first_seen_at = LinkState.LIVE, NOW
    session.flush()

    again = expect_link(session, Win(POST, Agreement(GUIDE, "the guide")), now=NOW)

    assert again is known
    assert again.won_at == NOW
    assert session.exec(select(WonLink.agreed_anchor)).one() == "the guide"


def test_without_a_target_the_page_s_won_link_is_meant(session: Session) -> None:
    make_won_link(session, target="https://ours.example/other")
    plain = session.exec(select(WonLink)).one()
    session.delete(plain)
    won = make_won_link(session, target=GUIDE)

    assert expect_link(session, Win(POST, Agreement()), now=NOW) is won


def test_two_targets_on_one_page_are_two_links(session: Session) -> None:
    first = make_won_link(session)
    second = make_won_link(session, target="https://ours.example/other")

    assert first is not second
    assert list(backlinks_of_page(session, "blog.example/post")) == [first, second]


def test_the_links_of_an_opportunity_are_listed(session: Session) -> None:
    opportunity = make_opportunity(session)
    win = Win(POST, Agreement(GUIDE), opportunity_id=opportunity.key)
    backlink = expect_link(session, win, now=NOW)

    ((won, found),) = won_links_of_opportunity(session, opportunity.key)

    assert (won.opportunity_id, found) == (opportunity.key, backlink)


def test_terms_of_a_link_that_was_not_won_make_it_a_won_one(session: Session) -> None:
    backlink = make_won_link(session)
    session.delete(session.exec(select(WonLink)).one())
    session.flush()

    change_agreement(session, backlink.key, Agreement(GUIDE, terms="For good."), now=NOW)

    assert session.exec(select(WonLink.terms)).one() == "For good."
    assert backlink.next_check_at == NOW
    assert [row.verb for row in timeline_of(session, "backlink", backlink.key)] == ["agreed"]


def test_terms_of_a_settled_link_bring_no_new_look(session: Session) -> None:
    backlink = make_won_link(session)
    backlink.state, backlink.next_check_at = LinkState.DISAVOWED, None

    change_agreement(session, backlink.key, Agreement(GUIDE), now=NOW)

    assert backlink.next_check_at is None


@pytest.mark.parametrize(
    ("agreement", "words"),
    [
        (Agreement(price_cents=100), "needs its currency"),
        (Agreement(target_url="not an address"), "not the web address of a target"),
        (Agreement(target_url="https://ours.example/" + "x" * LONGEST_KEY), "longer than we keep"),
    ],
)
def test_terms_that_make_no_sense_change_nothing(
    session: Session, agreement: Agreement, words: str
) -> None:
    backlink = make_won_link(session)

    with pytest.raises(Invalid, match=words):
        change_agreement(session, backlink.key, agreement, now=NOW)

    assert session.exec(select(WonLink.agreed_target_url)).one() == GUIDE


def test_siblings_are_kept_once_and_only_when_their_address_fits(session: Session) -> None:
    backlink = make_won_link(session)
    long = "https://ours.example/" + "x" * LONGEST_KEY
    others = [
        ("ours.example", link("https://ours.example/", "home")),
        ("ours.example", link("https://ours.example/", "home again")),
        ("ours.example/guide", link(GUIDE)),
        (long.removeprefix("https://"), link(long)),
    ]

    assert note_siblings(session, backlink, others, NOW) == 1
    assert note_siblings(session, backlink, others, NOW) == 0
    assert [row.anchor for row in backlinks_of_page(session, "blog.example/post")] == ["", "home"]


def test_what_is_watched_knows_the_other_links_of_its_page(session: Session) -> None:
    make_property(session)
    guide = make_won_link(session, anchor="the guide")
    home = make_won_link(session, target="https://ours.example/")

    found = watches(session, [guide.key, home.key])

    expected = found[guide.key].expected
    assert (expected.target_key, expected.anchor) == ("ours.example/guide", "the guide")
    assert expected.other_keys == {"ours.example"}
    assert expected.domains == {"ours.example"}
    assert found[home.key].expected.other_keys == {"ours.example/guide"}


def test_a_look_of_another_link_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        get_check(session, make_won_link(session).key, 4711)


def test_two_workers_never_hold_the_same_link(database: Database, scope: Scope) -> None:
    later = NOW + timedelta(hours=1)
    with database.writing(scope) as session:
        make_won_link(session)

    with database.system() as session:
        first = claim_due(session, later, limit=10)
    with database.system() as session:
        second = claim_due(session, later, limit=10)
        by_name = claim(session, [first[0].backlink_id], later)
        by_force = claim(session, [first[0].backlink_id], later + timedelta(1), by_force=True)

    assert (len(first), second, by_name, len(by_force)) == (1, [], [], 1)
    with database.system() as session:
        assert let_go(session, first) == set()
        assert let_go(session, by_force) == {first[0].backlink_id}


def test_a_busy_host_leaves_room_for_others(database: Database, scope: Scope) -> None:
    later = NOW + timedelta(hours=1)
    with database.writing(scope) as session:
        for number in range(MOST_PER_HOST + 5):
            make_won_link(session, f"https://busy.example/{number}")
        make_won_link(session, "https://quiet.example/1")

    with database.system() as session:
        hosts = [row.referring_url.split("/")[2] for row in claim_due(session, later, limit=100)]

    assert (hosts.count("busy.example"), hosts.count("quiet.example")) == (MOST_PER_HOST, 1)


def test_links_of_another_workspace_cannot_be_claimed_from_here(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        link_id = make_won_link(session).key

    with database.writing(factories.make_workspace(database)) as session:
        assert claim(session, [link_id], NOW) == []

    with database.reading(scope) as session:
        assert session.exec(select(Backlink.lease_until)).one() is None
