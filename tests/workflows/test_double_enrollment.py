"""The same thing done by several at the same moment: pressing, planning, sending."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlmodel import select

from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.core.db import Database, Scope
from outreach.mail.models import OutboxMessage
from outreach.mail.words import Transport
from outreach.pitches.rules import TemplateFacts
from outreach.pitches.services import save_template
from outreach.sequences.editing import SequenceFacts, StepFacts, save_sequence
from outreach.sequences.models import Enrollment
from outreach.workflows.compose_pitch import Letterhead
from outreach.workflows.plan_steps import Planned, plan_step
from outreach.workflows.send_due import Post, send_due
from outreach.workflows.start_pitching import PitchOutcome, start_pitching
from tests import factories
from tests.factories_campaigns import KEY, make_campaign, make_contact, make_opportunity
from tests.factories_mail import NOON, make_mailbox, queue_mail
from tests.fakes.mail import FakeMailSender

AT_ONCE = 4


def _opportunities(database: Database, scope: Scope) -> list[int]:
    """One company, two colleagues, two campaigns; each campaign wants each of them."""
    with database.writing(scope) as session:
        template = save_template(session, TemplateFacts("One", "Hi", "Hello"), now=NOON)
        steps = (StepFacts(template.key, 0),)
        sequence = save_sequence(session, SequenceFacts("One", steps), now=NOON)
        mailbox = make_mailbox(session)
        prospect = factories.make_prospect(session, domain="garden.example")
        found = []
        for name in ("nora", "ada"):
            contact = make_contact(session, f"{name}@garden.example")
            campaign = make_campaign(session, sequence_id=sequence.key, mailbox_id=mailbox.key)
            opportunity = make_opportunity(
                session, campaign=campaign, prospect=prospect, contact_id=contact.key
            )
            found.append(opportunity.key)
        return found


def test_a_company_is_enrolled_once_whoever_presses_at_the_same_moment(
    database: Database, scope: Scope
) -> None:
    opportunities = _opportunities(database, scope)
    together = Barrier(AT_ONCE)

    def press(number: int) -> PitchOutcome:
        together.wait()
        wanted = [opportunities[number % 2]]
        return start_pitching(database, scope, wanted, NOON)[0]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(press, range(AT_ONCE)))

    assert sum(outcome.is_enrolled for outcome in outcomes) == 1
    assert all(outcome.refusals for outcome in outcomes if not outcome.is_enrolled)
    with database.reading(scope) as session:
        assert len(session.exec(select(Enrollment)).all()) == 1


def test_a_step_becomes_one_mail_however_many_plan_it(database: Database, scope: Scope) -> None:
    wanted = _opportunities(database, scope)[:1]
    enrollment_id = start_pitching(database, scope, wanted, NOON)[0].enrollment_id
    assert enrollment_id is not None
    together = Barrier(AT_ONCE)

    def plan(_: int) -> Planned:
        together.wait()
        return plan_step(database, scope, enrollment_id, Letterhead(key=KEY), NOON)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = sorted(pool.map(plan, range(AT_ONCE)))

    assert outcomes == [Planned.NOT_DUE] * (AT_ONCE - 1) + [Planned.QUEUED]
    with database.reading(scope) as session:
        assert len(session.exec(select(OutboxMessage)).all()) == 1


def test_mails_of_several_mailboxes_go_once_however_many_send(
    database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        set_switch(session, MAIL_SENDING, on=True)
        mailboxes = [make_mailbox(session, transport=Transport.SMTP) for _ in range(2)]
        names = {queue_mail(session, mailboxes[n % 2]).message_id for n in range(6)}
        keys = [mailbox.key for mailbox in mailboxes]
    together = Barrier(AT_ONCE)
    senders = [FakeMailSender() for _ in range(AT_ONCE)]

    def send(number: int) -> int:
        post = Post(database=database, sender=senders[number], is_capture=False, clock=lambda: NOON)
        together.wait()
        return sum(send_due(post, scope, key) for key in keys)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(send, range(AT_ONCE))) == len(names)
    sent = [mail.message_id for sender in senders for mail in sender.sent]
    assert sorted(sent) == sorted(names)
