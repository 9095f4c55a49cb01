"""A campaign under way and the mails people send back, for tests of reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlmodel import select

from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.campaigns.models import Opportunity
from outreach.campaigns.queries import get_campaign
from outreach.core.db import Database, Scope, Session
from outreach.mail.inbox import Place
from outreach.mail.models import InboundMessage, OutboxMessage
from outreach.pitches.rules import TemplateFacts
from outreach.pitches.services import save_template
from outreach.ports.mail import IncomingMail
from outreach.sequences.editing import SequenceFacts, StepFacts, save_sequence
from outreach.sequences.models import Enrollment
from outreach.sequences.services import NewEnrollment, enroll
from outreach.workflows.compose_pitch import Letterhead
from outreach.workflows.plan_steps import find_due, plan_step
from outreach.workflows.receive_mail import Reception, keep_mail, settle_waiting
from outreach.workflows.send_due import Post, send_due
from outreach.workflows.start_pitching import start_pitching
from tests import factories
from tests.factories_campaigns import KEY, make_asset, make_campaign, make_contact, make_opportunity
from tests.factories_mail import NOON, Clock, make_mailbox
from tests.fakes.mail import FakeMailSender

if TYPE_CHECKING:
    from outreach.campaigns.models import Campaign

    Row = TypeVar("Row")

OURS = "jo@ours.example"


@dataclass
class Correspondence:
    """A mailbox, a campaign of two steps, and whoever is pitched in it."""

    database: Database
    scope: Scope
    mailbox_id: int
    campaign_id: int
    clock: Clock = field(default_factory=lambda: Clock(NOON))
    uid: int = 0

    @property
    def reception(self) -> Reception:
        return Reception(database=self.database, key=KEY, clock=self.clock)

    def pitch(self, address: str, *, domain: str = "", name: str = "") -> int:
        """Pitch somebody and send the first mail; return the opportunity."""
        with self.database.writing(self.scope) as session:
            campaign = _campaign(session, self.campaign_id)
            wanted = domain or address.partition("@")[2]
            prospect = factories.make_prospect(session, domain=wanted)
            contact = make_contact(
                session, address, name=name or "Nora Lind", site_id=prospect.site_id
            )
            opportunity = make_opportunity(
                session, campaign=campaign, prospect=prospect, contact_id=contact.key,
                personal_words="I tried your compost.",
            )  # fmt: skip
            key = opportunity.key
        outcome = start_pitching(self.database, self.scope, [key], self.clock.now)[0]
        assert outcome.is_enrolled, outcome.refusals
        self._send()
        return key

    def pitch_colleague(self, address: str, opportunity_id: int) -> int:
        """Pitch somebody at the same site meanwhile, as two people once did at the same moment."""
        with self.database.writing(self.scope) as session:
            first = session.exec(select(Opportunity).where(Opportunity.id == opportunity_id)).one()
            known = _campaign(session, self.campaign_id)
            campaign = make_campaign(
                session, sequence_id=known.sequence_id, mailbox_id=known.mailbox_id
            )
            contact = make_contact(session, address, name="Ole Berg")
            opportunity = make_opportunity(
                session, campaign_id=campaign.key, prospect_id=first.prospect_id,
                contact_id=contact.key, personal_words="I read your column.",
            )  # fmt: skip
            enroll(
                session,
                NewEnrollment(
                    sequence_id=campaign.sequence_id or 0,
                    opportunity_id=opportunity.key,
                    contact_id=contact.key,
                    mailbox_id=self.mailbox_id,
                    domain=address.partition("@")[2],
                    due_at=self.clock.now,
                ),
            )
            key = opportunity.key
        self._send()
        return key

    def _send(self) -> None:
        now = self.clock.now
        for workspace_id, enrollment_id in find_due(self.database, now):
            plan_step(self.database, Scope(workspace_id), enrollment_id, Letterhead(key=KEY), now)
        post = Post(
            database=self.database, sender=FakeMailSender(), is_capture=False, clock=self.clock
        )
        assert send_due(post, self.scope, self.mailbox_id) == 1

    def take_in(self, *raws: bytes, place: Place = Place.INBOX) -> list[InboundMessage]:
        """Keep and settle mails; return them as they stand."""
        for raw in raws:
            self.uid += 1
            mail = IncomingMail(place.value, 1, self.uid, raw)
            keep_mail(self.reception, self.scope, self.mailbox_id, mail, place)
        settle_waiting(self.reception, self.scope, self.mailbox_id)
        return self.inbox()[-len(raws) :] if raws else []

    def inbox(self) -> list[InboundMessage]:
        with self.database.reading(self.scope) as session:
            return list(session.exec(select(InboundMessage).order_by("id")).all())

    def sent_to(self, opportunity_id: int) -> OutboxMessage:
        """The first mail of an opportunity."""
        with self.database.reading(self.scope) as session:
            enrollment = self.enrollment(opportunity_id)
            return session.exec(
                select(OutboxMessage)
                .where(OutboxMessage.conversation_id == enrollment.conversation_id)
                .order_by("id")
            ).all()[0]

    def enrollment(self, opportunity_id: int) -> Enrollment:
        return self.read(
            lambda session: session.exec(
                select(Enrollment).where(Enrollment.opportunity_id == opportunity_id)
            ).one()
        )

    def opportunity(self, opportunity_id: int) -> Opportunity:
        return self.read(
            lambda session: session.exec(
                select(Opportunity).where(Opportunity.id == opportunity_id)
            ).one()
        )

    def read(self, question: Callable[[Session], Row]) -> Row:
        with self.database.reading(self.scope) as session:
            return question(session)

    def change(self, what: Callable[[Session], object]) -> None:
        with self.database.writing(self.scope) as session:
            what(session)


def make_correspondence(database: Database, scope: Scope, **mailbox: Any) -> Correspondence:
    with database.writing(scope) as session:
        set_switch(session, MAIL_SENDING, on=True)
        box = make_mailbox(
            session, **{"address": OURS, "created_at": NOON - timedelta(days=1), **mailbox}
        )
        subject = "Soil on {{ prospect.domain }}"
        bodies = ("{{ personal }} See {{ asset.url }}", "Did you see {{ asset.title }}?")
        facts = [TemplateFacts(f"T{n}", subject, body) for n, body in enumerate(bodies)]
        templates = [save_template(session, each, now=NOON) for each in facts]
        steps = (StepFacts(templates[0].key, 0), StepFacts(templates[1].key, 4))
        sequence = save_sequence(session, SequenceFacts("Two steps", steps), now=NOON)
        asset = make_asset(session, title="The soil atlas")
        campaign = make_campaign(
            session, asset_id=asset.key, sequence_id=sequence.key, mailbox_id=box.key
        )
        return Correspondence(database, scope, box.key, campaign.key)


def _campaign(session: Session, campaign_id: int) -> Campaign:
    return get_campaign(session, campaign_id)


def letter(
    text: str = "Happy to add it.",
    *,
    sender: str = "Nora Lind <nora@garden.example>",
    to: str = OURS,
    subject: str = "Re: Soil on garden.example",
    answers: str = "",
    at: datetime = NOON + timedelta(hours=1),
    message_id: str = "",
    headers: str = "",
) -> bytes:
    """A mail as a person's program writes it."""
    named = message_id or f"<{abs(hash((text, sender, subject, answers, at)))}@theirs.example>"
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {format_datetime(at)}\r\n"
    head += f"Message-ID: {named}\r\n"
    if answers:
        head += f"In-Reply-To: {answers}\r\nReferences: {answers}\r\n"
    return f"{head}{headers}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()


def bounce(
    original: str,
    recipient: str = "nora@garden.example",
    *,
    status: str = "5.1.1",
    action: str = "failed",
    at: datetime = NOON + timedelta(minutes=5),
) -> bytes:
    """A delivery report as servers write it (RFC 3464)."""
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {OURS}\r\nSubject: Undelivered Mail\r\n"
        f"Date: {format_datetime(at)}\r\nMessage-ID: <{action}.{status}.{at.timestamp()}@mx>\r\n"
        "Auto-Submitted: auto-replied\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\n"
        "I could not deliver your message.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user here\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {original}\r\nSubject: Soil on garden.example\r\n\r\n"
        "--b--\r\n"
    ).encode()


def absence(answers: str, text: str, **given: Any) -> bytes:
    """An out-of-office note."""
    return letter(
        text,
        subject="Automatic reply: Soil on garden.example",
        answers=answers,
        headers="Auto-Submitted: auto-replied\r\n",
        **given,
    )
