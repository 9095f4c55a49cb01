"""The pages of prospects: list, filter, decisions, one prospect, the review."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from outreach.accounts.words import Role
from outreach.activity.models import Activity
from outreach.core.db import Database, Scope
from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.words import Review
from tests.factories import make_member, make_prospect, make_workspace
from tests.factories_imports import import_text, make_asset, score

PAGES = """URL,Title,Description
https://soil.example.org/guide,Garden soil and compost,Test the soil of your garden and make compost
https://bees.example.net/,Keeping bees,How to keep bees and harvest honey through the year
https://short.example.com/,Soil,
"""


@pytest.fixture
def filled(database: Database, scope: Scope, tmp_path: Path) -> dict[str, int]:
    """Three prospects, scored against one asset; ids by domain."""
    import_text(database, scope, tmp_path, PAGES)
    make_asset(database, scope)
    score(database, scope)
    return ids_by_domain(database, scope)


def ids_by_domain(database: Database, scope: Scope) -> dict[str, int]:
    with database.reading(scope) as session:
        return {row.domain: row.key for row in session.exec(select(Prospect))}


def reviews(database: Database, scope: Scope) -> dict[str, Review]:
    with database.reading(scope) as session:
        return {row.domain: row.review for row in session.exec(select(Prospect))}


def shown(page: str) -> list[str]:
    """Domains in the order in which a page names them."""
    domains = ("example.org", "example.net", "example.com")
    places = {name: page.find(f">{name}</a>") for name in domains}
    return sorted((name for name in domains if places[name] >= 0), key=places.__getitem__)


def test_an_empty_list_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/prospects/").text

    assert "No prospects yet" in page
    assert "/imports/" in page


def test_the_best_score_comes_first_and_unknown_last(
    client: FlaskClient, filled: dict[str, int]
) -> None:
    page = client.get("/prospects/").text

    assert shown(page) == ["example.org", "example.net", "example.com"]
    assert "score--unknown" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=domain", ["example.com", "example.net", "example.org"]),
        ("sort=newest", ["example.com", "example.net", "example.org"]),
        ("min=20", ["example.org"]),
        ("unknown=1", ["example.com"]),
        ("contact=yes", []),
        ("q=.NET", ["example.net"]),
        ("q=compost", ["example.org"]),
        ("review=approved", []),
        ("asset=1", ["example.org", "example.net", "example.com"]),
        ("asset=1&min=20", ["example.org"]),
        ("sort=nonsense&min=x&asset=y", ["example.org", "example.net", "example.com"]),
    ],
)
def test_the_list_can_be_narrowed_and_sorted(
    client: FlaskClient, filled: dict[str, int], query: str, expected: list[str]
) -> None:
    assert shown(client.get(f"/prospects/?{query}").text) == expected


def test_every_prospect_is_on_exactly_one_page_of_the_list(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        for number in range(130):
            make_prospect(session, domain=f"d{number}.example", score_order=number % 3)
    seen: list[str] = []
    url = "/prospects/"
    while url:
        page = client.get(url).text
        seen += [part.split('"')[0] for part in page.split('class=table__link href="')[1:]]
        url = (
            page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
            if 'rel="next"' in page
            else ""
        )
        url = url.replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == 130


def test_a_list_page_takes_few_statements(
    client: FlaskClient, filled: dict[str, int], count_statements: Callable[[], list[str]]
) -> None:
    client.get("/prospects/")
    count_statements()

    client.get("/prospects/?min=10")

    about_prospects = [line for line in count_statements() if "FROM prospect" in line]
    assert len(about_prospects) == 1


def test_counts_come_after_the_list(client: FlaskClient, filled: dict[str, int]) -> None:
    assert client.get("/prospects/counts").text == "3"
    assert client.get("/prospects/counts?min=20").text == "1"


def test_selected_prospects_are_rejected_with_a_reason_and_brought_back(
    client: FlaskClient, filled: dict[str, int], database: Database, scope: Scope
) -> None:
    picked = [filled["example.org"], filled["example.net"]]

    answer = client.post(
        "/prospects/decisions", data={"pick": picked, "do": "rejected", "reason": "Asks for money"}
    )

    assert answer.status_code == 303
    assert reviews(database, scope)["example.org"] is Review.REJECTED
    page = client.get("/prospects/?review=rejected").text
    assert shown(page) == ["example.org", "example.net"]
    undo = page.split("/prospects/reopenings?ids=")[1].split('"')[0]
    client.post(f"/prospects/reopenings?ids={undo}")
    assert set(reviews(database, scope).values()) == {Review.NEW}
    with database.reading(scope) as session:
        told = session.exec(select(Activity.sentence).where(Activity.verb == "rejected")).all()
        assert told == ["Rejected the prospect: Asks for money"] * 2


def test_a_decided_prospect_is_left_as_it_is_by_a_selection(
    client: FlaskClient, filled: dict[str, int], database: Database, scope: Scope
) -> None:
    client.post(f"/prospects/{filled['example.org']}/decision", data={"do": "approved"})

    client.post("/prospects/decisions", data={"pick": list(filled.values()), "do": "rejected"})

    assert reviews(database, scope)["example.org"] is Review.APPROVED


def test_a_prospect_cannot_be_decided_on_twice(client: FlaskClient, filled: dict[str, int]) -> None:
    url = f"/prospects/{filled['example.org']}/decision"
    client.post(url, data={"do": "approved"})

    answer = client.post(url, data={"do": "rejected"})

    assert answer.status_code == 409
    assert "approved already" in answer.text


def test_a_nonsense_decision_is_refused(client: FlaskClient, filled: dict[str, int]) -> None:
    assert client.post(f"/prospects/{filled['example.org']}/decision").status_code == 422


def test_a_prospects_page_shows_reasons_with_their_sources(
    client: FlaskClient, filled: dict[str, int]
) -> None:
    page = client.get(f"/prospects/{filled['example.org']}").text

    assert "A guide to garden soil" in page
    assert "compost" in page
    assert "Authority is unknown" in page
    assert "prospects.csv" in page


def test_a_prospect_is_added_by_hand_with_its_page(
    client: FlaskClient, database: Database, scope: Scope, woken: list[tuple[str, str, int, int]]
) -> None:
    answer = client.post(
        "/prospects/",
        data={"address": "https://www.paper.example/links?utm_source=a", "title": "Links"},
    )

    assert answer.status_code == 303
    with database.reading(scope) as session:
        row = session.exec(select(Prospect)).one()
        page = session.exec(select(ProspectPage)).one()
    assert (row.domain, row.page_count, row.source) == ("paper.example", 1, "manual")
    assert (page.url_key, page.title) == ("paper.example/links", "Links")
    assert woken[0][:2] == ("io", "run_job_io")


def test_a_bare_domain_becomes_a_prospect_without_pages(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    client.post("/prospects/", data={"address": "paper.example"})

    with database.reading(scope) as session:
        assert session.exec(select(Prospect.page_count)).one() == 0


def test_what_names_no_site_is_refused_with_the_form(client: FlaskClient) -> None:
    answer = client.post("/prospects/", data={"address": "not a site"})

    assert answer.status_code == 422
    assert "not a site" in answer.text
    assert "Type a domain" in answer.text


def test_notes_and_title_are_kept(
    client: FlaskClient, filled: dict[str, int], database: Database, scope: Scope
) -> None:
    url = f"/prospects/{filled['example.org']}"
    client.post(
        url, data={"title": "Soil people", "notes": "Ask Ann first", "owner_id": scope.user_id}
    )

    page = client.get(url).text
    assert "Ask Ann first" in page
    with database.reading(scope) as session:
        row = session.exec(select(Prospect).where(Prospect.domain == "example.org")).one()
        assert (row.title, row.owner_id) == ("Soil people", scope.user_id)


def test_a_page_is_added_edited_and_kept_to_its_site(
    client: FlaskClient, filled: dict[str, int], database: Database, scope: Scope
) -> None:
    url = f"/prospects/{filled['example.org']}/pages"
    assert client.post(url, data={"url": "https://example.org/new"}).status_code == 303
    assert client.post(url, data={"url": "https://elsewhere.example/"}).status_code == 422
    with database.reading(scope) as session:
        page = session.exec(select(ProspectPage).where(ProspectPage.title == "")).one()

    client.post(f"{url}/{page.key}", data={"url": page.url, "title": "New words"})

    assert client.get(f"{url}/{page.key}").status_code == 200
    assert client.get(f"/prospects/{filled['example.net']}/pages/{page.key}").status_code == 404
    with database.reading(scope) as session:
        assert session.get(ProspectPage, page.key).title == "New words"  # type: ignore[union-attr]


def test_the_review_goes_from_best_to_worst_with_one_press_each(
    client: FlaskClient, filled: dict[str, int], database: Database, scope: Scope
) -> None:
    order = []
    for decision in ("approved", "rejected", "later"):
        page = client.get("/review/").text
        url = page.split('<form class="stack" method="post" action="')[1].split('"')[0]
        order.append(next(name for name, key in filled.items() if url == f"/review/{key}"))
        assert client.post(url, data={"do": decision}).status_code == 303

    assert order == ["example.org", "example.net", "example.com"]
    assert reviews(database, scope) == {
        "example.org": Review.APPROVED,
        "example.net": Review.REJECTED,
        "example.com": Review.LATER,
    }
    assert "Nothing waits for a decision" in client.get("/review/").text


def test_two_people_never_review_the_same_prospect(
    client: FlaskClient, client_as: Callable[[Role], FlaskClient], filled: dict[str, int]
) -> None:
    other = client_as(Role.MEMBER)

    mine, theirs = client.get("/review/").text, other.get("/review/").text

    assert f"/review/{filled['example.org']}" in mine
    assert f"/review/{filled['example.com']}" in theirs  # the second best comes next for the first
    assert f"/review/{filled['example.org']}" in client.get("/review/").text


def test_a_decision_somebody_else_made_meanwhile_is_said_and_the_next_is_shown(
    client: FlaskClient, filled: dict[str, int]
) -> None:
    key = filled["example.org"]
    client.post(f"/prospects/{key}/decision", data={"do": "approved"})

    answer = client.post(f"/review/{key}", data={"do": "rejected"})

    assert answer.status_code == 303
    assert "approved already" in client.get("/review/").text


def test_a_viewer_looks_but_decides_nothing(
    client_as: Callable[[Role], FlaskClient], filled: dict[str, int]
) -> None:
    viewer = client_as(Role.VIEWER)

    assert viewer.get("/prospects/").status_code == 200
    assert viewer.get("/review/").status_code == 403
    url = f"/prospects/{filled['example.org']}/decision"
    assert viewer.post(url, data={"do": "approved"}).status_code == 403


def test_another_workspaces_prospects_are_not_found(
    client: FlaskClient, database: Database
) -> None:
    other = make_workspace(database)
    with database.writing(other) as session:
        foreign = make_prospect(session).key

    assert client.get(f"/prospects/{foreign}").status_code == 404
    assert client.post(f"/prospects/{foreign}/decision", data={"do": "approved"}).status_code == 404
    assert client.post(f"/review/{foreign}", data={"do": "approved"}).status_code == 404
    client.post("/prospects/decisions", data={"pick": [foreign], "do": "approved"})
    with database.reading(other) as session:
        assert session.exec(select(Prospect.review)).one() is Review.NEW
    assert make_member(database, other, Role.VIEWER).workspace_id == other.workspace_id
