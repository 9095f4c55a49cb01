"""The pages of campaigns and of the pipeline."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from outreach.accounts.words import Role
from outreach.campaigns.queries import get_campaign, get_opportunity
from outreach.campaigns.tally import stage_counts
from outreach.campaigns.words import Stage, TableSort
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.paging import encode_cursor
from outreach.suppression.rules import TouchEntry
from outreach.suppression.services import note_touch
from outreach.suppression.words import TouchOutcome
from outreach.web import bulk_actions
from tests import factories
from tests.factories_campaigns import (
    NOW,
    make_approved,
    make_asset,
    make_campaign,
    make_contact,
    make_opportunity,
)


@pytest.fixture
def campaign_id(database: Database, scope: Scope) -> int:
    with database.writing(scope) as session:
        return make_campaign(session, name="Spring").key


@pytest.fixture
def opportunity_id(database: Database, scope: Scope, campaign_id: int) -> int:
    with database.writing(scope) as session:
        campaign = get_campaign(session, campaign_id)
        prospect = make_approved(session, domain="soil.example")
        contact = make_contact(session, "mia@soil.example", site_id=prospect.site_id)
        return make_opportunity(
            session, campaign=campaign, prospect=prospect, contact_id=contact.key,
            stage=Stage.READY,
        ).key  # fmt: skip


def stage_of(database: Database, scope: Scope, opportunity_id: int) -> Stage:
    with database.reading(scope) as session:
        return get_opportunity(session, opportunity_id).stage


def test_a_campaign_is_started_changed_and_archived(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        asset = make_asset(session, title="The soil guide")
    typed = {"name": "Spring", "tactic": "resource_page", "asset_id": str(asset.key)}
    assert "The soil guide" in client.get("/campaigns/new").text

    url = client.post("/campaigns/", data=typed).location
    page = client.get(url).text
    assert "needs a sequence and a mailbox" in page
    assert client.post(url, data=typed | {"name": "Summer"}).status_code == 303
    assert "Summer" in client.get("/campaigns/").text

    client.post(f"{url}/archive")
    assert "Summer" not in client.get("/campaigns/").text.replace("Archived Summer", "")
    assert "Summer" in client.get("/campaigns/?archived=1").text
    client.post(f"{url}/archive/undo")
    assert "Summer" in client.get("/campaigns/").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Give the campaign a name."),
        ({"asset_id": ""}, "Choose the page"),
        ({"asset_id": "999"}, "Not a valid choice"),
        ({"name": "Spring"}, "called Spring already"),
    ],
)
def test_a_wrong_campaign_gets_a_sentence(
    client: FlaskClient,
    database: Database,
    scope: Scope,
    campaign_id: int,
    wrong: dict[str, str],
    said: str,
) -> None:
    with database.writing(scope) as session:
        asset = make_asset(session)
    typed = {"name": "Autumn", "tactic": "resource_page", "asset_id": str(asset.key)}

    answer = client.post("/campaigns/", data=typed | wrong)

    assert answer.status_code == 422
    assert said in answer.text
    assert client.post(f"/campaigns/{campaign_id}", data=typed | {"name": ""}).status_code == 422


def test_the_best_prospects_are_added_and_taken_out_again(
    client: FlaskClient, database: Database, scope: Scope, campaign_id: int
) -> None:
    with database.writing(scope) as session:
        for score in (90, 80, 70):
            make_approved(session, score=score, score_order=100 - score)

    answer = client.post(f"/campaigns/{campaign_id}/opportunities", data={"count": "2"})
    page = client.get(answer.location).text
    assert "Added 2." in page
    undo = page.split('action="', 1)
    urls = [part.split('"')[0].replace("&amp;", "&") for part in page.split('action="')]
    (undo_url,) = [url for url in urls if "opportunities/undo" in url]
    assert undo

    client.post(undo_url)

    with database.reading(scope) as session:
        assert stage_counts(session) == {}


def test_picked_prospects_join_a_campaign(
    client: FlaskClient, database: Database, scope: Scope, campaign_id: int
) -> None:
    with database.writing(scope) as session:
        ids = [make_approved(session).key, factories.make_prospect(session).key]
    picked = {"pick": [str(key) for key in ids]}

    asked = client.post("/campaigns/opportunities", data=picked)
    assert "Add 2 prospects to a campaign" in asked.text
    assert f'name="campaign_id" value="{campaign_id}"' in asked.text
    client.post("/campaigns/opportunities", data=picked | {"campaign_id": str(campaign_id)})

    with database.reading(scope) as session:
        assert stage_counts(session) == {Stage.QUALIFIED: 1, Stage.IDENTIFIED: 1}
    wrong = picked | {"campaign_id": "999"}
    assert client.post("/campaigns/opportunities", data=wrong).status_code == 404


def test_picking_nothing_or_having_no_campaign_says_what_to_do(client: FlaskClient) -> None:
    url = "/campaigns/opportunities"

    assert "No prospects are picked" in client.post(url).text
    assert "No campaigns yet" in client.post(url, data={"pick": "1"}).text


def test_a_prospects_page_leads_into_its_campaigns(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    with database.reading(scope) as session:
        prospect_id = get_opportunity(session, opportunity_id).prospect_id

    page = client.get(f"/prospects/{prospect_id}").text

    assert f'href="/opportunities/{opportunity_id}"' in page
    assert "Add to a campaign" in page
    assert "Mia Hart" in page


def test_a_wrong_number_of_prospects_adds_none(client: FlaskClient, campaign_id: int) -> None:
    answer = client.post(f"/campaigns/{campaign_id}/opportunities", data={"count": "900"})

    assert "Give a number from 1 to 500" in client.get(answer.location).text
    assert client.post(f"/campaigns/{campaign_id}/opportunities/undo?at=x").status_code == 422


def test_the_board_shows_cards_with_their_warnings_and_a_move_menu(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    with database.writing(factories.make_workspace(database)) as session:
        at = NOW - timedelta(days=2)
        entry = TouchEntry("outbox:9", at, "", "soil.example", TouchOutcome.AWAITING)
        note_touch(session, entry, now=NOW)

    page = client.get("/opportunities/").text

    assert "soil.example" in page
    assert "another team" in page
    assert f'href="/opportunities/{opportunity_id}#move"' in page
    (moves,) = re.findall(r'data-stage="ready" data-moves="([^"]*)"', page)
    assert "pitched" in moves.split()
    assert "unresponsive" not in moves.split()


def test_the_board_and_the_table_are_narrowed(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int, campaign_id: int
) -> None:
    with database.writing(scope) as session:
        make_opportunity(session, prospect=make_approved(session, domain="other.example"))

    for url in ("/opportunities/", "/opportunities/table"):
        page = client.get(f"{url}?campaign={campaign_id}").text
        assert "soil.example" in page
        assert "other.example" not in page
    assert "soil.example" not in client.get("/opportunities/table?stage=won").text
    assert "soil.example" in client.get("/opportunities/table?stage=ready&owner=").text


def test_an_empty_pipeline_says_what_to_do(client: FlaskClient) -> None:
    assert "Nothing in the pipeline" in client.get("/opportunities/").text
    assert "No such opportunities" in client.get("/opportunities/table").text


def test_a_full_board_is_few_statements(
    client: FlaskClient,
    database: Database,
    scope: Scope,
    count_statements: Callable[[], list[str]],
) -> None:
    with database.writing(scope) as session:
        campaign = make_campaign(session)
        for stage in Stage:
            for _ in range(3):
                make_opportunity(session, campaign=campaign, stage=stage)
    count_statements()

    assert client.get("/opportunities/").status_code == 200

    own = [statement for statement in count_statements() if "opportunity" in statement.lower()]
    assert len(own) == 2  # the tally, and the cards of all columns


def test_moving_on_the_board_returns_there_and_can_be_undone(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    back = "/opportunities/?campaign=1"
    url = f"/opportunities/{opportunity_id}/stage"

    answer = client.post(url, data={"stage": "pitched", "next": back})

    assert (answer.status_code, answer.location) == (303, back)
    assert stage_of(database, scope, opportunity_id) is Stage.PITCHED
    assert f"{url}/undo" in client.get(back).text
    client.post(f"{url}/undo")
    assert stage_of(database, scope, opportunity_id) is Stage.READY


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example", "/sign-out"])
def test_a_move_never_leads_off_the_pipeline(
    client: FlaskClient, opportunity_id: int, next_url: str
) -> None:
    url = f"/opportunities/{opportunity_id}/stage"

    answer = client.post(url, data={"stage": "pitched", "next": next_url})

    assert answer.location == f"/opportunities/{opportunity_id}"


def test_a_refused_move_says_what_is_missing(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    url = f"/opportunities/{opportunity_id}/stage"

    refused = client.post(url, data={"stage": "lost"})
    assert refused.status_code == 422
    assert "Say why it is lost." in refused.text
    assert client.post(url, data={"stage": "nonsense"}).status_code == 422
    assert client.post(f"{url}/undo").status_code == 409

    assert client.post(url, data={"stage": "lost", "reason": "Closed"}).status_code == 303
    assert stage_of(database, scope, opportunity_id) is Stage.LOST


def test_an_opportunity_shows_its_prospect_contact_pitching_and_timeline(
    client: FlaskClient, opportunity_id: int
) -> None:
    page = client.get(f"/opportunities/{opportunity_id}?to=lost").text

    for shown in ("soil.example", "Mia Hart", "Personal words", "Pitching", "Won link",
                  '<option selected value="lost">'):  # fmt: skip
        assert shown in page


def test_contact_words_and_owner_are_kept(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    url = f"/opportunities/{opportunity_id}"

    client.post(f"{url}/contact", data={"contact_id": ""})
    client.post(f"{url}/words", data={"personal_words": "I liked your list."})
    client.post(f"{url}/owner", data={"owner_id": str(scope.user_id)})

    with database.reading(scope) as session:
        opportunity = get_opportunity(session, opportunity_id)
    assert opportunity.contact_id is None
    assert opportunity.personal_words == "I liked your list."
    assert opportunity.owner_id == scope.user_id


def test_a_stranger_can_be_neither_chosen_nor_made_owner(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    with database.writing(scope) as session:
        elsewhere = make_contact(session).key
    with database.system() as session:
        stranger = factories.make_user(session).key
    url = f"/opportunities/{opportunity_id}"
    with database.reading(scope) as session:
        before = get_opportunity(session, opportunity_id).contact_id

    client.post(f"{url}/contact", data={"contact_id": str(elsewhere)})
    client.post(f"{url}/owner", data={"owner_id": str(stranger)})
    too_long = client.post(f"{url}/words", data={"personal_words": "x" * 2001})

    assert too_long.status_code == 422
    with database.reading(scope) as session:
        opportunity = get_opportunity(session, opportunity_id)
    assert (opportunity.contact_id, opportunity.owner_id) == (before, None)


def test_a_viewer_may_look_but_not_move(
    client_as: Callable[[Role], FlaskClient], opportunity_id: int, campaign_id: int
) -> None:
    viewer = client_as(Role.VIEWER)

    page = viewer.get(f"/opportunities/{opportunity_id}").text
    assert "soil.example" in page
    assert "Change the owner" not in page
    assert "Add them" not in viewer.get(f"/campaigns/{campaign_id}").text
    move = viewer.post(f"/opportunities/{opportunity_id}/stage", data={"stage": "pitched"})
    assert move.status_code == 403


def test_the_board_shows_ages_and_what_a_column_is_worth(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        old = utc_now() - timedelta(days=21, hours=1)
        stage = Stage.IN_CONVERSATION
        make_opportunity(session, stage=stage, value_cents=3_400_00, stage_changed_at=old)
        make_opportunity(session, stage=Stage.READY, stage_changed_at=utc_now())
    page = client.get("/opportunities/").text
    assert "1 · $3,400" in page
    assert '<span class="board__age is-stale">in conversation 21 days</span>' in page
    assert '<span class="board__age">since today</span>' in page


def test_lanes_have_their_own_counts_and_the_fourth_is_fetched_when_opened(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        campaigns = [make_campaign(session, name=f"Lane {number}") for number in range(4)]
        for number, campaign in enumerate(campaigns):
            for _ in range(4 - number):
                make_opportunity(session, campaign=campaign, owner_id=scope.user_id)
        domain = "last.example"
        prospect = make_approved(session, domain=domain)
        late = make_campaign(session, name="Late")
        make_opportunity(session, campaign=late, prospect=prospect)
    page = client.get("/opportunities/?lanes=campaign").text
    assert page.count('<details class="lane" open>') == 3
    assert page.count('<details class="lane">') == 2
    assert domain not in page
    lane = client.get(f"/opportunities/lane?lanes=campaign&lane={late.id}").text
    assert domain in lane
    by_owner = client.get("/opportunities/?lanes=owner").text
    assert '<h2 class="lane__name">Nobody</h2>' in by_owner
    assert client.get("/opportunities/lane?lanes=campaign").status_code == 302


@pytest.mark.parametrize("sort", list(TableSort))
def test_every_page_of_the_table_comes_once_in_any_order(
    client: FlaskClient, database: Database, scope: Scope, sort: TableSort
) -> None:
    with database.writing(scope) as session:
        campaign = make_campaign(session)
        ids = [
            make_opportunity(
                session,
                campaign=campaign,
                owner_id=scope.user_id if number % 2 else None,
                value_cents=100 * (number % 7),
                stage_changed_at=NOW - timedelta(hours=number % 5),
            ).key
            for number in range(120)
        ]
    seen: list[int] = []
    url = f"/opportunities/table?sort={sort}"
    while url:
        page = client.get(url).text
        seen += [int(found) for found in re.findall(r'name="opportunity_id" value="(\d+)"', page)]
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == ids


@pytest.mark.parametrize(
    ("sort", "values"),
    [("newest", ("x", 1)), ("age", (1, 1)), ("score", ("x", 1, 1)), ("value", ("x", "y")),
     ("owner", (0, "x", 1)), ("domain", ("x", "y"))],
)  # fmt: skip
def test_a_damaged_page_link_of_the_table_is_refused(
    client: FlaskClient, opportunity_id: int, sort: str, values: tuple[object, ...]
) -> None:
    url = f"/opportunities/table?sort={sort}&after={encode_cursor(*values)}"
    assert client.get(url).status_code == 422


def test_the_selected_are_moved_after_a_sentence_and_taken_back(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        stages = (Stage.READY, Stage.READY, Stage.PITCHED)
        ids = [make_opportunity(session, stage=stage).key for stage in stages]
    form = {"opportunity_id": ids, "change": "stage", "stage": "pitched"}

    asked = client.post("/opportunities/changes", data=form)
    assert "Move 2 to pitched. 1 stays: it is pitched already." in asked.text
    with database.reading(scope) as session:
        assert stage_counts(session)[Stage.PITCHED] == 1

    done = client.post("/opportunities/changes", data={**form, "agreed": "1"})
    assert done.status_code == 303
    page = client.get(done.headers["Location"]).text
    assert "Moved 2." in page
    (undo,) = re.findall(r'action="(/bulk-actions/[^"]+)"', page)
    with database.reading(scope) as session:
        assert stage_counts(session) == {Stage.PITCHED: 3}
    client.post(undo.replace("&amp;", "&"))
    with database.reading(scope) as session:
        assert stage_counts(session) == {Stage.READY: 2, Stage.PITCHED: 1}


def test_more_than_a_request_can_do_is_left_to_a_worker(
    client: FlaskClient,
    database: Database,
    scope: Scope,
    woken: list[tuple[str, str, int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk_actions, "SMALL", 1)
    with database.writing(scope) as session:
        for _ in range(2):
            make_opportunity(session, stage=Stage.READY)
    form = {
        "which": "all",
        "stage_is": "ready",
        "change": "value",
        "value": "$1,250",
        "agreed": "1",
    }
    done = client.post("/opportunities/changes", data=form)
    assert [what[:2] for what in woken] == [("io", "run_job_io")]
    page = client.get(done.headers["Location"]).text
    assert "Set the value of 2 to 1,250.00." in page
    assert "Waiting for a worker." in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"change": "stage", "stage": "x", "which": "all"},
        {"change": "value", "value": "much", "which": "all"},
    ],
)
def test_a_change_that_makes_no_sense_is_answered_with_a_sentence(
    client: FlaskClient, form: dict[str, str], opportunity_id: int
) -> None:
    answer = client.post("/opportunities/changes", data=form)
    assert answer.status_code == 303
    assert "toast--" in client.get(answer.headers["Location"]).text


def test_a_viewer_can_neither_change_many_nor_undo(
    client_as: Callable[[Role], FlaskClient], client: FlaskClient, opportunity_id: int
) -> None:
    form = {"opportunity_id": opportunity_id, "change": "stage", "stage": "pitched", "agreed": "1"}
    client.post("/opportunities/changes", data=form)
    viewer = client_as(Role.VIEWER)
    assert viewer.post("/opportunities/changes", data=form).status_code == 403
    assert viewer.post("/bulk-actions/1/undo").status_code == 403
    assert 'href="/opportunities/1#move"' not in viewer.get("/opportunities/").text


def test_a_move_on_the_board_is_answered_with_new_counts_or_with_why_not(
    client: FlaskClient, opportunity_id: int
) -> None:
    url, asked = f"/opportunities/{opportunity_id}/stage", {"X-Board": "1"}
    answer = client.post(url, data={"stage": "pitched"}, headers=asked)
    assert (answer.json or {})["totals"]["all-pitched"] == "1"
    assert "Undo" in (answer.json or {})["toast"]
    refused = client.post(url, data={"stage": "lost"}, headers=asked)
    assert (refused.status_code, refused.json) == (422, {"said": "Say why it is lost."})


def test_a_value_is_written_as_people_write_amounts(
    client: FlaskClient, database: Database, scope: Scope, opportunity_id: int
) -> None:
    url = f"/opportunities/{opportunity_id}"
    for text, cents in (("$1,250.50", 1250_50), ("80", 80_00), ("many", 80_00), ("", 0)):
        client.post(f"{url}/value", data={"value": text})
        with database.reading(scope) as session:
            assert get_opportunity(session, opportunity_id).value_cents == cents


def test_the_currency_of_the_workspace_is_used_everywhere(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        opportunity_id = make_opportunity(session, value_cents=3_400_00).key
    facts = {"name": "Yen", "country": "JP", "postal_address": "", "currency": "JPY"}

    assert client.post("/workspaces/current/facts", data=facts).status_code == 303

    for path in ("/opportunities/", "/opportunities/table", "/campaigns/"):
        assert "¥3,400" in client.get(path).text
    page = client.get(f"/opportunities/{opportunity_id}").text
    assert "in JPY" in page
    assert 'value="3400"' in page
    refused = client.post(f"/opportunities/{opportunity_id}/value", data={"value": "12.50"})
    assert "a number in JPY" in client.get(refused.location).text


def test_a_currency_nobody_knows_is_refused(client: FlaskClient) -> None:
    facts = {"name": "Odd", "country": "", "postal_address": "", "currency": "ZZZ"}
    assert client.post("/workspaces/current/facts", data=facts).status_code == 422
