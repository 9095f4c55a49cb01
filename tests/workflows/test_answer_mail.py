"""What a person does with mail: answers, outcomes, putting off, corrections, triage."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlmodel import col, select

from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.core.db import SYSTEM, Database, Scope
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.mail.models import InboundMessage, OutboxMessage
from outreach.mail.words import InboundKind, InboundState, OutboxState
from outreach.reminders.models import Reminder
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.suppression.models import ContactTouch, Suppression
from outreach.suppression.words import TouchOutcome
from outreach.workflows.answer_mail import (
    BY_A_PERSON,
    answer,
    assign_conversation,
    bring_back,
    correct_kind,
    decide_outcome,
    dismiss,
    put_off,
)
from tests.factories import make_workspace
from tests.factories_campaigns import KEY
from tests.factories_inbox import (
    Correspondence,
    absence,
    bounce,
    letter,
    make_correspondence,
)


@pytest.fixture
def desk(database: Database, scope: Scope) -> Correspondence:
    return make_correspondence(database, scope)


@pytest.fixture
def pitched(desk: Correspondence) -> int:
    return desk.pitch("nora@garden.example")


@pytest.fixture
def reply(desk: Correspondence, pitched: int) -> InboundMessage:
    return desk.take_in(letter(answers=desk.sent_to(pitched).message_id))[0]


def state_of(desk: Correspondence, mail: InboundMessage) -> InboundState:
    return next(each.state for each in desk.inbox() if each.id == mail.id)


def test_an_answer_goes_into_the_thread_and_handles_the_mail(
    desk: Correspondence, reply: InboundMessage
) -> None:
    sent = answer(
        desk.database,
        desk.scope,
        reply.conversation_id or 0,
        "Thank you!",
        key=KEY,
        now=desk.clock(),
    )
    mail = message_from_bytes(sent.raw)
    assert (sent.recipient, sent.state) == ("nora@garden.example", OutboxState.QUEUED)
    assert mail["In-Reply-To"] == reply.message_id
    assert reply.message_id in str(mail["References"]).split()
    assert state_of(desk, reply) is InboundState.HANDLED


def test_an_answer_after_a_bounce_still_goes_to_the_person(
    desk: Correspondence, pitched: int, reply: InboundMessage
) -> None:
    sent = desk.sent_to(pitched)
    desk.clock.forward(hours=3)
    desk.take_in(bounce(sent.message_id, status="5.2.2", at=desk.clock() - timedelta(minutes=1)))
    again = answer(
        desk.database, desk.scope, sent.conversation_id, "Thanks", key=KEY, now=desk.clock()
    )
    assert again.recipient == "nora@garden.example"
    assert message_from_bytes(again.raw)["In-Reply-To"] == reply.message_id


def test_an_empty_answer_is_refused_and_the_mail_stays_open(
    desk: Correspondence, reply: InboundMessage
) -> None:
    with pytest.raises(Invalid):
        answer(
            desk.database, desk.scope, reply.conversation_id or 0, " ", key=KEY, now=desk.clock()
        )
    assert state_of(desk, reply) is InboundState.OPEN


def test_an_outcome_moves_the_opportunity_and_handles_the_mail(
    desk: Correspondence, pitched: int, reply: InboundMessage
) -> None:
    handled = decide_outcome(
        desk.database, desk.scope, reply.conversation_id or 0, Stage.COMMITTED, now=desk.clock()
    )
    assert handled == [reply.id]
    assert desk.opportunity(pitched).stage is Stage.COMMITTED
    assert state_of(desk, reply) is InboundState.HANDLED

    assert bring_back(desk.database, desk.scope, handled) == 1
    assert state_of(desk, reply) is InboundState.OPEN


def test_a_refusal_is_told_to_the_collision_guard(
    desk: Correspondence, reply: InboundMessage
) -> None:
    decide_outcome(
        desk.database, desk.scope, reply.conversation_id or 0, Stage.DECLINED, now=desk.clock()
    )
    outcomes = desk.read(lambda session: session.exec(select(ContactTouch.outcome)).all())
    assert outcomes == [TouchOutcome.DECLINED]


def test_the_stage_it_is_in_already_only_handles_the_mail(
    desk: Correspondence, pitched: int, reply: InboundMessage
) -> None:
    decide_outcome(
        desk.database, desk.scope, reply.conversation_id or 0, Stage.IN_CONVERSATION,
        now=desk.clock(),
    )  # fmt: skip
    assert state_of(desk, reply) is InboundState.HANDLED


def test_what_is_put_off_comes_back_as_a_reminder_and_can_be_undone(
    desk: Correspondence, reply: InboundMessage
) -> None:
    until = desk.clock() + timedelta(days=1)
    done = put_off(desk.database, desk.scope, reply.conversation_id or 0, until, who="Nora Lind")
    reminder = desk.read(lambda session: session.exec(select(Reminder)).one())
    assert reminder.text == "Answer Nora Lind: Soil on garden.example"
    assert (reminder.due_at, reminder.for_user_id) == (until, desk.scope.user_id)
    assert (reminder.subject_type, reminder.subject_id) == ("conversation", reply.conversation_id)
    assert state_of(desk, reply) is InboundState.HANDLED

    bring_back(desk.database, desk.scope, done.message_ids, done.reminder_id)
    assert desk.read(lambda session: session.exec(select(Reminder)).all()) == []
    assert state_of(desk, reply) is InboundState.OPEN


def test_a_mail_a_person_assigns_has_its_effects(desk: Correspondence, pitched: int) -> None:
    mail = desk.take_in(letter(sender="nora@private.example", subject="From my phone"))[0]
    assert mail.state is InboundState.TRIAGE
    conversation_id = desk.sent_to(pitched).conversation_id
    assign_conversation(
        desk.database, desk.scope, mail.key, conversation_id, key=KEY, now=desk.clock()
    )
    found = desk.inbox()[0]
    assert (found.state, found.match_rule) == (InboundState.OPEN, BY_A_PERSON)
    assert desk.enrollment(pitched).stopped_because is StopCause.REPLIED
    assert desk.opportunity(pitched).stage is Stage.IN_CONVERSATION


def test_an_absence_that_was_an_answer_stops_the_sequence_once_a_person_says_so(
    desk: Correspondence, pitched: int
) -> None:
    mail = desk.take_in(absence(desk.sent_to(pitched).message_id, "I am out of the office."))[0]
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE
    correct_kind(desk.database, desk.scope, mail.key, InboundKind.REPLY, key=KEY, now=desk.clock())
    found = desk.inbox()[0]
    assert (found.kind, found.kind_rule) == (InboundKind.REPLY, BY_A_PERSON)
    assert found.state is InboundState.OPEN
    assert desk.enrollment(pitched).stopped_because is StopCause.REPLIED


def test_an_address_wrongly_called_dead_lives_again(desk: Correspondence, pitched: int) -> None:
    mail = desk.take_in(bounce(desk.sent_to(pitched).message_id))[0]
    correct_kind(
        desk.database, desk.scope, mail.key, InboundKind.AUTO_REPLY, key=KEY, now=desk.clock()
    )
    contact = desk.read(lambda session: session.exec(select(Contact)).one())
    assert contact.is_reachable


def test_a_reply_a_person_calls_an_unsubscription_silences_its_sender(
    desk: Correspondence, pitched: int, reply: InboundMessage
) -> None:
    correct_kind(
        desk.database, desk.scope, reply.key, InboundKind.UNSUBSCRIBE, key=KEY, now=desk.clock()
    )
    with desk.database.reading(SYSTEM) as session:
        keys = session.exec(select(Suppression.match_key)).all()
    assert keys == [desk.sent_to(pitched).recipient_key]


def test_the_same_kind_again_is_refused(desk: Correspondence, reply: InboundMessage) -> None:
    with pytest.raises(Conflict):
        correct_kind(
            desk.database, desk.scope, reply.key, InboundKind.REPLY, key=KEY, now=desk.clock()
        )


def test_a_dismissed_mail_is_handled_and_can_be_brought_back_to_triage(
    desk: Correspondence,
) -> None:
    mail = desk.take_in(letter(sender="x@elsewhere.example", subject="Hi"))[0]
    dismiss(desk.database, desk.scope, mail.key)
    assert state_of(desk, mail) is InboundState.HANDLED
    bring_back(desk.database, desk.scope, [mail.key])
    assert state_of(desk, mail) is InboundState.TRIAGE


def test_another_workspaces_mail_and_conversations_are_out_of_reach(
    desk: Correspondence, database: Database, reply: InboundMessage
) -> None:
    stranger = make_workspace(database)
    talk, now = reply.conversation_id or 0, desk.clock()
    with pytest.raises(NotFound):
        answer(database, stranger, talk, "Hi", key=KEY, now=now)
    with pytest.raises(NotFound):
        dismiss(database, stranger, reply.key)
    with pytest.raises(NotFound):
        assign_conversation(database, stranger, reply.key, talk, key=KEY, now=now)
    assert bring_back(database, stranger, [reply.key]) == 0
    queued = desk.read(
        lambda session: session.exec(
            select(OutboxMessage.id).where(col(OutboxMessage.state) == OutboxState.QUEUED)
        ).all()
    )
    assert queued == []
