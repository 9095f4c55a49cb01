"""Keeping contacts: duplicates, merging, offers, marks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from outreach.contacts import queries, services
from outreach.contacts.list_pages import contact_page
from outreach.contacts.listing import ContactFilter
from outreach.contacts.models import Contact
from outreach.contacts.rules import ContactDetails
from outreach.contacts.services import FoundAddressEntry, KnownAddress
from outreach.contacts.tagging import add_tags
from outreach.contacts.words import ContactKind, Deliverability
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.core.paging import encode_cursor
from outreach.suppression.rules import TouchEntry, person_key
from outreach.suppression.services import add_touches
from outreach.tags.services import ensure_tag
from tests import factories
from tests.factories_campaigns import KEY, NOW, address, details, make_contact

MIA = "Mia.Hart@firm.example"


def test_a_contact_is_kept_with_its_source_and_keys(session: Session) -> None:
    contact = make_contact(session, MIA)

    assert contact.address == MIA
    assert contact.address_key == "mia.hart@firm.example"
    assert contact.person_key == person_key(KEY, address(MIA))
    assert (contact.first_name, contact.name_order) == ("Mia", "mia hart")
    assert (contact.source_url, contact.found_at) == ("https://blog.example/about", NOW)


def test_an_address_belongs_to_one_contact_and_the_refusal_leads_there(session: Session) -> None:
    known = make_contact(session, MIA)

    with pytest.raises(KnownAddress, match="Mia Hart has this address already") as refusal:
        make_contact(session, "mia.hart@FIRM.example", name="Another Mia")

    assert refusal.value.contact_id == known.key


def test_two_workspaces_may_know_the_same_person(database: Database, scope: Scope) -> None:
    other = factories.make_workspace(database)
    for whose in (scope, other):
        with database.writing(whose) as session:
            make_contact(session, MIA)

    with database.system() as session:
        found = queries.contacts_of_person(session, person_key(KEY, address(MIA)))

    assert len({contact.workspace_id for contact in found}) == 2


def test_wrong_details_are_refused_in_words(session: Session) -> None:
    with pytest.raises(Invalid, match="Give a name or an address"):
        services.add_contact(session, ContactDetails(), key=KEY, now=NOW)


def test_editing_keeps_the_mark_of_an_address_and_a_new_address_starts_clean(
    session: Session,
) -> None:
    contact = make_contact(session, MIA)
    services.mark_undeliverable(session, contact, "550 5.1.1 no such user", now=NOW)

    services.edit_contact(session, contact, details(MIA, role="Editor"), key=KEY, now=NOW)
    assert contact.deliverability == "undeliverable"
    assert not contact.is_reachable

    moved = details("mia@elsewhere.example")
    services.edit_contact(session, contact, moved, key=KEY, now=NOW)
    assert contact.deliverability == "unknown"
    assert contact.undeliverable_because == ""
    assert contact.is_reachable


def test_an_edit_may_not_take_somebodys_address(session: Session) -> None:
    make_contact(session, MIA)
    other = make_contact(session, "ben@firm.example")

    with pytest.raises(KnownAddress):
        services.edit_contact(session, other, details(MIA), key=KEY, now=NOW)


def test_an_answer_clears_the_mark(session: Session) -> None:
    contact = make_contact(session, MIA)
    services.mark_undeliverable(session, contact, "550", now=NOW)

    services.mark_deliverable(session, contact)

    assert contact.deliverability is Deliverability.DELIVERABLE
    assert contact.undeliverable_because == ""


def test_merging_keeps_one_and_both_addresses_lead_to_it(session: Session) -> None:
    kept = make_contact(session, MIA, country="GB")
    gone = make_contact(session, "mia@private.example", role="Editor")

    services.merge_contacts(session, kept, gone, key=KEY, now=NOW)

    assert (kept.role, kept.country, kept.address) == ("Editor", "GB", MIA)
    assert not gone.is_current
    found = queries.find_contact_by_address(session, "mia@private.example")
    assert found is kept
    assert [line.id for line in contact_page(session, ContactFilter()).rows] == [kept.id]
    assert [contact.id for contact in queries.merged_into(session, kept.key)] == [gone.id]


def test_merging_may_keep_the_other_address_with_its_mark(session: Session) -> None:
    kept = make_contact(session, MIA)
    gone = make_contact(session, "mia@private.example")
    services.mark_undeliverable(session, kept, "550", now=NOW)
    choice = details("mia@private.example", name="Mia Hart")

    services.merge_contacts(session, kept, gone, choice=choice, key=KEY, now=NOW)

    assert kept.address == "mia@private.example"
    assert kept.deliverability is Deliverability.UNKNOWN
    assert gone.address == MIA
    assert gone.deliverability is Deliverability.UNDELIVERABLE


def test_a_chain_of_merges_leads_to_the_last_one(session: Session) -> None:
    first, second, third = (make_contact(session, f"mia{n}@firm.example") for n in range(3))
    services.merge_contacts(session, second, first, key=KEY, now=NOW)
    services.merge_contacts(session, third, second, key=KEY, now=NOW)

    assert queries.find_contact_by_address(session, "mia0@firm.example") is third


def test_nobody_is_merged_twice_or_into_themselves(session: Session) -> None:
    kept, gone = make_contact(session), make_contact(session)
    with pytest.raises(Conflict, match="two different"):
        services.merge_contacts(session, kept, kept, key=KEY, now=NOW)
    services.merge_contacts(session, kept, gone, key=KEY, now=NOW)

    with pytest.raises(Conflict, match="merged into another"):
        services.merge_contacts(session, kept, gone, key=KEY, now=NOW)
    with pytest.raises(Conflict, match="merged into another"):
        services.edit_contact(session, gone, details(), key=KEY, now=NOW)


def test_namesakes_at_a_site_and_spellings_of_an_address_may_be_duplicates(
    session: Session,
) -> None:
    site = factories.make_site(session)
    contact = make_contact(session, "mia+pr@firm.example", site_id=site.key)
    namesake = make_contact(session, "m.hart@firm.example", site_id=site.key)
    spelling = make_contact(session, "mia@firm.example", name="M. H.")
    make_contact(session, "mia@other.example")

    found = queries.possible_duplicates(session, contact)

    assert {duplicate.id for duplicate in found} == {namesake.id, spelling.id}


def test_a_nameless_contact_without_address_has_no_duplicates(session: Session) -> None:
    assert queries.possible_duplicates(session, Contact(id=1)) == []


def test_found_addresses_are_offered_once_and_never_added(session: Session) -> None:
    site = factories.make_site(session)
    make_contact(session, MIA)
    entries = [
        FoundAddressEntry(address(text), "https://firm.example/team", "Write to us")
        for text in ("ben@firm.example", "BEN@firm.example", MIA, "noreply@firm.example")
    ]

    assert services.offer_found_addresses(session, site.key, entries, now=NOW) == 1
    assert services.offer_found_addresses(session, site.key, entries, now=NOW) == 0
    (offer,) = queries.offers_of_site(session, site.key)
    assert offer.address_key == "ben@firm.example"
    assert queries.contacts_of_site(session, site.key) == []


def test_an_accepted_offer_becomes_a_contact_with_its_source(session: Session) -> None:
    site = factories.make_site(session)
    entry = FoundAddressEntry(address("press@firm.example"), "https://firm.example/team", "Press:")
    services.offer_found_addresses(session, site.key, [entry], now=NOW)
    (offer,) = queries.offers_of_site(session, site.key)

    contact = services.accept_offer(session, offer, key=KEY, now=NOW)

    assert contact.kind is ContactKind.ROLE_ADDRESS
    assert (contact.source_url, contact.source_snippet) == ("https://firm.example/team", "Press:")
    assert queries.offers_of_site(session, site.key) == []
    assert queries.sites_with_contact(session, [site.key]) == {site.key}


def test_a_dismissed_offer_is_not_offered_again_unless_reopened(session: Session) -> None:
    site = factories.make_site(session)
    entry = FoundAddressEntry(address("press@firm.example"), "https://firm.example/team")
    services.offer_found_addresses(session, site.key, [entry], now=NOW)
    (offer,) = queries.offers_of_site(session, site.key)

    services.dismiss_offer(session, offer, now=NOW)
    services.offer_found_addresses(session, site.key, [entry], now=NOW)
    assert queries.offers_of_site(session, site.key) == []

    services.reopen_offer(session, offer)
    assert len(queries.offers_of_site(session, site.key)) == 1


def test_a_site_lists_whom_to_write_to_first(session: Session) -> None:
    site = factories.make_site(session)
    role = make_contact(session, "info@firm.example", name="", site_id=site.key)
    bounced = make_contact(session, "old@firm.example", site_id=site.key)
    services.mark_undeliverable(session, bounced, "550", now=NOW)
    person = make_contact(session, "mia@firm.example", site_id=site.key)

    found = queries.contacts_of_site(session, site.key)

    assert [contact.id for contact in found] == [person.id, role.id, bounced.id]
    by_site = queries.contacts_of_sites(session, [site.key])
    assert [contact.id for contact in by_site[site.key]] == [person.id, role.id, bounced.id]


def test_a_site_whose_only_contact_bounced_has_no_contact(session: Session) -> None:
    site = factories.make_site(session)
    contact = make_contact(session, MIA, site_id=site.key)
    services.mark_undeliverable(session, contact, "550", now=NOW)

    assert queries.sites_with_contact(session, [site.key]) == set()


def test_the_list_pages_by_name_without_gaps(session: Session) -> None:
    names = ["Ada", "ben", "Carl", "ben", "Zoë"]
    for name in names:
        make_contact(session, name=name)

    first = contact_page(session, ContactFilter(), limit=2)
    assert first.next_cursor is not None
    second = contact_page(session, ContactFilter(), cursor=first.next_cursor, limit=2)
    assert second.next_cursor is not None
    third = contact_page(session, ContactFilter(), cursor=second.next_cursor, limit=2)

    shown = [line.name for page in (first, second, third) for line in page.rows]
    assert shown == ["Ada", "ben", "ben", "Carl", "Zoë"]
    assert third.next_cursor is None


@pytest.mark.parametrize(
    "wanted",
    [
        ContactFilter(search="MIA.H"),
        ContactFilter(search="daily"),
        ContactFilter(search="paper.ex"),
        ContactFilter(kind=ContactKind.JOURNALIST),
        ContactFilter(deliverability=Deliverability.UNDELIVERABLE),
    ],
)
def test_the_list_is_narrowed(session: Session, wanted: ContactFilter) -> None:
    site = factories.make_site(session, "paper.example")
    journalist = make_contact(
        session, MIA, kind=ContactKind.JOURNALIST, outlet="The Daily", site_id=site.key
    )
    services.mark_undeliverable(session, journalist, "550", now=NOW)
    make_contact(session, "ben@firm.example", name="Ben")

    (line,) = contact_page(session, wanted).rows

    assert line.id == journalist.id
    assert line.domain == "paper.example"


def test_nothing_of_another_workspace_is_found(database: Database, scope: Scope) -> None:
    other = factories.make_workspace(database)
    with database.writing(other) as session:
        contact = make_contact(session, MIA)
        site = factories.make_site(session)
        entry = FoundAddressEntry(address("a@firm.example"), "https://firm.example/")
        services.offer_found_addresses(session, site.key, [entry], now=NOW)
        (offer,) = queries.offers_of_site(session, site.key)

    with database.reading(scope) as session:
        with pytest.raises(NotFound):
            queries.get_contact(session, contact.key)
        with pytest.raises(NotFound):
            queries.get_offer(session, offer.key)
        assert queries.find_contact_by_address(session, contact.address_key or "") is None
        assert queries.count_contacts(session) == 0


def test_pages_go_back_the_way_they_came(session: Session) -> None:
    for number in range(5):
        make_contact(session, name=f"Ann {number}")

    first = contact_page(session, ContactFilter(), limit=2)
    second = contact_page(session, ContactFilter(), cursor=first.next_cursor or "", limit=2)
    back = contact_page(
        session, ContactFilter(), cursor=second.previous_cursor or "", is_backwards=True, limit=2
    )

    assert first.previous_cursor is None
    assert back.rows == first.rows
    assert back.previous_cursor is None
    assert back.next_cursor == first.next_cursor


def test_the_list_is_narrowed_by_address_country_tag_and_touch(session: Session) -> None:
    tagged = make_contact(session, name="Ann")
    add_tags(session, [tagged.key], [ensure_tag(session, "Friend").key])
    bare = services.add_contact(session, details(name="Bo Ek", country="SE"), key=KEY, now=NOW)
    touch = TouchEntry("outbox:1", NOW, tagged.person_key, "firm.example")
    add_touches(session, [touch], now=NOW)

    def ids(**given: Any) -> list[int]:
        return [row.id for row in contact_page(session, ContactFilter(**given)).rows]

    assert ids(has_address=True) == ids(tag_id=ensure_tag(session, "Friend").key) == [tagged.key]
    assert ids(has_address=False) == ids(country="SE") == ids(is_untouched=True) == [bare.key]
    assert ids(search="ek") == [bare.key]  # before the index of words was built


def people(session: Session) -> list[int]:
    """Four contacts: two at an outlet, one written to twice, one never."""
    made = [
        make_contact(session, "ann@a.example", name="Ann", outlet="Zebra"),
        make_contact(session, "bo@b.example", name="Bo", outlet="apple", beat="Soil and food"),
        make_contact(session, "cy@c.example", name="Cy"),
        make_contact(session, "di@d.example", name="Di", outlet="Élan"),
    ]
    touches = [
        TouchEntry("outbox:1", NOW - timedelta(days=9), made[0].person_key, "a.example"),
        TouchEntry("outbox:2", NOW - timedelta(days=1), made[0].person_key, "a.example"),
        TouchEntry("outbox:3", NOW - timedelta(days=5), made[1].person_key, "b.example"),
    ]
    add_touches(session, touches, now=NOW)
    return [contact.key for contact in made]


@pytest.mark.parametrize(
    ("sort", "is_reversed", "order"),
    [
        ("name", False, "ABCD"),
        ("name", True, "DCBA"),
        ("outlet", False, "BDAC"),
        ("outlet", True, "ADBC"),
        ("newest", False, "DCBA"),
        ("newest", True, "ABCD"),
        ("written", False, "ABDC"),
        ("written", True, "BADC"),
    ],
)
def test_every_order_is_paged_both_ways(
    session: Session, sort: str, is_reversed: bool, order: str
) -> None:
    by_letter = dict(zip("ABCD", people(session), strict=True))
    wanted = ContactFilter(sort=sort, is_reversed=is_reversed)

    last = contact_page(session, wanted, limit=1)
    forward = [row.id for row in last.rows]
    while last.next_cursor:
        last = contact_page(session, wanted, cursor=last.next_cursor, limit=1)
        forward += [row.id for row in last.rows]
    backward = [row.id for row in last.rows]
    while last.previous_cursor:
        last = contact_page(
            session, wanted, cursor=last.previous_cursor, is_backwards=True, limit=1
        )
        backward += [row.id for row in last.rows]

    assert forward == [by_letter[letter] for letter in order]
    assert backward == forward[::-1]


def test_an_order_of_a_narrowed_list_is_the_same(session: Session) -> None:
    ann, bo, _, di = people(session)

    def ids(**given: Any) -> list[int]:
        return [row.id for row in contact_page(session, ContactFilter(**given)).rows]

    assert ids(has_address=True, sort="outlet")[:3] == [bo, di, ann]
    assert ids(has_address=True, sort="written")[:2] == [ann, bo]
    assert ids(beat="soil", sort="newest") == ids(outlet="appl") == [bo]


@pytest.mark.parametrize("cursor", ["x", "W10", encode_cursor(7, "", 1), encode_cursor(0, 1, 1)])
def test_a_damaged_page_link_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(Invalid):
        contact_page(session, ContactFilter(sort="written"), cursor=cursor)


def test_an_address_is_the_filter_and_back() -> None:
    wanted = ContactFilter(
        search="ann", kind=ContactKind.JOURNALIST, deliverability=Deliverability.RISKY,
        has_address=False, country="GB", beat="soil", outlet="Paper", site="a.example", tag_id=3,
        is_untouched=True, sort="written", is_reversed=True,
    )  # fmt: skip

    assert ContactFilter.from_arguments(wanted.to_arguments()) == wanted
    assert wanted.without("tag", "beat") == replace(wanted, tag_id=None, beat="")
    assert not ContactFilter(sort="newest").is_narrowed
