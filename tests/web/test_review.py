"""The review and a prospect's page over HTTP: fragments, undo, notes, facts changed in place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from outreach.accounts.words import Role
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.prospects.queries import get_prospect
from outreach.prospects.words import Review
from tests.factories import make_page, make_prospect, make_user

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def pair(database: Database, scope: Scope) -> tuple[int, int]:
    """The best prospect and the one after it."""
    with database.writing(scope) as session:
        best = make_prospect(session, domain="best.example", score=90, score_order=10)
        make_page(session, best, title="Write for us", text="Soil", figures={"ahrefs_ur": [3, "x"]})
        second = make_prospect(session, domain="second.example", score=50, score_order=50)
        return best.key, second.key


def review_of(database: Database, scope: Scope, prospect_id: int) -> tuple[Review, str]:
    with database.reading(scope) as session:
        found = get_prospect(session, prospect_id)
        return found.review, found.rejected_because


def test_a_decision_is_answered_by_the_next_prospect_alone(
    client: FlaskClient, pair: tuple[int, int], database: Database, scope: Scope
) -> None:
    answer = client.post(
        f"/review/{pair[0]}", data={"rejected": "Asks for money"}, headers=FRAGMENT
    )

    assert answer.text.lstrip().startswith('<div class="review" id="review"')
    assert "second.example" in answer.text
    assert "Rejected best.example: Asks for money." in answer.text
    assert answer.headers["HX-Trigger"] == "decided"
    assert review_of(database, scope, pair[0]) == (Review.REJECTED, "Asks for money")


@pytest.fixture
def third(database: Database, scope: Scope) -> int:
    """The prospect after the pair."""
    with database.writing(scope) as session:
        return make_prospect(session, domain="third.example", score=40, score_order=60).key


def test_a_page_that_shows_the_next_already_gets_the_one_after_it(
    client: FlaskClient, pair: tuple[int, int], third: int
) -> None:
    page = client.get("/review/").text
    assert f'data-following="/review/{pair[1]}/card"' in page
    assert "second.example" in client.get(f"/review/{pair[1]}/card", headers=FRAGMENT).text

    form = {"do": "approved", "shown": str(pair[1])}
    answer = client.post(f"/review/{pair[0]}", data=form, headers=FRAGMENT).text

    assert "Approved best.example." in answer
    assert '<template data-ahead="card">' in answer
    assert f'action="/review/{third}"' in answer
    assert f'action="/review/{pair[1]}"' not in answer


def test_what_is_shown_ahead_but_held_by_another_is_replaced_by_a_whole_card(
    client: FlaskClient, pair: tuple[int, int], third: int, database: Database, scope: Scope
) -> None:
    now = utc_now()
    with database.system() as session:
        other = make_user(session, email="other@outreach.example").key
        held = get_prospect(session, pair[1])
        held.claimed_by_id, held.claimed_until = other, now + timedelta(minutes=3)

    assert client.get(f"/review/{pair[1]}/card", headers=FRAGMENT).status_code == 204
    form = {"do": "approved", "shown": str(pair[1])}
    answer = client.post(f"/review/{pair[0]}", data=form, headers=FRAGMENT).text

    assert f'action="/review/{third}"' in answer
    assert "data-ahead" not in answer


def test_a_decision_costs_few_statements(
    client: FlaskClient,
    pair: tuple[int, int],
    third: int,
    count_statements: Callable[[], list[str]],
) -> None:
    form = {"do": "approved", "shown": str(pair[1])}
    count_statements()
    client.post(f"/review/{pair[0]}", data=form, headers=FRAGMENT)

    assert len([each for each in count_statements() if not each.startswith("BEGIN")]) <= 22


def test_undo_brings_the_prospect_back_with_and_without_javascript(
    client: FlaskClient, pair: tuple[int, int], database: Database, scope: Scope
) -> None:
    client.post(f"/review/{pair[0]}", data={"later": "7"}, headers=FRAGMENT)
    answer = client.post("/review/reopening", headers=FRAGMENT)
    assert f'action="/review/{pair[0]}"' in answer.text

    client.post(f"/review/{pair[0]}", data={"do": "approved"})
    answer = client.post("/review/reopening")
    assert answer.headers["Location"].endswith(f"/review/?at={pair[0]}")
    assert review_of(database, scope, pair[0]) == (Review.NEW, "")


def test_the_last_one_says_that_nothing_is_left(client: FlaskClient, pair: tuple[int, int]) -> None:
    client.post(f"/review/{pair[0]}", data={"do": "approved"}, headers=FRAGMENT)
    answer = client.post(f"/review/{pair[1]}", data={"do": "approved"}, headers=FRAGMENT)

    assert "Nothing waits for a decision" in answer.text
    client.post("/review/reopening", headers=FRAGMENT)
    assert "1 reviewed today, 1 left" in client.get("/review/progress").text
    assert "1 reviewed today, 1 left" in client.get("/review/").text


def test_the_filter_of_the_list_stays_while_one_reviews(
    client: FlaskClient, pair: tuple[int, int]
) -> None:
    page = client.get("/review/?score_max=60").text

    assert "second.example" in page
    assert f"/review/{pair[1]}?score_max=60" in page


def test_a_day_in_the_past_is_refused_with_a_sentence(
    client: FlaskClient, pair: tuple[int, int]
) -> None:
    form = {"do": "later", "until": "2020-01-01"}
    answer = client.post(f"/review/{pair[0]}", data=form, headers=FRAGMENT)

    assert "Choose a day that is still to come." in answer.text
    assert f'action="/review/{pair[0]}"' in answer.text


def test_a_note_is_written_in_the_review(client: FlaskClient, pair: tuple[int, int]) -> None:
    answer = client.post(
        f"/review/{pair[0]}/notes", data={"body": "Ask Ann first"}, headers=FRAGMENT
    )

    assert "Ask Ann first" in answer.text


def test_facts_are_changed_in_place_and_nonsense_is_refused(
    client: FlaskClient, pair: tuple[int, int], database: Database, scope: Scope
) -> None:
    url = f"/prospects/{pair[0]}/facts"

    assert client.post(url, data={"country": "de", "tactic": "guest_post"}).status_code == 303
    assert client.post(url, data={"country": "Germany"}).status_code == 422
    assert client.post(url, data={"tactic": "begging"}).status_code == 422
    with database.reading(scope) as session:
        found = get_prospect(session, pair[0])
        assert (found.country, found.tactic, found.is_search_stale) == ("DE", "guest_post", True)


def test_a_viewer_sees_everything_of_a_prospect_and_changes_nothing(
    client_as: Callable[[Role], FlaskClient], pair: tuple[int, int]
) -> None:
    viewer = client_as(Role.VIEWER)

    page = viewer.get(f"/prospects/{pair[0]}").text

    assert "It invites guest authors" in page
    assert "ahrefs ur 3" in page
    assert f"/prospects/{pair[0]}/decision" not in page
    assert viewer.post(f"/prospects/{pair[0]}/facts", data={"topic": "x"}).status_code == 403


@pytest.mark.parametrize("only", ["", "mail", "note", "check", "activity", "nonsense"])
def test_the_timeline_is_narrowed_to_one_kind(
    client: FlaskClient, pair: tuple[int, int], only: str
) -> None:
    client.post("/notes/", data={"about": f"prospect:{pair[0]}", "body": "Ask Ann first"})

    page = client.get(f"/prospects/{pair[0]}?only={only}").text

    stream = page.split('id="timeline"')[1].split("</section>")[0]
    assert ("Ask Ann first" in stream) == (only in {"", "note", "nonsense"})


def test_a_prospects_page_costs_the_same_however_much_is_known(
    client: FlaskClient,
    pair: tuple[int, int],
    database: Database,
    scope: Scope,
    count_statements: Callable[[], list[str]],
) -> None:
    def cost() -> int:
        count_statements()
        assert client.get(f"/prospects/{pair[0]}").status_code == 200
        return len(count_statements())

    few = cost()
    with database.writing(scope) as session:
        for _ in range(30):
            make_page(session, get_prospect(session, pair[0]))
    assert cost() == few <= 26
