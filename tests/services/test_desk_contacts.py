"""A contact's page, a prospect's contact block, and the export of one person."""

from __future__ import annotations

import json
from datetime import timedelta

from outreach.contacts.queries import get_contact
from outreach.contacts.services import FoundAddressEntry, merge_contacts, offer_found_addresses
from outreach.core.db import Database, Scope, Session
from outreach.desk.contacts import contact_view, site_contacts
from outreach.desk.person import everything_about
from outreach.mail.words import OutboxState
from outreach.suppression.rules import TouchEntry, person_key
from outreach.suppression.services import note_touch, suppress_address
from outreach.suppression.words import SuppressionReason, TouchOutcome
from tests import factories
from tests.factories_campaigns import (
    KEY,
    NOW,
    address,
    make_approved,
    make_contact,
    make_opportunity,
    make_outbox_message,
)

MIA = "mia@firm.example"
PERSON = person_key(KEY, address(MIA))


def test_a_contacts_page_shows_all_that_concerns_them(session: Session) -> None:
    prospect = make_approved(session, domain="firm.example")
    contact = make_contact(session, MIA, site_id=prospect.site_id)
    twin = make_contact(session, "m.hart@firm.example", site_id=prospect.site_id)
    opportunity = make_opportunity(session, prospect=prospect, contact_id=contact.key)
    mail = make_outbox_message(session, contact)
    suppress_address(session, address(MIA), SuppressionReason.ASKED, key=KEY, now=NOW)
    entry = TouchEntry("outbox:1", NOW - timedelta(days=3), PERSON, "firm.example")
    note_touch(session, entry, now=NOW)

    view = contact_view(session, contact, now=NOW)

    assert (view.domain, view.prospect_id) == ("firm.example", prospect.key)
    assert [line.id for line in view.pitches] == [opportunity.key]
    assert [talk.id for talk in view.conversations] == [mail.conversation_id]
    assert [duplicate.id for duplicate in view.duplicates] == [twin.id]
    assert view.suppression is not None
    assert len(view.collisions) == 1
    assert [line.sentence for line in view.timeline] == ["Added this contact."]


def test_a_contact_without_a_site_or_address_has_a_page(session: Session) -> None:
    view = contact_view(session, make_contact(session), now=NOW)

    assert (view.domain, view.prospect_id, view.suppression) == ("", None, None)


def test_a_prospects_contact_block_lists_people_and_offers(session: Session) -> None:
    site = factories.make_site(session)
    contact = make_contact(session, MIA, site_id=site.key)
    suppress_address(session, address(MIA), SuppressionReason.ASKED, key=KEY, now=NOW)
    entry = FoundAddressEntry(address("press@firm.example"), "https://firm.example/team")
    offer_found_addresses(session, site.key, [entry], now=NOW)

    block = site_contacts(session, site.key)

    assert [row.id for row in block.contacts] == [contact.id]
    assert block.suppressed == {PERSON: SuppressionReason.ASKED}
    assert [offer.address for offer in block.offers] == ["press@firm.example"]


def test_an_export_holds_everything_of_the_person_and_nobody_elses(
    database: Database, scope: Scope
) -> None:
    other = factories.make_workspace(database)
    with database.writing(other) as session:
        foreign = make_contact(session, MIA, notes="Secret of another client")
        make_outbox_message(session, foreign, body_text="Another client's pitch")
        entry = TouchEntry("outbox:9", NOW, PERSON, "firm.example", TouchOutcome.AWAITING)
        note_touch(session, entry, now=NOW)
    with database.writing(scope) as session:
        site = factories.make_site(session, "firm.example")
        contact = make_contact(session, MIA, site_id=site.key, notes="Likes data.", country="GB")
        alias = make_contact(session, "m.hart@firm.example")
        make_opportunity(session, contact_id=contact.key, personal_words="I liked your list.")
        make_outbox_message(session, contact, body_text="Our pitch", state=OutboxState.SENT)
        merge_contacts(session, contact, alias, key=KEY, now=NOW)
        suppress_address(session, address(MIA), SuppressionReason.ASKED, key=KEY, now=NOW)

    with database.reading(scope) as session:
        held = everything_about(session, get_contact(session, alias.key), now=NOW)

    text = json.dumps(held)
    for expected in (MIA, "m.hart@firm.example", "Likes data.", "GB", "I liked your list.",
                     "Our pitch", "asked", "https://blog.example/about", "firm.example",
                     "another team, today, awaiting answer"):  # fmt: skip
        assert expected in text
    assert "another client" not in text.lower()
    assert PERSON not in text
