"""A person pastes the page of a won link; we look, and the contract is what stands there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from outreach.activity.models import Job
from outreach.activity.queries import timeline_of
from outreach.activity.services import get_job, read_blob
from outreach.activity.words import JobState
from outreach.assets.models import Asset
from outreach.campaigns.models import Opportunity
from outreach.campaigns.words import Stage
from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict, Invalid, NotFound, Unavailable
from outreach.links.claims import claim_due
from outreach.links.models import Backlink, LinkCheck, WonLink
from outreach.links.words import CheckFamily, CheckReason, LinkState
from outreach.ports.pages import FailureKind, PageFacts, Placement, Rel
from outreach.prospects.models import Prospect
from outreach.workflows.win_link import PastedWin, look_for_win, paste_win
from tests.factories_links import (
    GUIDE,
    NOW,
    POST,
    claimed,
    make_opportunity,
    make_property,
    open_the_web,
)
from tests.fakes.pages import FakePages, failure, link, page, status

HOME = "https://ours.example/"


@pytest.fixture
def opportunity_id(database: Database, scope: Scope) -> int:
    """An opportunity for the guide, in a workspace that owns ours.example."""
    with database.writing(scope) as session:
        make_property(session)
        return make_opportunity(session).key


def paste(database: Database, scope: Scope, url: str = POST, **given: Any) -> PastedWin:
    with database.writing(scope) as session:
        return paste_win(session, url, **{"now": NOW, **given})


def look(database: Database, scope: Scope, pasted: PastedWin, *outcomes: Any) -> Job:
    claimed(database, scope, pasted.job_id)
    web = FakePages({POST: outcomes[0]} if outcomes else {})
    look_for_win(database, web, scope, pasted.job_id, now=NOW)
    with database.reading(scope) as session:
        return get_job(session, pasted.job_id)


def all_of(database: Database, scope: Scope, model: Any) -> list[Any]:
    with database.reading(scope) as session:
        return list(session.exec(select(model).order_by(model.id)).all())


def test_a_pasted_page_with_the_link_wins_the_opportunity(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)
    pasted = paste(database, scope, opportunity_id=opportunity_id)

    job = look(database, scope, pasted, page(link(GUIDE, "a fine guide")))

    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.state, backlink.anchor, backlink.rel) == (
        LinkState.LIVE,
        "a fine guide",
        "follow",
    )
    assert backlink.next_check_at == NOW + timedelta(hours=1)
    (won,) = all_of(database, scope, WonLink)
    assert (won.agreed_target_url, won.agreed_anchor, won.agreed_rel, won.agreed_placement) == (
        GUIDE,
        "a fine guide",
        "follow",
        "editorial",
    )
    assert won.won_by_id == scope.user_id
    assert all_of(database, scope, Opportunity)[0].stage is Stage.WON
    assert all_of(database, scope, Prospect)[0].stage == "won"
    assert job.state is JobState.DONE
    assert job.sentence == (
        "Found on blog.example: “a fine guide” (follow, editorial) "
        "leads to https://ours.example/guide."
    )
    with database.reading(scope) as session:
        assert [row.verb for row in timeline_of(session, "backlink", backlink.key)] == ["won"]


def test_the_first_look_keeps_its_evidence(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)
    facts = page(
        link(GUIDE),
        body=b"<html>the page as it was</html>",
        redirects=("http://blog.example/post",),
        headers=(("X-Robots-Tag", "all"),),
    )

    look(database, scope, paste(database, scope, opportunity_id=opportunity_id), facts)

    (check,) = all_of(database, scope, LinkCheck)
    assert (check.family, check.reason) == (CheckFamily.SEEN, CheckReason.LINK_FOUND)
    assert (check.status, check.final_url, check.target_url) == (200, POST, GUIDE)
    assert check.redirects == ["http://blog.example/post"]
    assert check.headers == {"x-robots-tag": "all"}
    assert check.context == "We like a guide a lot."
    assert check.body_sha256 == facts.sha256
    with database.reading(scope) as session:
        assert read_blob(session, check.blob_id) == b"<html>the page as it was</html>"


def test_of_several_links_the_one_to_the_asset_is_the_contract_and_the_others_are_kept(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)
    facts = page(
        link(HOME, "home", position=0),
        link(GUIDE, "in the footer", placement=Placement.FOOTER, position=1),
        link(GUIDE, "the guide", position=2),
        link("https://elsewhere.example/", position=3),
    )

    job = look(database, scope, paste(database, scope, opportunity_id=opportunity_id), facts)

    contract, other = all_of(database, scope, Backlink)
    assert (contract.target_url, contract.anchor) == (GUIDE, "the guide")
    assert (other.target_url, other.anchor, other.state) == (HOME, "home", LinkState.LIVE)
    assert job.sentence.endswith("1 more of your links stand on the page.")
    assert len(all_of(database, scope, WonLink)) == 1


def test_a_link_to_another_page_of_ours_is_won_and_shown_as_not_as_agreed(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)

    job = look(
        database, scope, paste(database, scope, opportunity_id=opportunity_id), page(link(HOME))
    )

    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.state, backlink.target_url) == (LinkState.LIVE_CHANGED, HOME)
    assert all_of(database, scope, WonLink)[0].agreed_target_url == GUIDE
    assert all_of(database, scope, Opportunity)[0].stage is Stage.WON
    assert "another page of ours than agreed" in job.sentence


def test_a_page_without_the_link_says_what_was_looked_for_and_stays_expected(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)

    job = look(database, scope, paste(database, scope, opportunity_id=opportunity_id), page())

    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.state, backlink.missing_since) == (LinkState.EXPECTED, None)
    assert backlink.next_check_at == NOW + timedelta(hours=1)
    assert all_of(database, scope, Opportunity)[0].stage is Stage.IN_CONVERSATION
    assert job.sentence == (
        "The page is there, the link is not. We looked for a link to "
        "https://ours.example/guide or ours.example. "
        "The link is kept as expected, and the page is looked at again."
    )


def test_a_server_that_refuses_us_leaves_the_link_expected(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)

    job = look(database, scope, paste(database, scope, opportunity_id=opportunity_id), status(403))

    assert all_of(database, scope, Backlink)[0].state is LinkState.EXPECTED
    assert job.sentence.startswith("The server refused to show us the page (403).")


def test_with_web_access_off_the_paste_is_kept_and_nothing_is_fetched(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    pasted = paste(database, scope, opportunity_id=opportunity_id)
    claimed(database, scope, pasted.job_id)
    web = FakePages()

    with pytest.raises(Unavailable, match="kept as expected"):
        look_for_win(database, web, scope, pasted.job_id, now=NOW)

    assert web.asked == []
    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.state, backlink.lease_until) == (LinkState.EXPECTED, None)


def test_a_door_closed_in_the_last_moment_is_no_look(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)
    pasted = paste(database, scope, opportunity_id=opportunity_id)

    with pytest.raises(Unavailable, match="Web access is off"):
        look(database, scope, pasted, failure(FailureKind.SWITCHED_OFF))

    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.lease_until, backlink.check_count) == (None, 0)


def test_a_page_the_regular_check_is_looking_at_is_left_to_it(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)
    pasted = paste(database, scope, opportunity_id=opportunity_id)
    with database.system() as session:
        assert len(claim_due(session, NOW + timedelta(minutes=5), limit=1)) == 1

    with pytest.raises(Conflict, match="by the regular check already"):
        look(database, scope, pasted, page(link(GUIDE)))

    assert all_of(database, scope, LinkCheck) == []


def test_a_free_standing_paste_takes_any_link_to_our_domains(
    database: Database, scope: Scope
) -> None:
    open_the_web(database)
    with database.writing(scope) as session:
        make_property(session)

    look(database, scope, paste(database, scope), page(link(GUIDE, rel=Rel.NOFOLLOW)))

    (backlink,) = all_of(database, scope, Backlink)
    assert (backlink.target_url, backlink.state) == (GUIDE, LinkState.LIVE)
    assert all_of(database, scope, WonLink)[0].agreed_rel == "nofollow"


def test_pasting_the_same_page_twice_changes_nothing(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)
    for through in (opportunity_id, opportunity_id, None):
        look(database, scope, paste(database, scope, opportunity_id=through), page(link(GUIDE)))

    (backlink,) = all_of(database, scope, Backlink)
    assert len(all_of(database, scope, WonLink)) == 1
    with database.reading(scope) as session:
        assert [row.verb for row in timeline_of(session, "backlink", backlink.key)] == ["won"]


def test_a_link_won_through_one_opportunity_cannot_be_won_through_another(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    paste(database, scope, opportunity_id=opportunity_id)
    with database.writing(scope) as session:
        asset = session.exec(select(Asset)).one()
        other_id = make_opportunity(session, asset=asset, domain="other.example").key

    with pytest.raises(Conflict, match="another opportunity"):
        paste(database, scope, opportunity_id=other_id)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("not a page", "not the web address of a page"),
        ("https://www.ours.example/blog", "your own properties"),
        ("https://blog.example/" + "x" * 2_100, "longer than we keep"),
    ],
)
def test_what_cannot_be_a_page_that_links_to_us_is_refused(
    database: Database, scope: Scope, opportunity_id: int, url: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        paste(database, scope, url)

    assert all_of(database, scope, Backlink) == []


def test_without_a_property_or_an_asset_we_do_not_know_what_to_look_for(
    database: Database, scope: Scope
) -> None:
    with pytest.raises(Invalid, match="Add a property"):
        paste(database, scope)
    with pytest.raises(NotFound):
        paste(database, scope, asset_id=404)


def test_a_killed_first_look_is_done_by_its_successor(
    database: Database, scope: Scope, opportunity_id: int
) -> None:
    open_the_web(database)
    pasted = paste(database, scope, opportunity_id=opportunity_id)
    claimed(database, scope, pasted.job_id)

    def die(_request: object) -> PageFacts:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look_for_win(database, FakePages(on_fetch=die), scope, pasted.job_id, now=NOW)  # type: ignore[arg-type]
    later = NOW + timedelta(minutes=3)
    claimed(database, scope, pasted.job_id, later)
    web = FakePages({POST: page(link(GUIDE))})
    look_for_win(database, web, scope, pasted.job_id, now=later)

    assert all_of(database, scope, Backlink)[0].state is LinkState.LIVE
    assert len(all_of(database, scope, LinkCheck)) == 1
