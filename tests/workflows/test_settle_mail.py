"""What each kind of incoming mail does: to its sequence, its opportunity, its contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from outreach.activity.models import Activity
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.core.db import SYSTEM, Database, Scope
from outreach.mail.inbox import Place
from outreach.mail.models import Conversation, OutboxMessage
from outreach.mail.words import InboundKind, InboundState, OutboxState
from outreach.prospects.models import Prospect
from outreach.reminders.models import Reminder
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.suppression.models import ContactTouch, Suppression
from outreach.suppression.words import SuppressionKind, TouchOutcome
from tests.factories_inbox import (
    OURS,
    Correspondence,
    absence,
    bounce,
    letter,
    make_correspondence,
)
from tests.factories_mail import NOON

NORA = "nora@garden.example"


@pytest.fixture
def desk(database: Database, scope: Scope) -> Correspondence:
    return make_correspondence(database, scope)


@pytest.fixture
def pitched(desk: Correspondence) -> int:
    """The opportunity whose first mail went to Nora."""
    return desk.pitch(NORA)


def _stopped(desk: Correspondence, opportunity_id: int) -> tuple[EnrollmentState, StopCause]:
    found = desk.enrollment(opportunity_id)
    return found.state, found.stopped_because


def test_a_reply_stops_the_sequence_and_opens_a_conversation(
    desk: Correspondence, pitched: int
) -> None:
    desk.clock.forward(hours=2)
    sent = desk.sent_to(pitched)
    text = "Happy to add it.\n\nOn Wed, 18 Nov 2026 at 12:00, Jo <jo@ours.example> wrote:\n> Soil"
    mail = desk.take_in(letter(text, answers=sent.message_id))[0]

    assert (mail.kind, mail.state) == (InboundKind.REPLY, InboundState.OPEN)
    assert (mail.kind_rule, mail.match_rule) == ("nothing says otherwise", "In-Reply-To")
    assert mail.conversation_id == sent.conversation_id
    assert mail.visible_text == "Happy to add it."
    enrollment = desk.enrollment(pitched)
    assert (enrollment.state, enrollment.stopped_because) == (
        EnrollmentState.STOPPED,
        StopCause.REPLIED,
    )
    assert enrollment.stopped_by_message_id == mail.id
    assert desk.opportunity(pitched).stage is Stage.IN_CONVERSATION
    conversation = desk.read(lambda session: session.exec(select(Conversation)).one())
    assert conversation.has_reply
    assert conversation.last_message_at == NOON + timedelta(hours=1)


def test_a_reply_is_told_to_the_guard_the_contact_the_prospect_and_the_timeline(
    desk: Correspondence, pitched: int
) -> None:
    desk.take_in(letter(answers=desk.sent_to(pitched).message_id))

    touch = desk.read(lambda session: session.exec(select(ContactTouch)).one())
    contact = desk.read(lambda session: session.exec(select(Contact)).one())
    prospect = desk.read(lambda session: session.exec(select(Prospect)).one())
    told = desk.read(
        lambda session: session.exec(
            select(Activity.subject_type, Activity.sentence).where(Activity.verb == "replied")
        ).all()
    )
    assert touch.outcome is TouchOutcome.REPLIED
    assert contact.deliverability is Deliverability.DELIVERABLE
    assert prospect.stage == Stage.IN_CONVERSATION
    said = "Nora Lind answered: Re: Soil on garden.example"
    assert sorted(told) == [("contact", said), ("opportunity", said), ("prospect", said)]


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"with_id": True, "subject": "Re: something else"}, "In-Reply-To"),
        ({"subject": "Re: Soil on garden.example"}, "sender's organisation and subject"),
        ({"subject": "Your question"}, "only conversation with the sender's company"),
    ],
)
def test_a_colleagues_reply_does_the_same(
    desk: Correspondence, pitched: int, given: dict[str, object], rule: str
) -> None:
    answers = desk.sent_to(pitched).message_id if given.get("with_id") else ""
    raw = letter(sender="Ole <ole@garden.example>", subject=str(given["subject"]), answers=answers)
    mail = desk.take_in(raw)[0]

    assert (mail.match_rule, mail.state) == (rule, InboundState.OPEN)
    assert _stopped(desk, pitched) == (EnrollmentState.STOPPED, StopCause.REPLIED)
    assert desk.opportunity(pitched).stage is Stage.IN_CONVERSATION


def test_a_reply_stops_everybody_at_the_company(desk: Correspondence, pitched: int) -> None:
    other = desk.pitch_colleague("ole@garden.example", pitched)
    elsewhere = desk.pitch("ida@meadow.example")
    desk.take_in(letter(answers=desk.sent_to(pitched).message_id))

    assert _stopped(desk, other) == (EnrollmentState.STOPPED, StopCause.REPLIED)
    assert desk.opportunity(other).stage is Stage.PITCHED
    assert desk.enrollment(elsewhere).state is EnrollmentState.ACTIVE


def test_a_fresh_mail_that_fits_two_conversations_waits_for_a_person(
    desk: Correspondence, pitched: int
) -> None:
    other = desk.pitch_colleague("ole@garden.example", pitched)
    mail = desk.take_in(letter(sender="ida@garden.example", subject="Your question"))[0]

    assert (mail.state, mail.conversation_id) == (InboundState.TRIAGE, None)
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE
    assert desk.enrollment(other).state is EnrollmentState.ACTIVE


def test_a_stranger_is_listed_and_changes_nothing(desk: Correspondence, pitched: int) -> None:
    mail = desk.take_in(letter(sender="x@elsewhere.example", subject="Buy my links"))[0]

    assert (mail.kind, mail.state) == (InboundKind.REPLY, InboundState.TRIAGE)
    assert (mail.conversation_id, mail.match_rule) == (None, "")
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE


def test_a_hard_bounce_marks_the_address_and_not_the_domain(
    desk: Correspondence, pitched: int
) -> None:
    mail = desk.take_in(bounce(desk.sent_to(pitched).message_id))[0]

    assert (mail.kind, mail.state) == (InboundKind.BOUNCE_HARD, InboundState.HANDLED)
    assert mail.match_rule == "id inside the mail"
    contact = desk.read(lambda session: session.exec(select(Contact)).one())
    assert contact.deliverability is Deliverability.UNDELIVERABLE
    assert "no such user" in contact.undeliverable_because
    assert _stopped(desk, pitched) == (EnrollmentState.STOPPED, StopCause.BOUNCED)
    assert desk.opportunity(pitched).stage is Stage.PITCHED
    prospect = desk.read(lambda session: session.exec(select(Prospect)).one())
    assert not prospect.has_contact
    with desk.database.reading(SYSTEM) as session:
        assert session.exec(select(Suppression)).all() == []
        assert session.exec(select(ContactTouch.outcome)).all() == [TouchOutcome.BOUNCED]


def test_a_bounce_of_one_leaves_their_colleague_alone(desk: Correspondence, pitched: int) -> None:
    other = desk.pitch_colleague("ole@garden.example", pitched)
    desk.take_in(bounce(desk.sent_to(pitched).message_id))
    assert desk.enrollment(other).state is EnrollmentState.ACTIVE


def test_a_bounce_of_an_address_they_forward_to_is_for_a_person(
    desk: Correspondence, pitched: int
) -> None:
    mail = desk.take_in(bounce(desk.sent_to(pitched).message_id, "nora@private.example"))[0]

    assert mail.state is InboundState.OPEN
    contact = desk.read(lambda session: session.exec(select(Contact)).one())
    assert contact.deliverability is not Deliverability.UNDELIVERABLE
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE


def test_a_soft_bounce_waits_three_days_and_the_third_stops(
    desk: Correspondence, pitched: int
) -> None:
    sent = desk.sent_to(pitched).message_id
    desk.clock.now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    mail = desk.take_in(bounce(sent, status="5.2.2"))[0]
    assert (mail.kind, mail.state) == (InboundKind.BOUNCE_SOFT, InboundState.HANDLED)
    assert desk.enrollment(pitched).due_at == datetime(2026, 11, 27, 9, tzinfo=UTC)

    desk.take_in(bounce(sent, status="5.2.2", at=NOON + timedelta(days=1)))
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE
    desk.take_in(bounce(sent, status="5.2.2", at=NOON + timedelta(days=2)))
    assert _stopped(desk, pitched) == (EnrollmentState.STOPPED, StopCause.BOUNCED)


def test_a_delay_is_never_final(desk: Correspondence, pitched: int) -> None:
    before = desk.enrollment(pitched).due_at
    raw = bounce(desk.sent_to(pitched).message_id, status="4.4.1", action="delayed")
    mail = desk.take_in(raw)[0]

    assert (mail.kind, mail.state) == (InboundKind.BOUNCE_DELAYED, InboundState.HANDLED)
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE
    assert desk.enrollment(pitched).due_at == before


def test_an_absence_waits_until_three_business_days_after_the_return(
    desk: Correspondence, pitched: int
) -> None:
    text = "I am out of the office until 30 November 2026."
    mail = desk.take_in(absence(desk.sent_to(pitched).message_id, text))[0]

    assert (mail.kind, mail.state) == (InboundKind.OUT_OF_OFFICE, InboundState.HANDLED)
    enrollment = desk.enrollment(pitched)
    assert enrollment.state is EnrollmentState.ACTIVE
    assert mail.facts["until"] == "2026-11-30"
    assert enrollment.due_at == datetime(2026, 12, 3, 9, tzinfo=UTC)
    assert enrollment.held_because == "Out of the office until 30 Nov 2026."
    assert desk.opportunity(pitched).stage is Stage.PITCHED


def test_an_absence_without_a_date_waits_three_business_days(
    desk: Correspondence, pitched: int
) -> None:
    desk.clock.now = datetime(2026, 11, 23, 15, tzinfo=UTC)  # Monday, a day before step two
    desk.take_in(absence(desk.sent_to(pitched).message_id, "I am out of the office."))
    assert desk.enrollment(pitched).due_at == datetime(2026, 11, 26, 15, tzinfo=UTC)


def test_somebody_who_left_stops_and_asks_for_another_contact(
    desk: Correspondence, pitched: int
) -> None:
    text = "Nora Lind no longer works at Garden. Write to info@garden.example."
    mail = desk.take_in(absence(desk.sent_to(pitched).message_id, text))[0]

    assert (mail.kind, mail.state) == (InboundKind.AUTO_REPLY, InboundState.HANDLED)
    assert _stopped(desk, pitched) == (EnrollmentState.STOPPED, StopCause.LEFT)
    reminder = desk.read(lambda session: session.exec(select(Reminder)).one())
    assert reminder.text == "Nora Lind has left garden.example: find another contact."
    assert (reminder.subject_type, reminder.subject_id) == ("opportunity", pitched)
    assert reminder.source_key == f"left:{mail.id}"


@pytest.mark.parametrize(
    ("text", "subject", "state"),
    [
        ("No", "Re: Soil on garden.example", InboundState.OPEN),
        ("", "unsubscribe", InboundState.HANDLED),
    ],
)
def test_a_wish_for_silence_holds_for_the_person_everywhere(
    desk: Correspondence, pitched: int, text: str, subject: str, state: InboundState
) -> None:
    answers = desk.sent_to(pitched).message_id if text else ""
    mail = desk.take_in(letter(text, subject=subject, answers=answers))[0]

    assert (mail.kind, mail.state) == (InboundKind.UNSUBSCRIBE, state)
    assert mail.conversation_id == desk.sent_to(pitched).conversation_id
    assert _stopped(desk, pitched) == (EnrollmentState.STOPPED, StopCause.UNSUBSCRIBED)
    with desk.database.reading(SYSTEM) as session:
        found = session.exec(select(Suppression)).one()
    assert (found.kind, found.match_key) == (
        SuppressionKind.ADDRESS,
        desk.sent_to(pitched).recipient_key,
    )
    assert desk.opportunity(pitched).stage is Stage.DECLINED


def test_a_complaint_silences_whom_our_mail_went_to_and_not_the_reporting_machine(
    desk: Correspondence, pitched: int
) -> None:
    sent = desk.sent_to(pitched)
    report = (
        f"From: staff@isp.example\r\nTo: {OURS}\r\nSubject: FW: Soil\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {sent.message_id}\r\n\r\n"
        "--b--\r\n"
    ).encode()
    mail = desk.take_in(report)[0]

    assert (mail.kind, mail.state) == (InboundKind.COMPLAINT, InboundState.OPEN)
    assert _stopped(desk, pitched) == (EnrollmentState.STOPPED, StopCause.COMPLAINED)
    with desk.database.reading(SYSTEM) as session:
        assert session.exec(select(Suppression.match_key)).all() == [sent.recipient_key]


def test_our_own_copy_in_sent_proves_a_doubtful_mail(desk: Correspondence, pitched: int) -> None:
    sent = desk.sent_to(pitched)
    desk.change(lambda session: _doubt(session.exec(select(OutboxMessage)).one()))
    mail = desk.take_in(sent.raw, place=Place.SENT)[0]

    assert (mail.kind, mail.state) == (InboundKind.OWN_COPY, InboundState.HANDLED)
    assert (mail.outbox_message_id, mail.conversation_id) == (sent.id, None)
    assert desk.sent_to(pitched).state is OutboxState.SENT


def test_an_answer_proves_a_doubtful_mail(desk: Correspondence, pitched: int) -> None:
    desk.change(lambda session: _doubt(session.exec(select(OutboxMessage)).one()))
    desk.take_in(letter(answers=desk.sent_to(pitched).message_id))
    assert desk.sent_to(pitched).state is OutboxState.SENT


def _doubt(mail: OutboxMessage) -> None:
    mail.state, mail.sent_at = OutboxState.IN_DOUBT, None


def test_a_mail_written_by_hand_stops_the_sequence_of_its_company(
    desk: Correspondence, pitched: int
) -> None:
    raw = letter(sender=OURS, to="Ole <ole@garden.example>", subject="Lunch?")
    mail = desk.take_in(raw, place=Place.SENT)[0]

    assert (mail.kind, mail.state) == (InboundKind.OWN_COPY, InboundState.HANDLED)
    assert _stopped(desk, pitched) == (EnrollmentState.STOPPED, StopCause.MANUAL)
    sources = desk.read(lambda session: session.exec(select(ContactTouch.source_key)).all())
    assert any(key.startswith(f"inbound:{mail.id}:") for key in sources)


def test_a_mail_by_hand_in_the_thread_handles_what_waited_there(
    desk: Correspondence, pitched: int
) -> None:
    reply = desk.take_in(letter(answers=desk.sent_to(pitched).message_id))[0]
    raw = letter("Great!", sender=OURS, to=NORA, answers=reply.message_id)
    mail = desk.take_in(raw, place=Place.SENT)[0]

    assert mail.conversation_id == reply.conversation_id
    assert [each.state for each in desk.inbox()] == [InboundState.HANDLED] * 2


def test_private_mail_by_hand_is_not_told_to_the_guard(desk: Correspondence, pitched: int) -> None:
    desk.take_in(letter(sender=OURS, to="mum@family.example"), place=Place.SENT)
    touches = desk.read(lambda session: session.exec(select(ContactTouch.domain)).all())
    assert touches == ["garden.example"]


def test_years_of_sent_mail_stop_nothing_today(desk: Correspondence, pitched: int) -> None:
    raw = letter(sender=OURS, to=NORA, at=NOON - timedelta(days=300))
    desk.take_in(raw, place=Place.SENT)
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE


def test_our_address_forged_by_a_stranger_is_no_proof(desk: Correspondence, pitched: int) -> None:
    mail = desk.take_in(letter(sender=OURS, to=NORA, subject="Hello"))[0]
    assert mail.kind is not InboundKind.OWN_COPY
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE


def test_junk_about_nothing_of_ours_asks_nobody_but_a_reply_in_junk_counts(
    desk: Correspondence, pitched: int
) -> None:
    spam, reply = desk.take_in(
        letter(sender="x@spam.example", subject="unsubscribe"),
        letter(answers=desk.sent_to(pitched).message_id),
        place=Place.JUNK,
    )
    assert spam.state is InboundState.HANDLED
    assert reply.state is InboundState.OPEN
    assert _stopped(desk, pitched) == (EnrollmentState.STOPPED, StopCause.REPLIED)
    with desk.database.reading(SYSTEM) as session:
        assert session.exec(select(Suppression)).all() == []


def test_strange_mail_from_long_before_we_read_this_mailbox_asks_nobody(
    desk: Correspondence, pitched: int
) -> None:
    raw = letter(sender="x@elsewhere.example", subject="Hi", at=NOON - timedelta(days=90))
    assert desk.take_in(raw)[0].state is InboundState.HANDLED


def test_an_old_mail_of_theirs_is_no_answer_to_a_later_pitch(
    desk: Correspondence, pitched: int
) -> None:
    raw = letter(subject="Long ago", at=NOON - timedelta(days=20))
    assert desk.take_in(raw)[0].state is InboundState.TRIAGE
    assert desk.enrollment(pitched).state is EnrollmentState.ACTIVE


def test_an_answer_to_an_answer_is_found_through_their_own_id(
    desk: Correspondence, pitched: int
) -> None:
    reply = desk.take_in(letter(answers=desk.sent_to(pitched).message_id))[0]
    raw = letter(
        "One more thing", sender="boss@parent.example", subject="Fwd", answers=reply.message_id
    )
    assert desk.take_in(raw)[0].conversation_id == reply.conversation_id
