"""Changing many prospects and contacts in the pages: at once, or after a sentence; undone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select

from outreach.accounts.words import Role
from outreach.activity.models import BulkAction, Job
from outreach.activity.queries import latest_job_of
from outreach.activity.services import claim_job, finish_job
from outreach.activity.words import JobState
from outreach.contacts.tagging import tags_of_contacts
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.fields.services import add_field
from outreach.fields.words import FieldKind, FieldSubject
from outreach.prospects.models import Prospect
from outreach.prospects.tagging import tags_of_prospects
from outreach.prospects.words import Review
from outreach.web import bulk as pages
from outreach.web import bulk_actions
from outreach.workflows.bulk import Chosen, begin_bulk, run_bulk
from outreach.workflows.bulk_kinds import KINDS
from tests.factories import make_prospect, make_workspace
from tests.factories_campaigns import make_campaign, make_contact

URL = "/prospects/changes"


@pytest.fixture
def four(database: Database, scope: Scope) -> list[int]:
    """Three new prospects of two countries and a rejected one."""
    with database.writing(scope) as session:
        return [
            make_prospect(session, review=review, country=country).key
            for review, country in (
                (Review.NEW, "DE"), (Review.NEW, "DE"), (Review.NEW, "AT"), (Review.REJECTED, "DE"),
            )
        ]  # fmt: skip


def reviews(database: Database, scope: Scope) -> list[str]:
    with database.reading(scope) as session:
        return [
            str(row) for row in session.exec(select(Prospect.review).order_by(col(Prospect.id)))
        ]


def said(client: FlaskClient) -> str:
    """The toast of the next page, and its undo."""
    page = client.get("/prospects/").text
    toast = re.search(r'toast__text">(.*?)</p>', page, re.DOTALL)
    return html.unescape(toast[1]) if toast else ""


def undo_url(page: str) -> str:
    found = re.search(r'action="(/bulk-actions/\d+/undo[^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_ticked_rows_are_changed_at_once_and_the_toast_takes_it_back(
    client: FlaskClient, database: Database, scope: Scope, four: list[int]
) -> None:
    answer = client.post(URL, data={"pick": four, "change": "approved", "back": "/prospects/?q=x"})
    assert (answer.status_code, answer.location) == (303, "/prospects/?q=x")
    page = client.get("/prospects/").text
    assert "Decided on 3. 1 stays as it was." in page
    assert reviews(database, scope) == ["approved"] * 3 + ["rejected"]

    client.post(undo_url(page))

    assert said(client) == "Took back 3."
    assert reviews(database, scope) == ["new"] * 3 + ["rejected"]


def test_all_that_match_are_changed_after_a_sentence_that_says_what_will_happen(
    client: FlaskClient, database: Database, scope: Scope, four: list[int]
) -> None:
    given = {"all": "1", "query": "?country=DE", "change": "rejected", "reason": "Asks for money"}
    page = html.unescape(client.post(URL, data=given).text)
    assert "Reject 2 prospects: Asks for money. 1 stays: it was decided on before." in page
    assert reviews(database, scope) == ["new"] * 3 + ["rejected"]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))

    client.post(URL, data=fields)

    assert reviews(database, scope) == ["rejected", "rejected", "new", "rejected"]


def test_a_large_action_is_left_to_a_worker_and_watched_to_its_end(
    client: FlaskClient, database: Database, scope: Scope, four: list[int],
    monkeypatch: pytest.MonkeyPatch, woken: list[tuple[str, str, int, int]],
) -> None:  # fmt: skip
    monkeypatch.setattr(bulk_actions, "SMALL", 2)
    monkeypatch.setattr(pages, "SMALL", 2)
    given = {"pick": four, "change": "later", "agreed": "1"}
    answer = client.post(URL, data=given)
    assert answer.location.startswith("/bulk-actions/")
    assert [what[:2] for what in woken] == [("io", "run_job_io")]
    waiting = client.get(answer.location, headers={"HX-Request": "true"}).text
    assert "every 1s" in waiting
    assert "Stop" in waiting
    assert "Undo what it changed" not in waiting

    with database.writing(scope) as session:
        claim_job(session, woken[0][3], now=utc_now())
    run_bulk(database, scope, woken[0][3], KINDS, utc_now)

    ended = client.get(answer.location, headers={"HX-Request": "true"}).text
    assert "Decided on 3. 1 stays as it was." in ended
    assert "every 1s" not in ended
    assert "Undo what it changed" in ended


@pytest.mark.parametrize(
    ("change", "value", "expected"),
    [
        ("tactic", "guest_post", "guest_post"),
        ("topic", "Gardens", "Gardens"),
        ("country", "ch", "CH"),
        ("language", "EN", "en"),
    ],
)
def test_a_fact_is_set_on_those_ticked(
    client: FlaskClient, database: Database, scope: Scope, change: str, value: str, expected: str
) -> None:
    with database.writing(scope) as session:
        ids = [make_prospect(session).key for _ in range(3)]
    client.post(URL, data={"pick": ids[:2], "change": change, "value": value})
    with database.reading(scope) as session:
        found = session.exec(select(getattr(Prospect, change)).order_by(col(Prospect.id))).all()
    assert list(found) == [expected, expected, ""]


def test_owner_tag_field_and_campaign_are_given_to_those_ticked(
    client: FlaskClient, database: Database, scope: Scope, four: list[int]
) -> None:
    with database.writing(scope) as session:
        field = add_field(session, FieldSubject.PROSPECT, "Deal", FieldKind.TEXT, now=utc_now())
        field_id, campaign_id = field.key, make_campaign(session).key
    for given in (
        {"change": "owner", "value": scope.user_id},
        {"change": "tag", "tag": "Autumn"},
        {"change": "field", "field_id": field_id, "value": "Swap"},
        {"change": "campaign", "campaign_id": campaign_id},
        {"change": "reopen"},
    ):
        client.post(URL, data={"pick": four, **given})
    with database.reading(scope) as session:
        sentences = session.exec(select(BulkAction.sentence).order_by(col(BulkAction.id))).all()
        assert set(tags_of_prospects(session, four)) == set(four)
    assert [sentence.split(".")[0] for sentence in sentences] == [
        sentences[0].split(".")[0],
        "Put the tag “Autumn” on 4 prospects",
        "Set “Deal” of 4 prospects to “Swap”",
        sentences[3].split(".")[0],
        "Put 1 prospect back into the review; what was decided is taken back",
    ]
    assert sentences[0].startswith("Hand 4 prospects to ")
    assert sentences[3].startswith("Add 3 prospects to “")
    history = client.get("/bulk-actions/").text
    assert history.count(">Undo<span") == 5


def test_the_page_of_choices_carries_the_selection_on(
    client: FlaskClient, database: Database, scope: Scope, four: list[int]
) -> None:
    page = client.post(URL, data={"pick": four[:2], "change": "more"}).text
    assert "Change 2 prospects" in page
    assert f'name="pick" value="{four[1]}"' in page
    page = client.get(f"{URL}?country=DE").text
    assert "Change all that match" in page
    assert 'name="query" value="?country=DE"' in page


def test_pages_are_read_and_scores_asked_for_in_the_background(
    client: FlaskClient, database: Database, scope: Scope, four: list[int]
) -> None:
    client.post(URL, data={"all": "1", "query": "?country=AT", "change": "read"})
    client.post(URL, data={"pick": four, "change": "score"})
    with database.reading(scope) as session:
        jobs = session.exec(select(Job.kind, Job.total_count).order_by(col(Job.id))).all()
    assert jobs == [("read_pages", 1), ("score_prospects", None)]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"change": "approved"}, "Tick a row first"),
        ({"pick": "1", "change": "delete"}, "Choose what to do"),
        ({"pick": "1", "change": "tag"}, "Name a tag"),
        ({"pick": "1", "change": "untag", "tag": "Nowhere"}, "There is no tag “Nowhere”"),
        ({"pick": "1", "change": "country", "value": "Germany"}, "two letters"),
        ({"pick": "999999", "change": "approved"}, "Nothing to do"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    client: FlaskClient, database: Database, scope: Scope, four: list[int],
    given: dict[str, str], problem: str,
) -> None:  # fmt: skip
    client.post(URL, data=given)
    assert problem in said(client)
    assert reviews(database, scope) == ["new"] * 3 + ["rejected"]


def test_contacts_are_tagged_ticked_or_all_that_match(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        ids = [make_contact(session, country=country).key for country in ("DE", "DE", "AT")]
    assert 'name="pick"' in client.get("/contacts/").text
    client.post("/contacts/changes", data={"pick": ids[2:], "change": "tag", "tag": "Press"})
    given = {"all": "1", "query": "country=DE", "change": "tag", "tag": "Press"}
    page = html.unescape(client.post("/contacts/changes", data=given).text)
    assert "Put the tag “Press” on 2 contacts." in page
    client.post("/contacts/changes", data={**given, "agreed": "1"})
    with database.reading(scope) as session:
        assert set(tags_of_contacts(session, ids)) == set(ids)
    client.post("/contacts/changes", data={"pick": ids, "change": "delete"})
    with database.reading(scope) as session:
        assert set(tags_of_contacts(session, ids)) == set(ids)


def test_viewers_change_nothing_and_are_offered_nothing(
    client_as: Callable[[Role], FlaskClient], database: Database, scope: Scope, four: list[int]
) -> None:
    viewer = client_as(Role.VIEWER)
    assert viewer.post(URL, data={"pick": four, "change": "approved"}).status_code == 403
    assert viewer.post("/contacts/changes", data={"change": "tag"}).status_code == 403
    assert viewer.get("/bulk-actions/").status_code == 200
    assert reviews(database, scope) == ["new"] * 3 + ["rejected"]


def test_rows_of_another_workspace_are_never_changed(
    client: FlaskClient, database: Database, four: list[int]
) -> None:
    other = make_workspace(database)
    with database.writing(other) as session:
        foreign = make_prospect(session).key
    client.post(URL, data={"pick": [foreign], "change": "approved"})
    client.post(URL, data={"all": "1", "query": "", "change": "approved", "agreed": "1"})
    assert reviews(database, other) == ["new"]


def test_an_action_that_failed_offers_to_go_on(
    client: FlaskClient, database: Database, scope: Scope, four: list[int]
) -> None:
    with database.writing(scope) as session:
        action, job = begin_bulk(session, KINDS["reopen_prospects"], Chosen(ids=tuple(four)), {})
        finish_job(session, job.key, JobState.FAILED, "It broke.", now=utc_now())
        url, first = f"/bulk-actions/{action.key}", job.key
    assert "Go on where it stopped" in client.get(url).text
    assert client.post(f"{url}/resumption").status_code == 303
    assert "Go on where it stopped" not in client.get(url).text
    with database.reading(scope) as session:
        again = latest_job_of(session, "bulk_action", action.key)
        assert again is not None
        assert again.key != first
