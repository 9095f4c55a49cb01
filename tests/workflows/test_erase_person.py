"""Erasing one person: nothing that names them is left in any table, and they stay suppressed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from outreach import registry
from outreach.activity.queries import timeline_of
from outreach.activity.services import Subject, record
from outreach.campaigns.words import Stage
from outreach.contacts.models import FoundContact
from outreach.contacts.queries import get_contact
from outreach.core.db import Database, Scope, Session
from outreach.core.errors import Conflict, NotFound
from outreach.imports.models import ImportFile, ImportRow
from outreach.imports.words import Verdict
from outreach.mail.models import InboundMessage, OutboxMessage
from outreach.mail.words import InboundKind, InboundState, OutboxState
from outreach.reminders.models import Reminder
from outreach.sequences.models import Enrollment, Sequence
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.suppression.queries import find_suppression
from outreach.suppression.rules import SuppressionEntry, person_key
from outreach.suppression.services import add_suppressions, suppress_address
from outreach.suppression.words import SuppressionReason
from outreach.workflows.erase_person import erase_person
from outreach.workflows.merge_contacts import Merge, merge_contacts
from tests import factories
from tests.factories_campaigns import (
    KEY,
    NOW,
    address,
    details,
    make_campaign,
    make_contact,
    make_opportunity,
    make_outbox_message,
)

MIA = "Mia.Hart@firm.example"
NAME = "Mia Hart"


def everything_stored(database: Database) -> str:
    """Every value of every table, as one folded text."""
    found: list[str] = []
    with database.system() as session:
        for table in registry.metadata.sorted_tables:
            for row in session.execute(sa.select(table)).all():
                found.extend(_shown(value) for value in row)
    return "\n".join(found).casefold()


def _shown(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def fill(session: Session, *, name: str = NAME) -> int:
    """Write a person into every place a person gets into; return their contact."""
    site = factories.make_site(session, f"firm{session.workspace_id}.example")
    contact = make_contact(
        session, MIA, name=name, site_id=site.key, notes=f"{name} prefers mornings.",
        source_snippet=f"Write to {name} at {MIA}",
    )  # fmt: skip
    colleague = make_contact(session, "ben@firm.example", name="Ben Ray", notes=f"Knows {name}.")
    opportunity = make_opportunity(
        session, contact_id=contact.key, stage=Stage.PITCHED,
        personal_words=f"Dear {name}, I liked your list.",
    )  # fmt: skip
    make_opportunity(session, contact_id=colleague.key, personal_words=f"As {name} told you,")
    sent = make_outbox_message(session, contact, state=OutboxState.SENT, sent_at=NOW)
    waiting = make_outbox_message(session, contact)
    _reply(session, sent, MIA, name)
    other = make_outbox_message(session, colleague, state=OutboxState.SENT, sent_at=NOW)
    _reply(session, other, "ben@firm.example", f"Ask {name} <{MIA}>")
    session.add(FoundContact(site_id=site.key, address=MIA, address_key=MIA.lower(), found_at=NOW,
                             source_url="https://firm.example/team", snippet=name))  # fmt: skip
    session.add(Reminder(text=f"Call {name.upper()} back", due_at=NOW))
    file = ImportFile(filename="list.csv", sha256="0" * 64, size_bytes=1, layout="contacts")
    factories.add(session, file)
    session.add(ImportRow(import_file_id=file.key, line_number=3, verdict=Verdict.REFUSED,
                          raw=f"{name};{MIA}", before={"was": [name]}))  # fmt: skip
    details_of_line: dict[str, object] = {"to": MIA}
    record(session, "sent", Subject("opportunity", opportunity.key), f"Wrote to {MIA}: hello",
           now=NOW, details=details_of_line)  # fmt: skip
    _enroll(session, opportunity.key, contact.key, waiting)
    return contact.key


def _reply(session: Session, to: OutboxMessage, sender: str, text: str) -> None:
    raw = f"From: {sender}\r\n\r\n{text}".encode()
    factories.add(
        session,
        InboundMessage(
            mailbox_id=to.mailbox_id, folder="INBOX", uidvalidity=1, uid=to.key, sha256="1" * 64,
            raw=raw, from_address=sender, from_name=text, subject=f"Re: {text}", received_at=NOW,
            kind=InboundKind.REPLY, state=InboundState.OPEN, conversation_id=to.conversation_id,
            visible_text=text, facts={"from": [sender]},
        ),
    )  # fmt: skip


def _enroll(session: Session, opportunity_id: int, contact_id: int, mail: OutboxMessage) -> None:
    sequence = Sequence(name="Three steps")
    factories.add(session, sequence)
    session.add(
        Enrollment(
            sequence_id=sequence.key, opportunity_id=opportunity_id, contact_id=contact_id,
            mailbox_id=mail.mailbox_id, conversation_id=mail.conversation_id,
            domain="firm.example", due_at=NOW + timedelta(days=2),
        )
    )  # fmt: skip
    session.flush()


def test_nothing_that_names_the_person_is_left_in_any_table(
    database: Database, scope: Scope
) -> None:
    other = factories.make_workspace(database)
    with database.writing(other) as session:
        fill(session, name="Mia J. Hart")
        suppress_address(session, address(MIA), SuppressionReason.MANUAL, key=KEY, now=NOW)
    with database.writing(scope) as session:
        contact_id = fill(session)
    before = everything_stored(database)
    assert before.count("mia.hart@firm.example") > 20
    assert before.count("mia hart") > 10

    assert erase_person(database, scope, contact_id, now=NOW) == 2

    left = everything_stored(database)
    for word in ("mia.hart", "mia hart", "mia j. hart"):
        assert word not in left
    assert "ben@firm.example" in left


def test_an_erased_person_stays_suppressed_even_when_a_file_brings_them_back(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        contact_id = make_contact(session, MIA).key
    erase_person(database, scope, contact_id, now=NOW)

    with database.writing(scope) as session:
        add_suppressions(session, [SuppressionEntry(address=address(MIA))], key=KEY, now=NOW)
        found = find_suppression(session, person_key=person_key(KEY, address(MIA)), domain="")

    assert found is not None
    assert (found.reason, found.label) == (SuppressionReason.ERASED, "")


def test_erasing_stops_the_sequence_and_empties_the_queue(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        contact_id = fill(session)

    erase_person(database, scope, contact_id, now=NOW)

    with database.reading(scope) as session:
        (enrollment,) = session.exec(select(Enrollment)).all()
        mails = session.exec(
            select(OutboxMessage).where(OutboxMessage.contact_id == contact_id)
        ).all()
        contact = get_contact(session, contact_id)
        timeline = timeline_of(session, "contact", contact_id)
    assert enrollment.state is EnrollmentState.STOPPED
    assert enrollment.stopped_because is StopCause.ERASED
    assert {mail.state for mail in mails} == {OutboxState.SENT, OutboxState.CANCELLED}
    assert contact.display_name == "Erased person"
    assert contact.erased_at == NOW
    assert "Erased this person for good." in [line.sentence for line in timeline]


def test_a_namesake_keeps_their_name(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        erased = make_contact(session, MIA)
        namesake = make_contact(session, "mia@elsewhere.example")

    erase_person(database, scope, erased.key, now=NOW)

    with database.reading(scope) as session:
        kept = get_contact(session, namesake.key)
    assert (kept.name, kept.address) == (NAME, "mia@elsewhere.example")


def test_merged_contacts_of_the_person_are_erased_with_them(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        kept = make_contact(session, MIA)
        gone = make_contact(session, "mia@private.example")
    merge = Merge(kept.key, gone.key, details(MIA))
    merge_contacts(database, scope, merge, key=KEY, now=NOW)

    erase_person(database, scope, gone.key, now=NOW)

    left = everything_stored(database)
    assert "mia@private.example" not in left
    assert "mia.hart@firm.example" not in left
    with database.reading(scope) as session:
        for text in (MIA, "mia@private.example"):
            key = person_key(KEY, address(text))
            assert find_suppression(session, person_key=key, domain="") is not None


def test_a_person_without_an_address_is_erased_by_name(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        contact = make_contact(session)
        nameless = contact.key
        session.add(Reminder(text="Ring Mia Hart", due_at=NOW))

    erase_person(database, scope, nameless, now=NOW)

    assert "mia hart" not in everything_stored(database)


def test_nobody_is_erased_twice_or_across_workspaces(database: Database, scope: Scope) -> None:
    other = factories.make_workspace(database)
    with database.writing(other) as session:
        foreign = make_contact(session, MIA).key
    with pytest.raises(NotFound):
        erase_person(database, scope, foreign, now=NOW)

    erase_person(database, other, foreign, now=NOW)

    with pytest.raises(Conflict, match="erased already"):
        erase_person(database, other, foreign, now=NOW)


def test_erasing_keeps_what_is_true_of_the_site(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        prospect = factories.make_prospect(session, has_contact=True)
        contact = make_contact(session, MIA, site_id=prospect.site_id)
        make_campaign(session)

    erase_person(database, scope, contact.key, now=NOW)

    with database.writing(scope) as session:
        session.add(prospect)
        session.refresh(prospect)
    assert not prospect.has_contact
