"""Suppressing at a person's word stops what is under way, everywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from outreach.core.db import Database, Scope
from outreach.core.errors import Invalid
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState
from outreach.sequences.models import Enrollment, Sequence
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.suppression.queries import find_suppression
from outreach.suppression.rules import SuppressionEntry, person_key
from outreach.suppression.words import SuppressionReason
from outreach.workflows.suppress import suppress
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


@pytest.fixture
def other(database: Database) -> Scope:
    """Another workspace that is in the middle of pitching Mia."""
    scope = factories.make_workspace(database)
    with database.writing(scope) as session:
        contact = make_contact(session, MIA)
        mail = make_outbox_message(session, contact, idempotency_key="enrollment:1:step:1")
        sequence = Sequence(name="Three steps")
        factories.add(session, sequence)
        session.add(
            Enrollment(
                sequence_id=sequence.key,
                opportunity_id=make_opportunity(session, contact_id=contact.key).key,
                contact_id=contact.key, mailbox_id=mail.mailbox_id,
                conversation_id=mail.conversation_id, domain="firm.example",
                due_at=NOW + timedelta(days=3),
            )
        )  # fmt: skip
    return scope


def under_way(database: Database, scope: Scope) -> tuple[Enrollment, OutboxMessage]:
    with database.reading(scope) as session:
        return session.exec(select(Enrollment)).one(), session.exec(select(OutboxMessage)).one()


def test_an_address_is_silenced_in_every_workspace(
    database: Database, scope: Scope, other: Scope
) -> None:
    reason = SuppressionReason.ASKED

    suppress(database, scope, SuppressionEntry(address(MIA)), reason, key=KEY, now=NOW)

    enrollment, mail = under_way(database, other)
    assert enrollment.stopped_because is StopCause.SUPPRESSED
    assert mail.state is OutboxState.CANCELLED


def test_a_domain_is_silenced_in_every_workspace(
    database: Database, scope: Scope, other: Scope
) -> None:
    entry = SuppressionEntry(domain="www.firm.example")
    suppress(database, scope, entry, SuppressionReason.MANUAL, key=KEY, now=NOW)

    enrollment, mail = under_way(database, other)
    assert enrollment.state is EnrollmentState.STOPPED
    assert mail.state is OutboxState.CANCELLED


def test_a_weaker_word_does_not_replace_what_they_asked_for(
    database: Database, scope: Scope
) -> None:
    for reason in (SuppressionReason.UNSUBSCRIBED, SuppressionReason.MANUAL):
        suppress(database, scope, SuppressionEntry(address(MIA)), reason, key=KEY, now=NOW)

    with database.reading(scope) as session:
        found = find_suppression(session, person_key=person_key(KEY, address(MIA)), domain="")
    assert found is not None
    assert found.reason is SuppressionReason.UNSUBSCRIBED


def test_a_shared_host_is_refused_and_nothing_is_stopped(
    database: Database, scope: Scope, other: Scope
) -> None:
    entry = SuppressionEntry(domain="gmail.com")

    with pytest.raises(Invalid, match="shared by millions"):
        suppress(database, scope, entry, SuppressionReason.MANUAL, key=KEY, now=NOW)

    assert under_way(database, other)[0].state is EnrollmentState.ACTIVE
