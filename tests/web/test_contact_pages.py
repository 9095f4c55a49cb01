"""The pages of contacts: add, change, merge, export, erase, offers."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from outreach.accounts.words import Role
from outreach.contacts.queries import get_contact, get_offer
from outreach.contacts.services import (
    FoundAddressEntry,
    merge_contacts,
    offer_found_addresses,
)
from outreach.contacts.words import ContactKind, Deliverability
from outreach.core.db import Database, Scope
from outreach.desk.contact_facts import facts_of
from outreach.imports.rows import RowKind
from outreach.suppression.services import suppress_address
from outreach.suppression.words import SuppressionReason
from tests import factories
from tests.factories_campaigns import (
    KEY,
    NOW,
    address,
    make_contact,
    make_opportunity,
    make_outbox_message,
)
from tests.factories_imports import import_text
from tests.web.conftest import TEST_KEY

TYPED = {
    "kind": "journalist",
    "name": "Mia Hart",
    "address": "mia@outlet.example",
    "site": "https://www.outlet.example/team",
    "outlet": "The Outlet",
    "beat": "soil",
    "source_url": "https://outlet.example/team",
    "found_on": "2026-11-02",
    "lawful_basis": "published_for_purpose",
    "country": "gb",
    "time_zone": "Europe/London",
}


def contact_of(database: Database, scope: Scope, url: str) -> tuple[int, str]:
    contact_id = int(url.rsplit("/", 1)[1])
    with database.reading(scope) as session:
        return contact_id, get_contact(session, contact_id).name


def test_a_contact_is_added_with_its_site_and_source(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    answer = client.post("/contacts/", data=TYPED)

    assert answer.status_code == 303
    contact_id, _name = contact_of(database, scope, answer.location)
    with database.reading(scope) as session:
        contact = get_contact(session, contact_id)
    assert (contact.kind, contact.country) == (ContactKind.JOURNALIST, "GB")
    assert contact.site_id is not None
    assert contact.found_at is not None
    assert contact.found_at.date().isoformat() == "2026-11-02"
    page = client.get(answer.location).text
    for shown in ("Mia Hart", "outlet.example", "The Outlet", "2 Nov 2026", "Added Mia Hart."):
        assert shown in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "mia at outlet"}, "not an e-mail address"),
        ({"site": "no site"}, "not a domain"),
        ({"source_url": ""}, "Say where the address was found"),
        ({"time_zone": "London"}, "not a time zone"),
        ({"address": "noreply@outlet.example"}, "nobody may be pitched"),
        ({"name": "", "address": ""}, "Give a name or an address"),
    ],
)
def test_a_wrong_contact_gets_a_sentence_and_keeps_what_was_typed(
    client: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    answer = client.post("/contacts/", data=TYPED | wrong)

    assert answer.status_code == 422
    assert said in answer.text
    assert "soil" in answer.text


def test_a_known_address_is_refused_with_a_way_to_its_contact(client: FlaskClient) -> None:
    first = client.post("/contacts/", data=TYPED)

    answer = client.post("/contacts/", data=TYPED | {"name": "Someone else"})

    assert answer.status_code == 422
    assert "Mia Hart has this address already" in answer.text
    assert f'href="{first.location}"' in answer.text


def test_a_contact_is_changed(client: FlaskClient, database: Database, scope: Scope) -> None:
    url = client.post("/contacts/", data=TYPED).location
    assert 'value="outlet.example"' in client.get(f"{url}/edit").text

    answer = client.post(url, data=TYPED | {"name": "Mia Hart-Lowe", "site": ""})

    assert answer.status_code == 303
    assert contact_of(database, scope, url)[1] == "Mia Hart-Lowe"


def test_two_contacts_are_merged_line_by_line(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        kept = make_contact(session, "mia@firm.example", role="Editor")
        gone = make_contact(session, "m.hart@firm.example", role="Head of content")
    url = f"/contacts/{kept.key}/merge/{gone.key}"
    page = client.get(url).text
    assert "Editor" in page
    assert "Head of content" in page
    choices = dict.fromkeys(
        ("name", "address", "kind", "outlet", "beat", "country", "time_zone", "language",
         "lawful_basis", "source_url"), "kept",
    )  # fmt: skip

    answer = client.post(url, data=choices | {"role": "gone"})

    assert answer.status_code == 303
    with database.reading(scope) as session:
        assert get_contact(session, kept.key).role == "Head of content"
    assert client.get(f"/contacts/{gone.key}").location == f"/contacts/{kept.key}"


def test_a_merge_without_choices_changes_nothing(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        kept, gone = make_contact(session), make_contact(session)

    answer = client.post(f"/contacts/{kept.key}/merge/{gone.key}", data={"name": "both"})

    assert answer.status_code == 422
    with database.reading(scope) as session:
        assert get_contact(session, gone.key).is_current


def test_deliverability_is_marked_and_unmarked(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        contact_id = make_contact(session, "mia@firm.example").key
    url = f"/contacts/{contact_id}/deliverability"

    client.post(url, data={"because": "She has left."})
    assert "Mail does not arrive: She has left." in client.get(f"/contacts/{contact_id}").text
    client.post(url)

    with database.reading(scope) as session:
        assert get_contact(session, contact_id).deliverability is Deliverability.DELIVERABLE


def test_the_list_is_searched_and_says_who_is_suppressed(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        make_contact(session, "mia@firm.example")
        make_contact(session, "ben@firm.example", name="Ben Ray")
        suppress_address(
            session, address("mia@firm.example"), SuppressionReason.ASKED, key=KEY, now=NOW
        )

    page = client.get("/contacts/?search=mia").text

    assert "Mia Hart" in page
    assert "never written to: asked" in page
    assert "Ben Ray" not in page
    assert "Nobody fits" in client.get("/contacts/?search=nobody&kind=wrong").text


def test_a_long_list_has_a_next_page(client: FlaskClient, database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        for number in range(51):
            make_contact(session, name=f"Person {number:02}")

    page = client.get("/contacts/").text

    assert "Person 49" in page
    assert "Person 50" not in page
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Person 50" in client.get(following.replace("&amp;", "&")).text


def test_the_export_is_a_file_of_everything_held(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        contact = make_contact(session, "mia@firm.example", notes="Likes data.")
        make_outbox_message(session, contact, body_text="Our pitch")

    answer = client.get(f"/contacts/{contact.key}/export.json")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    held = json.loads(answer.text)
    assert held["contacts"][0]["notes"] == "Likes data."
    assert "Our pitch" in answer.text


def test_erasing_asks_for_the_word_and_is_for_managers(
    client_as: Callable[[Role], FlaskClient], database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        contact_id = make_contact(session, "mia@firm.example").key
    url = f"/contacts/{contact_id}/erasure"

    member, manager = client_as(Role.MEMBER), client_as(Role.MANAGER)
    assert member.post(url, data={"confirmation": "erase"}).status_code == 403
    assert "cannot be undone" in manager.get(url).text
    assert manager.post(url, data={"confirmation": "yes"}).status_code == 422
    assert manager.post(url, data={"confirmation": "Erase"}).status_code == 303

    with database.reading(scope) as session:
        assert get_contact(session, contact_id).erased_at is not None
    page = manager.get(f"/contacts/{contact_id}").text
    assert "Erased person" in page
    assert "mia@firm.example" not in page


def test_found_addresses_are_accepted_dismissed_and_offered_again(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        site = factories.make_site(session)
        entries = [
            FoundAddressEntry(address(text), "https://firm.example/team")
            for text in ("mia@firm.example", "old@firm.example")
        ]
        offer_found_addresses(session, site.key, entries, now=NOW)

    assert client.post("/contacts/offers/1/acceptance", data={"name": "Mia"}).status_code == 303
    assert client.post("/contacts/offers/2/dismissal").status_code == 303
    with database.reading(scope) as session:
        assert get_offer(session, 1).is_accepted
        assert get_offer(session, 2).decided_at is not None
        assert get_contact(session, 1).name == "Mia"

    client.post("/contacts/offers/2/dismissal/undo")
    with database.reading(scope) as session:
        assert get_offer(session, 2).decided_at is None


def test_an_offer_somebody_has_already_leads_to_them(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        site = factories.make_site(session)
        entry = FoundAddressEntry(address("mia@firm.example"), "https://firm.example/team")
        offer_found_addresses(session, site.key, [entry], now=NOW)
        known = make_contact(session, "mia@firm.example")

    answer = client.post("/contacts/offers/1/acceptance")

    assert answer.location == f"/contacts/{known.key}"


def test_a_contacts_page_shows_pitches_and_possible_duplicates(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        site = factories.make_site(session)
        contact = make_contact(session, "mia@firm.example", site_id=site.key)
        twin = make_contact(session, "m.hart@firm.example", site_id=site.key)
        opportunity = make_opportunity(session, contact_id=contact.key)

    page = client.get(f"/contacts/{contact.key}").text

    assert f"/opportunities/{opportunity.key}" in page
    assert f"/contacts/{contact.key}/merge/{twin.key}" in page


def test_a_viewer_sees_no_button_that_would_be_refused(
    client_as: Callable[[Role], FlaskClient], database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        contact_id = make_contact(session, "mia@firm.example").key

    page = client_as(Role.VIEWER).get(f"/contacts/{contact_id}").text

    assert "Mia Hart" in page
    assert "Mark as undeliverable" not in page
    assert "Erase this person" not in page


def test_the_installations_key_is_used_for_people(client: FlaskClient, database: Database,
                                                  scope: Scope) -> None:  # fmt: skip
    url = client.post("/contacts/", data=TYPED).location
    with database.writing(scope) as session:
        suppress_address(
            session, address("mia@outlet.example"), SuppressionReason.ASKED, key=TEST_KEY, now=NOW
        )

    assert "Nobody here writes to them: asked." in client.get(url).text


def test_twins_are_shown_side_by_side_merged_and_parted_from_the_toast(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        one = make_contact(session, "mia@firm.example", outlet="The Paper")
        other = make_contact(session, "m.hart@firm.example", name="M. Hart", outlet="The Paper")

    page = client.get("/contacts/duplicates").text
    assert "Mia Hart and M. Hart" in page
    assert f"/contacts/{one.key}/merge/{other.key}" in page

    client.post(f"/contacts/{one.key}/merge/{other.key}", data={"role": "kept"})
    assert "Nobody twice" in client.get("/contacts/duplicates").text
    shown = client.get(f"/contacts/{one.key}").text
    assert "Part the last merge" in shown

    client.post("/contacts/merges/1/undo")
    assert "Mia Hart and M. Hart" in client.get("/contacts/duplicates").text
    client.post(f"/contacts/{one.key}/distinctions/{other.key}")
    assert "Nobody twice" in client.get("/contacts/duplicates").text
    client.post(f"/contacts/{one.key}/distinctions/{other.key}/undo")
    assert "Mia Hart and M. Hart" in client.get("/contacts/duplicates").text


def test_the_filter_is_said_in_words_and_each_part_can_be_taken_away(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        make_contact(session, "mia@firm.example", outlet="The Paper", country="GB")

    sent = client.get("/contacts/?kind=&outlet=paper&country=gb&search=")
    assert sent.location == "/contacts/?country=GB&outlet=paper"
    page = client.get(sent.location).text

    assert "Mia Hart" in page
    assert "Remove the filter: outlet has “paper”" in page
    assert 'href="/contacts/?outlet=paper" title="Remove this filter"' in page
    assert 'value="paper"' in client.get("/contacts/filter?outlet=paper").text
    nobody = client.get("/contacts/?outlet=paper&untouched=yes&kind=journalist").text
    assert "Without “kind is journalist”" in nobody


def test_a_heading_sorts_the_list_and_turns_it(client: FlaskClient, database: Database,
                                               scope: Scope) -> None:  # fmt: skip
    with database.writing(scope) as session:
        make_contact(session, name="Ann", outlet="Zebra")
        make_contact(session, name="Bo", outlet="Apple")

    page = client.get("/contacts/?sort=outlet").text

    assert page.index(">Bo<") < page.index(">Ann<")
    assert 'aria-sort="ascending"><a href="/contacts/?sort=outlet&amp;dir=reversed"' in page


def test_an_address_of_a_merged_contact_is_refused_with_a_sentence(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        kept = make_contact(session, "mia@outlet.example")
        gone = make_contact(session, "m.hart@outlet.example")
        third = make_contact(session, "ann@outlet.example", name="Ann")
        merge_contacts(session, kept, gone, key=KEY, now=NOW)

    typed = TYPED | {"address": "m.hart@outlet.example"}
    answer = client.post(f"/contacts/{kept.key}", data=typed)
    assert answer.status_code == 422
    assert "who was merged into this contact" in answer.text
    answer = client.post(f"/contacts/{third.key}", data=typed)
    assert answer.status_code == 422
    assert f'href="/contacts/{kept.key}"' in answer.text


def test_each_fact_is_shown_with_where_it_came_from(
    client: FlaskClient, database: Database, scope: Scope, tmp_path: Path
) -> None:
    head = "Name,Email,Outlet,Title,Phone\n"
    for name, row in (("media.csv", "Mia Hart,mia@paper.example,The Paper,Editor,\n"),
                      ("later.csv", "Mia Hart,mia@paper.example,,,+44 1\n")):  # fmt: skip
        import_text(database, scope, tmp_path, head + row, kind=RowKind.PERSON, name=name)
    with database.writing(scope) as session:
        contact = get_contact(session, 1)
        contact.role = "Features editor"
        contact.source_url, contact.found_at = "https://paper.example/team", NOW

    with database.reading(scope) as session:
        contact = get_contact(session, 1)
        facts = facts_of(session, contact, "paper.example", [])

    said = {fact.label: fact.source.text for fact in facts}
    assert said == {
        "Name": "media.csv, line 2", "Site": "media.csv, line 2", "Outlet": "media.csv, line 2",
        "Phone": "later.csv, line 2", "Role": "added here", "Address": "paper.example/team",
    }  # fmt: skip
    assert "later.csv, line 2" in client.get("/contacts/1").text


def test_the_pages_of_twins_lead_on_and_back(
    client: FlaskClient, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        for number in range(50):
            for name in ("ann", "a.lee"):
                make_contact(session, f"{name}@paper{number}.example", name="Ann Lee",
                             outlet=f"Paper {number:02}")  # fmt: skip

    def link(page: str, rel: str) -> str:
        before = page.partition(f'rel="{rel}"')[0]
        return unescape(before.rpartition('href="')[2].partition('"')[0])

    first = client.get("/contacts/duplicates").text
    second = client.get(link(first, "next")).text
    third = client.get(link(second, "next")).text

    assert 'rel="prev"' not in first
    assert link(second, "prev") == "/contacts/duplicates"
    assert client.get(link(third, "prev")).text.count("Choose and merge") == 20
    assert third.count("Choose and merge") == 10
    assert 'rel="next"' not in third
