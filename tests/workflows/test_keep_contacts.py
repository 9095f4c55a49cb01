"""Contacts and the columns lists filter by; merging across packages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.contacts.queries import get_contact, offers_of_site
from outreach.contacts.services import FoundAddressEntry, KnownAddress, offer_found_addresses
from outreach.core.db import Database, Scope, Session
from outreach.mail.models import Conversation, OutboxMessage
from outreach.prospects.models import Prospect
from outreach.sequences.models import Enrollment, Sequence
from outreach.sequences.words import EnrollmentState
from outreach.workflows import keep_contacts
from outreach.workflows.merge_contacts import Merge, merge_contacts
from tests import factories
from tests.factories_campaigns import (
    KEY,
    NOW,
    address,
    details,
    make_contact,
    make_opportunity,
    make_outbox_message,
)

MIA = "mia@firm.example"


def make_prospect(database: Database, scope: Scope) -> Prospect:
    with database.writing(scope) as session:
        return factories.make_prospect(session)


def has_contact(database: Database, scope: Scope, prospect: Prospect) -> bool:
    with database.reading(scope) as session:
        statement = select(Prospect.has_contact).where(Prospect.id == prospect.id)
        return bool(session.exec(statement).one())


def test_a_prospect_knows_whether_anybody_can_be_reached(database: Database, scope: Scope) -> None:
    prospect, elsewhere = make_prospect(database, scope), make_prospect(database, scope)
    here = details(MIA, site_id=prospect.site_id)

    contact = keep_contacts.add_contact(database, scope, here, key=KEY, now=NOW)
    assert has_contact(database, scope, prospect)

    keep_contacts.set_reachable(database, scope, contact.key, because="550 gone", now=NOW)
    assert not has_contact(database, scope, prospect)

    keep_contacts.set_reachable(database, scope, contact.key, because="", now=NOW)
    assert has_contact(database, scope, prospect)

    there = details(MIA, site_id=elsewhere.site_id)
    keep_contacts.edit_contact(database, scope, contact.key, there, key=KEY, now=NOW)
    assert not has_contact(database, scope, prospect)
    assert has_contact(database, scope, elsewhere)


def test_an_accepted_offer_makes_the_prospect_reachable(database: Database, scope: Scope) -> None:
    prospect = make_prospect(database, scope)
    with database.writing(scope) as session:
        entry = FoundAddressEntry(address(MIA), "https://firm.example/team")
        offer_found_addresses(session, prospect.site_id, [entry], now=NOW)
        (offer,) = offers_of_site(session, prospect.site_id)

    contact = keep_contacts.accept_offer(
        database, scope, offer.key, name="Mia Hart", key=KEY, now=NOW
    )

    assert contact.name == "Mia Hart"
    assert has_contact(database, scope, prospect)


def test_a_refused_contact_leaves_nothing_behind(database: Database, scope: Scope) -> None:
    keep_contacts.add_contact(database, scope, details(MIA), key=KEY, now=NOW)
    prospect = make_prospect(database, scope)

    with pytest.raises(KnownAddress):
        keep_contacts.add_contact(
            database, scope, details(MIA, site_id=prospect.site_id), key=KEY, now=NOW
        )

    assert not has_contact(database, scope, prospect)


def _enroll(session: Session, opportunity_id: int, mail: OutboxMessage, contact_id: int) -> int:
    sequence = Sequence(name=f"Steps {opportunity_id}-{contact_id}")
    factories.add(session, sequence)
    enrollment = Enrollment(
        sequence_id=sequence.key, opportunity_id=opportunity_id, contact_id=contact_id,
        mailbox_id=mail.mailbox_id, domain="firm.example", due_at=NOW + timedelta(days=3),
    )  # fmt: skip
    factories.add(session, enrollment)
    return enrollment.key


def test_merging_brings_opportunities_mail_and_sequences_along(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        kept, gone = make_contact(session, MIA), make_contact(session, "m.hart@firm.example")
        opportunity = make_opportunity(session, contact_id=gone.key)
        mail = make_outbox_message(session, gone)
        enrollment_id = _enroll(session, opportunity.key, mail, gone.key)

    merge = Merge(kept.key, gone.key, details(MIA, role="Editor"))
    merge_contacts(database, scope, merge, key=KEY, now=NOW)

    with database.reading(scope) as session:
        session.add(opportunity)
        session.refresh(opportunity)
        assert opportunity.contact_id == kept.key
        assert session.get_one(OutboxMessage, mail.key).contact_id == kept.key
        assert session.get_one(Conversation, mail.conversation_id).contact_id == kept.key
        enrollment = session.get_one(Enrollment, enrollment_id)
        assert enrollment.contact_id == kept.key
        assert enrollment.state is EnrollmentState.ACTIVE
        assert get_contact(session, kept.key).role == "Editor"


def test_one_person_enrolled_twice_under_two_addresses_is_pitched_once(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        kept, gone = make_contact(session, MIA), make_contact(session, "m.hart@firm.example")
        opportunity = make_opportunity(session, contact_id=kept.key)
        mail = make_outbox_message(session, gone)
        stays = _enroll(session, opportunity.key, mail, kept.key)
        stops = _enroll(session, opportunity.key, mail, gone.key)

    merge = Merge(kept.key, gone.key, details(MIA))
    merge_contacts(database, scope, merge, key=KEY, now=NOW)

    with database.reading(scope) as session:
        assert session.get_one(Enrollment, stays).state is EnrollmentState.ACTIVE
        assert session.get_one(Enrollment, stops).state is EnrollmentState.STOPPED
