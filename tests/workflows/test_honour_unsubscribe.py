"""Unsubscribing silences a person everywhere, at once, for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.activity.queries import timeline_of
from outreach.campaigns.queries import get_opportunity
from outreach.campaigns.words import Stage
from outreach.core.db import Database, Scope
from outreach.core.errors import NotFound
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState
from outreach.sequences.models import Enrollment, Sequence
from outreach.sequences.words import StopCause
from outreach.suppression.models import ContactTouch
from outreach.suppression.queries import find_suppression
from outreach.suppression.rules import TouchEntry, person_key
from outreach.suppression.services import issue_unsubscribe_token, note_touch
from outreach.suppression.words import SuppressionReason, TouchOutcome
from outreach.workflows.honour_unsubscribe import honour_unsubscribe, silence_person
from tests import factories
from tests.factories_campaigns import (
    KEY,
    NOW,
    address,
    make_contact,
    make_opportunity,
    make_outbox_message,
)

MIA = "mia@firm.example"
PERSON = person_key(KEY, address(MIA))


def pitch(database: Database, scope: Scope, *, stage: Stage = Stage.PITCHED) -> tuple[int, int]:
    """Have a workspace in the middle of pitching Mia; return the contact and the opportunity."""
    with database.writing(scope) as session:
        contact = make_contact(session, MIA)
        opportunity = make_opportunity(session, contact_id=contact.key, stage=stage)
        mail = make_outbox_message(session, contact)
        sequence = Sequence(name="Three steps")
        factories.add(session, sequence)
        session.add(
            Enrollment(
                sequence_id=sequence.key, opportunity_id=opportunity.key, contact_id=contact.key,
                mailbox_id=mail.mailbox_id, domain="firm.example", due_at=NOW + timedelta(days=3),
            )
        )  # fmt: skip
        source = f"outbox:{mail.key}"
        note_touch(session, TouchEntry(source, NOW, PERSON, "firm.example", TouchOutcome.AWAITING),
                   now=NOW)  # fmt: skip
        return contact.key, opportunity.key


def issue(database: Database, scope: Scope) -> str:
    with database.writing(scope) as session:
        return issue_unsubscribe_token(session, PERSON, "firm.example")


def test_one_click_stops_every_workspace_and_empties_every_queue(
    database: Database, scope: Scope
) -> None:
    other = factories.make_workspace(database)
    pitches = [(whose, *pitch(database, whose)) for whose in (scope, other)]

    honour_unsubscribe(database, issue(database, scope), now=NOW)

    with database.system() as session:
        enrollments = session.exec(select(Enrollment)).all()
        assert {row.stopped_because for row in enrollments} == {StopCause.UNSUBSCRIBED}
        states = session.exec(select(OutboxMessage.state)).all()
        assert set(states) == {OutboxState.CANCELLED}
        outcomes = session.exec(select(ContactTouch.outcome)).all()
        assert set(outcomes) == {TouchOutcome.DECLINED}
        found = find_suppression(session, person_key=PERSON, domain="")
        assert found is not None
        assert found.reason is SuppressionReason.UNSUBSCRIBED
    for whose, contact_id, opportunity_id in pitches:
        with database.reading(whose) as session:
            assert get_opportunity(session, opportunity_id).stage is Stage.DECLINED
            told = [line.verb for line in timeline_of(session, "contact", contact_id)]
            assert told.count("unsubscribed") == 1


def test_a_second_click_changes_nothing(database: Database, scope: Scope) -> None:
    contact_id, opportunity_id = pitch(database, scope)
    token = issue(database, scope)
    honour_unsubscribe(database, token, now=NOW)

    honour_unsubscribe(database, token, now=NOW + timedelta(days=1))

    with database.reading(scope) as session:
        told = [line.verb for line in timeline_of(session, "contact", contact_id)]
        moves = [line.verb for line in timeline_of(session, "opportunity", opportunity_id)]
    assert told.count("unsubscribed") == 1
    assert moves.count("moved") == 1


def test_an_opportunity_nobody_was_written_to_for_keeps_its_stage(
    database: Database, scope: Scope
) -> None:
    _contact_id, opportunity_id = pitch(database, scope, stage=Stage.READY)

    silence_person(database, PERSON, SuppressionReason.COMPLAINED, now=NOW)

    with database.reading(scope) as session:
        assert get_opportunity(session, opportunity_id).stage is Stage.READY
        (line,) = timeline_of(session, "opportunity", opportunity_id)
    assert "reported our mail as spam" in line.sentence


def test_a_won_link_stays_won(database: Database, scope: Scope) -> None:
    _contact_id, opportunity_id = pitch(database, scope, stage=Stage.WON)

    silence_person(database, PERSON, SuppressionReason.UNSUBSCRIBED, now=NOW)

    with database.reading(scope) as session:
        assert get_opportunity(session, opportunity_id).stage is Stage.WON


def test_a_link_we_never_issued_silences_nobody(database: Database, scope: Scope) -> None:
    pitch(database, scope)

    with pytest.raises(NotFound):
        honour_unsubscribe(database, "x" * 43, now=NOW)

    with database.reading(scope) as session:
        assert find_suppression(session, person_key=PERSON, domain="") is None
