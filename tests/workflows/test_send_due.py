"""The sending machine: what each answer of a server leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.adapters.capture import CaptureSender
from outreach.adapters.smtp import SmtpSender, SmtpTimeouts
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.core.db import SYSTEM, Database, Scope, Session
from outreach.mail.mailboxes import set_paused
from outreach.mail.models import Conversation, Mailbox, OutboxMessage
from outreach.mail.outbox import cancel_queued_for, mark_restored, queue_again
from outreach.mail.sending import take_turn
from outreach.mail.sending_rules import BACKOFF, RECIPIENT_DOMAIN_CAP
from outreach.mail.words import OutboxState, Transport
from outreach.ports.mail import BlameFor, MailInDoubt, MailSecurity, MailServer
from outreach.prospects.models import Prospect
from outreach.suppression.models import ContactTouch
from outreach.suppression.services import suppress_address, suppress_domain
from outreach.suppression.words import SuppressionReason
from outreach.workflows.send_due import Post, send_due
from tests.factories_campaigns import KEY, address
from tests.factories_mail import NOON, Clock, make_mailbox, queue_mail
from tests.fakes.mail import FakeMailSender, later, refused
from tests.servers.smtp_server import Fault, SmtpServer


@dataclass
class Office:
    """One mailbox that really sends, its fake server and a clock."""

    database: Database
    scope: Scope
    mailbox_id: int
    sender: FakeMailSender = field(default_factory=FakeMailSender)
    clock: Clock = field(default_factory=Clock)

    def queue(self, recipient: str = "", **given: Any) -> int:
        with self.database.writing(self.scope) as session:
            mailbox = session.exec(select(Mailbox).where(Mailbox.id == self.mailbox_id)).one()
            return queue_mail(session, mailbox, recipient, **given).key

    def send(self, **given: Any) -> int:
        values: dict[str, Any] = {
            "database": self.database,
            "sender": self.sender,
            "is_capture": False,
            "clock": self.clock,
            "jitter": lambda: 0.0,
        }
        return send_due(Post(**{**values, **given}), self.scope, self.mailbox_id)

    def mail(self, message_id: int) -> OutboxMessage:
        with self.database.reading(self.scope) as session:
            return session.exec(select(OutboxMessage).where(OutboxMessage.id == message_id)).one()

    def mailbox(self) -> Mailbox:
        with self.database.reading(self.scope) as session:
            return session.exec(select(Mailbox).where(Mailbox.id == self.mailbox_id)).one()

    def change(self, what: Callable[[Session], object]) -> None:
        with self.database.writing(self.scope) as session:
            what(session)


@pytest.fixture
def office(database: Database, scope: Scope) -> Office:
    with database.writing(scope) as session:
        mailbox_id = make_mailbox(session, transport=Transport.SMTP).key
        set_switch(session, MAIL_SENDING, on=True)
    return Office(database, scope, mailbox_id)


def test_due_mail_is_sent_once_and_only_once(office: Office) -> None:
    due, not_yet = office.queue(), office.queue(send_after=NOON + timedelta(hours=1))

    assert office.send() == 1
    assert office.send() == 0
    assert [mail.message_id for mail in office.sender.sent] == [office.mail(due).message_id]
    assert office.mail(due).state is OutboxState.SENT
    assert office.mail(due).sent_at == NOON
    assert office.mail(due).server_reply.startswith("250")
    assert office.mail(not_yet).state is OutboxState.QUEUED


def test_a_sent_mail_is_told_to_the_collision_guard_and_its_prospect(office: Office) -> None:
    mail = office.mail(office.queue())

    office.send()

    with office.database.reading(office.scope) as session:
        touch = session.exec(select(ContactTouch)).one()
        prospect = session.exec(select(Prospect)).one()
    assert touch.source_key == f"outbox:{mail.key}"
    assert (touch.person_key, touch.domain) == (mail.recipient_key, prospect.domain)
    assert prospect.last_contact_at == NOON


def test_the_date_header_is_the_moment_of_sending(office: Office) -> None:
    office.queue()
    office.clock.forward(hours=3)

    office.send()

    head = office.sender.sent[0].raw.split(b"\r\n", 1)[0].decode()
    assert parsedate_to_datetime(head.removeprefix("Date: ")) == office.clock.now


@pytest.mark.parametrize("place", ["before_the_dot", "at_the_dot"])
def test_a_mail_put_off_is_tried_later_and_later_and_then_given_up(
    office: Office, place: str
) -> None:
    mail = office.queue()
    for wait in BACKOFF:
        getattr(office.sender, place).append(later())
        assert office.send() == 0
        assert office.mail(mail).state is OutboxState.QUEUED
        assert office.mail(mail).send_after == office.clock.now + wait
        office.clock.now += wait
    getattr(office.sender, place).append(later())
    office.send()

    assert office.mail(mail).state is OutboxState.FAILED
    assert "put it off 5 times" in office.mail(mail).reason
    assert _contact(office).deliverability is Deliverability.UNKNOWN
    assert office.sender.sent == []


def test_a_lost_connection_before_the_dot_is_no_answer_and_rests_the_mailbox(
    office: Office,
) -> None:
    first, second = office.queue(), office.queue()
    office.sender.before_the_dot.append(later(None, blame=BlameFor.MAILBOX))

    office.send()

    assert office.mail(first).state is OutboxState.QUEUED
    assert office.mail(first).delay_count == 0
    assert office.mail(second).attempt == 0
    assert office.send() == 0
    office.clock.forward(minutes=16)
    assert office.send() == 2


def test_a_refused_recipient_is_never_retried(office: Office) -> None:
    mail = office.queue()
    office.sender.before_the_dot.append(refused())

    office.send()
    office.clock.forward(days=3)

    assert office.send() == 0
    assert office.mail(mail).state is OutboxState.FAILED
    assert _contact(office).deliverability is Deliverability.UNDELIVERABLE
    assert len(office.sender.offered) == 1


def test_a_soft_refusal_says_nothing_about_the_address(office: Office) -> None:
    mail = office.queue()
    office.sender.at_the_dot.append(refused("554 5.7.1 spam", hard=False))

    office.send()

    assert office.mail(mail).state is OutboxState.FAILED
    assert _contact(office).deliverability is Deliverability.UNKNOWN


def test_trouble_of_the_mailbox_pauses_it_and_keeps_the_mail(office: Office) -> None:
    mail = office.queue()
    office.sender.before_the_dot.append(
        refused("535 5.7.8 wrong password", hard=False, blame=BlameFor.MAILBOX)
    )

    office.send()

    assert office.mail(mail).state is OutboxState.QUEUED
    assert office.mailbox().is_paused
    assert "535" in office.mailbox().paused_because
    assert office.send() == 0
    office.change(lambda session: set_paused(session, _mailbox(session), because="", now=NOON))
    assert office.send() == 1


def test_a_mail_in_doubt_is_never_sent_again_by_itself(office: Office) -> None:
    mail = office.queue()
    office.sender.at_the_dot.append(MailInDoubt("The connection broke after the dot."))

    office.send()
    office.clock.forward(days=30)

    assert office.send() == 0
    assert office.mail(mail).state is OutboxState.IN_DOUBT
    assert len(office.sender.offered) == 1
    office.change(
        lambda session: queue_again(
            session, _mail(session, mail), because="A person said so.", now=NOON
        )
    )
    assert office.send() == 1


def test_a_suppression_after_the_body_stops_the_mail_before_the_dot(office: Office) -> None:
    mail = office.queue("kim@paper.example")

    def unsubscribe() -> None:
        office.change(
            lambda session: suppress_address(
                session, address("kim@paper.example"), SuppressionReason.UNSUBSCRIBED, key=KEY,
                now=NOON,
            )
        )  # fmt: skip

    assert office.send(checkpoint=_at("body transmitted", unsubscribe)) == 0
    assert office.mail(mail).state is OutboxState.SUPPRESSED
    assert "unsubscribed" in office.mail(mail).reason
    assert office.sender.sent == []


def test_a_suppressed_domain_is_not_even_connected_for(office: Office) -> None:
    mail = office.queue("kim@mail.paper.example")
    office.change(
        lambda session: suppress_domain(session, "paper.example", SuppressionReason.ASKED, now=NOON)
    )

    office.send()

    assert office.mail(mail).state is OutboxState.SUPPRESSED
    assert office.sender.offered == []


def test_a_mail_cancelled_while_claimed_is_not_sent(office: Office) -> None:
    mail = office.queue()
    conversation = office.mail(mail).conversation_id

    def stop() -> None:
        office.change(
            lambda session: cancel_queued_for(
                session, conversation_ids=[conversation], because="They replied."
            )
        )

    assert office.send(checkpoint=_at("body transmitted", stop)) == 0
    assert office.mail(mail).state is OutboxState.CANCELLED
    assert office.sender.sent == []


def test_an_answer_stops_planned_mail_but_not_what_a_person_wrote(office: Office) -> None:
    planned, manual = office.queue(), office.queue(idempotency_key="manual:1")

    def answered(session: Session) -> None:
        for conversation in session.exec(select(Conversation)).all():
            conversation.has_reply = True

    office.change(answered)
    assert office.send() == 1
    assert office.mail(planned).state is OutboxState.CANCELLED
    assert office.mail(manual).state is OutboxState.SENT


def test_a_mailbox_paused_between_body_and_dot_sends_nothing(office: Office) -> None:
    mail = office.queue()

    def pause() -> None:
        office.change(
            lambda session: set_paused(session, _mailbox(session), because="Stop.", now=NOON)
        )

    assert office.send(checkpoint=_at("body transmitted", pause)) == 0
    assert office.sender.sent == []
    office.clock.forward(minutes=11)
    office.change(lambda session: set_paused(session, _mailbox(session), because="", now=NOON))
    assert office.send() == 1
    assert office.mail(mail).state is OutboxState.SENT


def test_switching_sending_off_holds_the_mail_back_before_the_dot(office: Office) -> None:
    mail = office.queue()

    def switch_off() -> None:
        office.change(lambda session: set_switch(session, MAIL_SENDING, on=False))

    assert office.send(checkpoint=_at("body transmitted", switch_off)) == 0
    assert office.mail(mail).state is OutboxState.QUEUED
    assert "switched off" in office.mail(mail).reason
    assert office.sender.sent == []


def test_the_daily_cap_counts_24_hours_and_doubtful_mail(office: Office) -> None:
    office.change(lambda session: setattr(_mailbox(session), "daily_cap", 2))
    office.sender.at_the_dot.append(MailInDoubt("?"))
    for _ in range(3):
        office.queue()

    assert office.send() == 0  # the doubtful one ends the run
    assert office.send() == 1
    assert office.send() == 0
    office.clock.forward(hours=24, minutes=11)
    assert office.send() == 1


def test_one_recipient_domain_gets_twenty_mails_a_day(office: Office) -> None:
    for number in range(RECIPIENT_DOMAIN_CAP + 1):
        office.queue(f"person{number}@big.example")
    other = office.queue("kim@small.example")

    assert office.send() == RECIPIENT_DOMAIN_CAP + 1
    assert office.mail(other).state is OutboxState.SENT
    with office.database.reading(office.scope) as session:
        held = session.exec(
            select(OutboxMessage).where(OutboxMessage.state == OutboxState.QUEUED)
        ).one()
    assert held.send_after == NOON + timedelta(hours=24)
    assert "big.example" in held.reason


def test_follow_ups_go_before_first_mails_and_answers_do_not_wait_for_the_gap(
    office: Office,
) -> None:
    office.change(lambda session: setattr(_mailbox(session), "gap_minutes", 9))
    first = office.queue(send_after=NOON - timedelta(hours=2))
    follow_up = office.queue(is_first=False)

    assert office.send() == 1
    assert office.mail(follow_up).state is OutboxState.SENT
    assert office.send() == 0
    answer = office.queue(idempotency_key="manual:2", is_first=False)
    assert office.send() == 1
    assert office.mail(answer).state is OutboxState.SENT
    office.clock.forward(minutes=15)
    assert office.send() == 1
    assert office.mail(first).state is OutboxState.SENT


def test_a_mailbox_has_one_sender_at_a_time(office: Office) -> None:
    office.queue()
    with office.database.writing(office.scope) as session:
        taken = take_turn(session, office.mailbox_id, worker="other", is_capture=False, now=NOON)
    assert taken is not None

    assert office.send() == 0
    office.clock.forward(minutes=11)
    assert office.send() == 1


def test_a_worker_whose_turn_was_taken_over_leaves_without_the_dot(office: Office) -> None:
    mail = office.queue()

    def oversleep() -> None:
        office.clock.forward(minutes=11)
        with office.database.writing(office.scope) as session:
            take_turn(
                session, office.mailbox_id, worker="other", is_capture=False, now=office.clock.now
            )

    assert office.send(checkpoint=_at("body transmitted", oversleep)) == 0
    assert office.sender.sent == []
    assert office.mail(mail).state is OutboxState.CLAIMED
    office.clock.forward(minutes=11)
    assert office.send() == 1


def test_a_mail_held_too_long_is_left_without_the_dot(office: Office) -> None:
    mail = office.queue()

    def hold_too_long() -> None:
        office.change(lambda session: _set(session, mail, lease_until=NOON))

    assert office.send(checkpoint=_at("body transmitted", hold_too_long)) == 0
    assert office.sender.sent == []
    assert office.send() == 1


def test_a_worker_that_lost_its_turn_takes_no_further_mail(office: Office) -> None:
    first, second = office.queue(), office.queue()

    def oversleep() -> None:
        office.clock.forward(minutes=11)
        with office.database.writing(office.scope) as session:
            take_turn(
                session, office.mailbox_id, worker="other", is_capture=False, now=office.clock.now
            )

    assert office.send(checkpoint=_at("mail settled", oversleep)) == 1
    assert office.mail(first).state is OutboxState.SENT
    assert office.mail(second).attempt == 0
    assert len(office.sender.offered) == 1


def test_what_a_dead_worker_left_is_queued_before_the_commit_and_doubted_after(
    office: Office,
) -> None:
    before, after = office.queue(), office.queue()
    lease = {"lease_until": NOON, "attempt": 1}
    office.change(lambda session: _set(session, before, state=OutboxState.CLAIMED, **lease))
    office.change(lambda session: _set(session, after, state=OutboxState.COMMITTING, **lease))

    assert office.send() == 1
    assert office.mail(before).state is OutboxState.SENT
    assert office.mail(after).state is OutboxState.IN_DOUBT
    assert "answer" in office.mail(after).reason


def test_a_late_yes_of_the_server_settles_a_doubt(office: Office) -> None:
    mail = office.queue()

    def doubt() -> None:
        office.change(lambda session: _set(session, mail, state=OutboxState.IN_DOUBT))

    assert office.send(checkpoint=_at("committed", doubt)) == 1
    assert office.mail(mail).state is OutboxState.SENT


def test_a_late_answer_does_not_settle_a_newer_attempt(office: Office) -> None:
    mail = office.queue()

    def somebody_else_tries() -> None:
        newer = {"state": OutboxState.COMMITTING, "attempt": 2}
        office.change(lambda session: _set(session, mail, **newer))

    office.sender.at_the_dot.append(refused())
    office.send(checkpoint=_at("committed", somebody_else_tries))

    assert (office.mail(mail).state, office.mail(mail).attempt) == (OutboxState.COMMITTING, 2)
    assert _contact(office).deliverability is Deliverability.UNKNOWN


def test_mail_we_stumble_over_is_put_an_hour_ahead_and_others_go(office: Office) -> None:
    odd, other = office.queue(), office.queue()
    office.sender.before_the_dot.append(ZeroDivisionError())

    assert office.send() == 1
    assert office.mail(odd).state is OutboxState.QUEUED
    assert office.mail(odd).send_after == NOON + timedelta(hours=1)
    assert office.mail(other).state is OutboxState.SENT


def test_a_new_installation_captures_mail_through_the_same_machine(office: Office) -> None:
    office.change(lambda session: set_switch(session, MAIL_SENDING, on=False))
    mail = office.queue()

    assert office.send(sender=CaptureSender(), is_capture=True) == 1
    found = office.mail(mail)
    assert (found.state, found.is_captured) == (OutboxState.SENT, True)
    assert b"A page for you" in found.raw


def test_a_captured_mail_cannot_be_in_doubt(office: Office) -> None:
    mail = office.queue()
    office.change(
        lambda session: _set(
            session, mail, state=OutboxState.COMMITTING, is_captured=True, lease_until=NOON
        )
    )

    assert office.send(sender=CaptureSender(), is_capture=True) == 1
    assert office.mail(mail).state is OutboxState.SENT


def test_a_restored_backup_mails_nobody(office: Office) -> None:
    states = (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.COMMITTING)
    mails = [office.queue() for _ in states]
    for mail, state in zip(mails, states, strict=True):
        office.change(partial(_set, message_id=mail, state=state, lease_until=NOON))

    with office.database.writing(SYSTEM) as session:
        assert mark_restored(session) == 3

    assert office.send() == 0
    assert {office.mail(mail).state for mail in mails} == {OutboxState.IN_DOUBT}


def test_the_same_step_cannot_enter_the_outbox_twice(office: Office) -> None:
    office.queue(idempotency_key="enrollment:1:step:1")
    with pytest.raises(Exception, match=r"(?i)unique"):
        office.queue(idempotency_key="enrollment:1:step:1")


@pytest.mark.parametrize(
    ("stage", "fault", "state", "accepted"),
    [
        ("connect", Fault(drop=True), OutboxState.QUEUED, 0),
        ("mail", Fault("451 4.3.0 later"), OutboxState.QUEUED, 0),
        ("rcpt", Fault("550 5.1.1 unknown"), OutboxState.FAILED, 0),
        ("body", Fault(drop=True), OutboxState.QUEUED, 0),
        ("dot", Fault("451 4.3.0 later"), OutboxState.QUEUED, 0),
        ("dot", Fault("554 5.5.0 failed"), OutboxState.FAILED, 0),
        ("dot", Fault(drop=True), OutboxState.IN_DOUBT, 0),
        ("accepted", Fault(drop=True), OutboxState.IN_DOUBT, 1),
        ("accepted", Fault(b"25", drop=True), OutboxState.IN_DOUBT, 1),
        ("accepted", Fault(delay_s=0.05), OutboxState.SENT, 1),
    ],
)
def test_over_a_real_connection_every_fault_ends_in_its_state(
    office: Office, stage: str, fault: Fault, state: OutboxState, accepted: int
) -> None:
    mail = office.queue()
    with SmtpServer() as server:
        server.plan(stage, fault)
        there = MailServer("127.0.0.1", server.port, MailSecurity.NONE)
        timeouts = SmtpTimeouts(command_s=2, dot_s=2)
        with SmtpSender(there, allow_private=True, timeouts=timeouts) as sender:
            office.send(sender=sender)

    assert office.mail(mail).state is state
    assert server.times_accepted(office.mail(mail).message_id) == accepted


def _at(point: str, do: Callable[[], None]) -> Callable[[str], None]:
    """Do something once, the first time a named point is reached."""
    waiting = [do]

    def checkpoint(name: str) -> None:
        if name == point and waiting:
            waiting.pop()()

    return checkpoint


def _set(session: Session, message_id: int, **values: Any) -> None:
    message = _mail(session, message_id)
    for name, value in values.items():
        setattr(message, name, value)


def _mail(session: Session, message_id: int) -> OutboxMessage:
    return session.exec(select(OutboxMessage).where(OutboxMessage.id == message_id)).one()


def _mailbox(session: Session) -> Mailbox:
    return session.exec(select(Mailbox)).one()


def _contact(office: Office) -> Contact:
    with office.database.reading(office.scope) as session:
        return session.exec(select(Contact)).one()
