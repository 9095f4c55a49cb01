"""Pages of links: the list, the profile, a pasted win, the contract, the evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.activity.models import Job
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.paging import encode_cursor
from outreach.links.models import Backlink, LinkCheck, WonLink
from outreach.links.words import LinkState
from outreach.workflows.verify_links import verify_due_links
from tests.factories import make_prospect
from tests.factories_links import (
    GUIDE,
    POST,
    make_asset,
    make_opportunity,
    make_property,
    make_won_link,
    open_the_web,
)
from tests.fakes.pages import FakePages, link, page

Woken = list[tuple[str, str, int, int]]


def all_of(database: Database, scope: Scope, model: Any) -> list[Any]:
    with database.reading(scope) as session:
        return list(session.exec(select(model).order_by(model.id)).all())


@pytest.fixture
def seen_link(database: Database, scope: Scope) -> int:
    """A won link that one look has seen."""
    open_the_web(database)
    with database.writing(scope) as session:
        make_property(session)
        link_id = make_won_link(session, anchor="the guide").key
    facts = page(
        link(GUIDE, "a <b>fine</b> guide"), body=b"<script>alert(1)</script> the page as found"
    )
    verify_due_links(database, FakePages({POST: facts}), now=utc_now() + timedelta(minutes=10))
    return link_id


def test_an_empty_list_says_what_links_are_for(client: FlaskClient) -> None:
    answer = client.get("/links/")

    assert answer.status_code == 200
    assert "Log a won link" in answer.text
    assert "Web access is off" in answer.text


def test_the_list_shows_each_link_with_its_state(client: FlaskClient, seen_link: int) -> None:
    text = client.get("/links/").text

    assert "badge--link is-live_changed" in text
    assert "blog.example/post" in text
    assert f'href="/links/{seen_link}"' in text
    assert "a &lt;b&gt;fine&lt;/b&gt; guide" in text


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("state=live_changed", True),
        ("state=lost", False),
        ("rel=follow", True),
        ("rel=nofollow", False),
        ("q=fine", True),
        ("q=elsewhere", False),
        ("state=nonsense&rel=nonsense", True),
    ],
)
def test_the_list_can_be_filtered(
    client: FlaskClient, seen_link: int, query: str, is_shown: bool
) -> None:
    assert (f'href="/links/{seen_link}"' in client.get(f"/links/?{query}").text) is is_shown


@pytest.mark.parametrize("cursor", ["!!!", encode_cursor("x"), encode_cursor(2**70), "W10"])
def test_a_damaged_page_link_is_refused_with_a_sentence(client: FlaskClient, cursor: str) -> None:
    answer = client.get(f"/links/?after={cursor}")

    assert answer.status_code == 422
    assert "open the list again" in answer.text


def test_the_profile_shows_shares_with_what_they_are_a_part_of(
    client: FlaskClient, seen_link: int
) -> None:
    text = client.get("/links/profile").text

    assert "100 %" in text
    assert "1 of 1 links" in text
    assert "New and lost by month" in text


def test_the_profile_of_no_links_knows_no_share(client: FlaskClient) -> None:
    assert "unknown" in client.get("/links/profile").text


def test_one_paste_keeps_the_link_and_wakes_the_crawler(
    client: FlaskClient, database: Database, scope: Scope, woken: Woken
) -> None:
    with database.writing(scope) as session:
        make_property(session)
        opportunity_id = make_opportunity(session).key

    answer = client.post("/links/", data={"page_url": POST, "opportunity_id": opportunity_id})

    (backlink,) = all_of(database, scope, Backlink)
    assert answer.status_code == 303
    assert answer.location == f"/links/{backlink.key}"
    assert (backlink.state, backlink.target_url) == (LinkState.EXPECTED, GUIDE)
    (job,) = all_of(database, scope, Job)
    assert woken == [("crawl", "run_job_crawl", scope.workspace_id, job.key)]
    assert "Waiting for a worker" in client.get(answer.location).text


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Paste the page"),
        ("no address", "not a web address"),
        ("https://ours.example/own", "one of your own properties"),
    ],
)
def test_a_bad_paste_shows_the_form_again_with_what_to_do(
    client: FlaskClient, database: Database, scope: Scope, url: str, words: str
) -> None:
    with database.writing(scope) as session:
        make_property(session)

    answer = client.post("/links/", data={"page_url": url})

    assert answer.status_code == 422
    assert words in answer.text
    assert all_of(database, scope, Backlink) == []


def test_a_paste_for_an_opportunity_that_is_not_ours_is_not_found(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        make_property(session)

    for given, expected in (("4711", 404), ("x", 422), ("9" * 40, 422)):
        answer = client.post("/links/", data={"page_url": POST, "opportunity_id": given})
        assert answer.status_code == expected


def test_a_link_shows_agreed_and_found_side_by_side(client: FlaskClient, seen_link: int) -> None:
    text = client.get(f"/links/{seen_link}").text

    assert "the guide" in text
    assert "a &lt;b&gt;fine&lt;/b&gt; guide" in text
    assert "differs" in text
    assert "The link&#39;s text is not the agreed one." in text
    assert "seen" in text


def test_the_page_as_found_is_a_file_to_keep_and_never_a_page_of_ours(
    client: FlaskClient, database: Database, scope: Scope, seen_link: int
) -> None:
    (look,) = all_of(database, scope, LinkCheck)

    answer = client.get(f"/links/{seen_link}/checks/{look.key}/page")

    assert answer.data == b"<script>alert(1)</script> the page as found"
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="blog.example-')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_look_belongs_to_its_own_link(
    client: FlaskClient, database: Database, scope: Scope, seen_link: int
) -> None:
    (look,) = all_of(database, scope, LinkCheck)

    assert client.get(f"/links/{seen_link + 1}/checks/{look.key}/page").status_code == 404


def test_a_page_that_was_not_kept_is_not_found(
    client: FlaskClient, database: Database, scope: Scope, seen_link: int
) -> None:
    with database.writing(scope) as session:
        look = session.exec(select(LinkCheck)).one()
        look.blob_id = None

    answer = client.get(f"/links/{seen_link}/checks/{look.key}/page")

    assert answer.status_code == 404
    assert "not kept" in answer.text


def test_the_form_of_a_paste_can_be_filled_by_a_link(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        make_asset(session, title="The guide to soil")

    text = client.get("/links/new?page_url=https://blog.example/post").text

    assert 'value="https://blog.example/post"' in text
    assert "The guide to soil" in text


def test_a_link_not_won_by_us_can_get_terms(
    client: FlaskClient, database: Database, scope: Scope, seen_link: int
) -> None:
    with database.writing(scope) as session:
        session.delete(session.exec(select(WonLink)).one())

    assert "no contract" in client.get(f"/links/{seen_link}").text
    assert client.get(f"/links/{seen_link}/agreement").status_code == 200


def test_check_now_makes_the_link_due_and_wakes_the_crawler(
    client: FlaskClient, database: Database, scope: Scope, seen_link: int, woken: Woken
) -> None:
    answer = client.post(f"/links/{seen_link}/checks", follow_redirects=True)

    assert "1 link is looked at now." in answer.text
    assert all_of(database, scope, Backlink)[0].next_check_at <= utc_now()
    assert woken == [("crawl", "verify_links", scope.workspace_id, 0)]


def test_a_selection_can_be_checked(
    client: FlaskClient, database: Database, scope: Scope, seen_link: int, woken: Woken
) -> None:
    picked = {"pick": [str(seen_link), "999999", "x", "²", "9" * 40]}

    assert (
        "1 link is looked at"
        in client.post("/links/checks", data=picked, follow_redirects=True).text
    )
    assert "nothing to look at" in client.post("/links/checks", follow_redirects=True).text
    assert len(woken) == 1


def test_with_web_access_off_check_now_says_so(
    client: FlaskClient, database: Database, scope: Scope, woken: Woken
) -> None:
    with database.writing(scope) as session:
        link_id = make_won_link(session).key

    answer = client.post(f"/links/{link_id}/checks", follow_redirects=True)

    assert "Web access is off. The links are looked at once it is switched on." in answer.text
    assert woken == []


def test_what_was_agreed_can_be_changed(
    client: FlaskClient, database: Database, scope: Scope, seen_link: int
) -> None:
    typed = {
        "target_url": GUIDE,
        "anchor": "a  better guide",
        "rel": "sponsored",
        "placement": "editorial",
        "price": "120.50",
        "currency": "eur",
        "terms": "Two years.",
        "expires_on": "2028-03-02",
    }

    answer = client.post(f"/links/{seen_link}/agreement", data=typed)

    (won,) = all_of(database, scope, WonLink)
    assert answer.status_code == 303
    assert (won.agreed_anchor, won.agreed_rel) == ("a better guide", "sponsored")
    assert (won.price_cents, won.currency) == (12_050, "EUR")
    assert (won.terms, won.expires_on) == ("Two years.", date(2028, 3, 2))
    shown = client.get(f"/links/{seen_link}/agreement").text
    assert 'value="120.5' in shown
    assert "120.50 EUR" in client.get(f"/links/{seen_link}").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"price": "12"}, "in which currency"),
        ({"price": "-1", "currency": "EUR"}, "from 0 up"),
        ({"price": "12", "currency": "E1R"}, "Three letters"),
        ({"target_url": "not an address"}, "not a web address"),
        ({"expires_on": "soon"}, "valid date"),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    client: FlaskClient,
    database: Database,
    scope: Scope,
    seen_link: int,
    typed: dict[str, str],
    words: str,
) -> None:
    answer = client.post(f"/links/{seen_link}/agreement", data=typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert all_of(database, scope, WonLink)[0].agreed_anchor == "the guide"


def test_viewers_see_links_and_change_nothing(
    client_as: Callable[[Role], FlaskClient], seen_link: int
) -> None:
    viewer = client_as(Role.VIEWER)

    assert viewer.get(f"/links/{seen_link}").status_code == 200
    assert viewer.post("/links/", data={"page_url": POST}).status_code == 403
    assert viewer.post(f"/links/{seen_link}/checks").status_code == 403


def test_reading_is_queued_with_its_progress_page(
    client: FlaskClient, database: Database, scope: Scope, woken: Woken
) -> None:
    with database.writing(scope) as session:
        prospect_id = make_prospect(session, domain="blog.example").key
        asset_id = make_asset(session).key

    answer = client.post("/readings/", data={"prospect_id": prospect_id, "asset_id": asset_id})

    (job,) = all_of(database, scope, Job)
    assert answer.location == f"/jobs/{job.key}"
    assert (job.kind, job.total_count) == ("read_pages", 2)
    assert woken == [("crawl", "run_job_crawl", scope.workspace_id, job.key)]


def test_ticked_prospects_can_be_read(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        picked = [make_prospect(session).key for _ in range(3)]

    client.post("/readings/", data={"pick": picked})

    assert all_of(database, scope, Job)[0].total_count == 3


def test_reading_what_is_not_ours_is_not_found(client: FlaskClient) -> None:
    assert client.post("/readings/", data={"asset_id": "4711"}).status_code == 404
    assert client.post("/readings/", data={"asset_id": "9" * 40}).status_code == 422
    assert client.post("/readings/").status_code == 422
