"""The sample's correspondence: months of pitches and answers, played by the real workflows.

Nothing is written into the mail tables by hand. Opportunities are enrolled, steps planned and
mails captured as the clock of the story moves on, and answers go through the same reading and
matching as mail from a server; so the sample is what the app itself would have made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlmodel import col, func, select

from outreach.campaigns.queries import get_opportunity, opportunities_of_prospect
from outreach.campaigns.services import CampaignDetails, create_campaign, write_personal_words
from outreach.campaigns.words import Stage
from outreach.contacts.queries import get_contact
from outreach.core.business_days import is_business_day
from outreach.core.errors import Invalid
from outreach.mail.inbox import Place, inbound_of, set_state
from outreach.mail.mailboxes import MailboxFacts, save_mailbox
from outreach.mail.models import OutboxMessage
from outreach.mail.words import InboundState, OutboxState
from outreach.pitches.rules import TemplateFacts
from outreach.pitches.services import save_template
from outreach.ports.mail import IncomingMail
from outreach.prospects.queries import prospect_ids
from outreach.prospects.words import Tactic
from outreach.sequences.editing import SequenceFacts, StepFacts, save_sequence
from outreach.sequences.models import Enrollment
from outreach.sequences.words import EnrollmentState
from outreach.workflows.compose_pitch import Letterhead
from outreach.workflows.move_opportunities import add_to_campaign, move_by_hand
from outreach.workflows.plan_steps import find_due, plan_step
from outreach.workflows.receive_mail import Reception, keep_mail, settle_waiting
from outreach.workflows.sample_answers import Answer, answer_bytes
from outreach.workflows.sample_prospects import days_before
from outreach.workflows.send_due import Post, send_due
from outreach.workflows.start_pitching import start_pitching

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.core.db import Database, Scope, Session
    from outreach.workflows.sample_files import SampleFiles, SampleTools, StoryClock

_STEP = timedelta(minutes=15)  # longer than the longest gap between two mails of a mailbox
_ADDED_LATELY_DAYS = 9
_MOST_STEPS = 200  # of waiting for one moment's mail; the story has far fewer
_AFTER_READING = timedelta(minutes=70)  # how long after our mail an answer of the same day comes


def add_campaigns(
    session: Session,
    files: SampleFiles,
    assets: dict[str, int],
    tools: SampleTools,
    *,
    now: datetime,
) -> tuple[int, dict[str, int]]:
    """Add mailbox, templates, sequences and campaigns; return the mailbox and campaigns by key."""
    said = files.workspace
    mailbox = save_mailbox(session, MailboxFacts(**said["mailbox"]), box=tools.box, now=now)
    templates = {
        row["key"]: save_template(
            session,
            TemplateFacts(row["name"], row["subject"], row["body"], row["tactic"]),
            now=now,
        ).key
        for row in said["templates"]
    }
    sequences = {}
    for row in said["sequences"]:
        steps = tuple(StepFacts(templates[key], wait) for key, wait in row["steps"])
        facts = SequenceFacts(row["name"], steps, *row["window"])
        sequences[row["key"]] = save_sequence(session, facts, now=now).key
    campaigns = {}
    for row in said["campaigns"]:
        details = CampaignDetails(
            name=row["name"],
            tactic=Tactic(row["tactic"]),
            asset_id=assets[row["asset"]],
            sequence_id=sequences[row["sequence"]],
            mailbox_id=mailbox.key,
        )
        campaigns[row["key"]] = create_campaign(session, details, now=now).key
    return mailbox.key, campaigns


@dataclass(slots=True)
class Story:
    """The correspondence while it is being played."""

    database: Database
    scope: Scope
    tools: SampleTools
    clock: StoryClock
    mailbox_id: int
    opportunities: dict[str, int] = field(default_factory=dict)  # by domain
    _answers: list[Answer] = field(default_factory=list)
    _uid: int = 0

    def set_out(self, files: SampleFiles, campaigns: dict[str, int]) -> None:
        """Put the prospects that will be pitched into their campaigns."""
        for key, campaign_id in campaigns.items():
            self._add(campaign_id, _domains(files.story["pitches"], key))

    def events(
        self, files: SampleFiles, campaigns: dict[str, int], now: datetime
    ) -> list[tuple[datetime, Callable[[], None]]]:
        """List what people do, and when."""
        found: list[tuple[datetime, Callable[[], None]]] = []
        for row in files.story["pitches"]:
            at = _working_morning(days_before(now, row["days_ago"]))
            found.append((at, _bound(self.pitch, row)))
            if "ends" in row:
                found.append((days_before(now, row["ends"]["days_ago"]), _bound(self.end, row)))
        for key, campaign_id in campaigns.items():
            lately = _domains(files.story["waiting"], key) + files.workspace["in_campaigns"][key]
            added = partial(self._add, campaign_id, lately)
            found.append((days_before(now, _ADDED_LATELY_DAYS), added))
        four_days_ago = days_before(now, 4)
        found += [(four_days_ago, _bound(self.wait, row)) for row in files.story["waiting"]]
        found += [
            (days_before(now, row["days_ago"]), _bound(self.hear_from_stranger, row))
            for row in files.story["strangers"]
        ]
        return found

    def _add(self, campaign_id: int, domains: list[str]) -> None:
        """Put prospects into a campaign, and remember their opportunities."""
        with self.database.reading(self.scope) as session:
            ids = prospect_ids(session, domains)
        now = self.clock()
        add_to_campaign(self.database, self.scope, campaign_id, [*ids.values()], now=now)
        with self.database.reading(self.scope) as session:
            for domain, prospect_id in ids.items():
                (opportunity,) = opportunities_of_prospect(session, prospect_id)
                self.opportunities[domain] = opportunity.key

    def pitch(self, row: dict[str, Any]) -> None:
        """Begin one sequence, and remember how it will be answered."""
        opportunity_id = self._prepare(row)
        outcome = start_pitching(self.database, self.scope, [opportunity_id], self.clock())[0]
        if not outcome.is_enrolled:
            raise Invalid(f"The sample cannot pitch {row['domain']}: {' '.join(outcome.refusals)}")
        self._answers += [Answer(opportunity_id, reply) for reply in row.get("replies", ())]

    def end(self, row: dict[str, Any]) -> None:
        """Move an opportunity to where a person has put it."""
        self._move(row["domain"], row["ends"]["stage"], row["ends"].get("reason", ""))

    def wait(self, row: dict[str, Any]) -> None:
        """Leave an opportunity where nobody has been written to yet."""
        opportunity_id = self._prepare(row)
        with self.database.reading(self.scope) as session:
            stage = get_opportunity(session, opportunity_id).stage
        if stage != row["stage"]:
            self._move(row["domain"], row["stage"], "")

    def hear_from_stranger(self, row: dict[str, Any]) -> None:
        """Take in a mail that answers nothing of ours."""
        self._take_in(answer_bytes(row, None, at=self.clock()))

    def move_to(self, until: datetime) -> None:
        """Let the clock run: due steps are planned, mails captured, answers come in."""
        while (moment := self._next_moment()) is not None and moment <= until:
            self.clock.now = max(self.clock.now, moment)
            self._work()
        self.clock.now = max(self.clock.now, until)

    def _prepare(self, row: dict[str, Any]) -> int:
        opportunity_id = self.opportunities[row["domain"]]
        if row.get("personal"):
            with self.database.writing(self.scope) as session:
                opportunity = get_opportunity(session, opportunity_id)
                write_personal_words(session, opportunity, row["personal"])
        return opportunity_id

    def _move(self, domain: str, stage: str, reason: str) -> None:
        opportunity_id = self.opportunities[domain]
        now = self.clock()
        move_by_hand(
            self.database, self.scope, opportunity_id, Stage(stage), now=now, reason=reason
        )

    def _next_moment(self) -> datetime | None:
        steps = select(func.min(Enrollment.due_at)).where(
            Enrollment.state == EnrollmentState.ACTIVE
        )
        mails = select(func.min(OutboxMessage.send_after)).where(
            OutboxMessage.state == OutboxState.QUEUED
        )
        with self.database.reading(self.scope) as session:
            moments = [session.exec(steps).one(), session.exec(mails).one()]
            moments += [self._answered_at(session, answer) for answer in self._answers]
        return min((moment for moment in moments if moment is not None), default=None)

    def _work(self) -> None:
        letterhead = Letterhead(key=self.tools.key)
        for _workspace, enrollment_id in find_due(self.database, self.clock()):
            plan_step(self.database, self.scope, enrollment_id, letterhead, self.clock())
        for _ in range(_MOST_STEPS):
            self._send_one()
            if not self._has_due_mail():
                break
            self.clock.now += _STEP
        for answer in list(self._answers):
            self._hear(answer)

    def _send_one(self) -> None:
        post = Post(
            database=self.database,
            sender=self.tools.capture,
            is_capture=True,
            clock=self.clock,
            worker="sample",
        )
        send_due(post, self.scope, self.mailbox_id, limit=1)

    def _has_due_mail(self) -> bool:
        waiting = select(OutboxMessage.id).where(
            OutboxMessage.state == OutboxState.QUEUED,
            col(OutboxMessage.send_after) <= self.clock(),
        )
        with self.database.reading(self.scope) as session:
            return session.exec(waiting.limit(1)).first() is not None

    def _hear(self, answer: Answer) -> None:
        with self.database.reading(self.scope) as session:
            at = self._answered_at(session, answer)
            sent = answer.first_mail(session)
            if sent is None or at is None or at > self.clock():
                return
            name = get_contact(session, sent.contact_id or 0).name
        self._answers.remove(answer)
        self._take_in(answer_bytes({"name": name, **answer.said}, sent, at=at))
        if not answer.said.get("is_open"):
            self._mark_handled(sent.conversation_id)

    def _answered_at(self, session: Session, answer: Answer) -> datetime | None:
        sent = answer.first_mail(session)
        if sent is None or sent.sent_at is None:
            return None
        return sent.sent_at + timedelta(days=answer.said["after_days"]) + _AFTER_READING

    def _take_in(self, raw: bytes) -> None:
        self._uid += 1
        reception = Reception(database=self.database, key=self.tools.key, clock=self.clock)
        mail = IncomingMail(folder="INBOX", uidvalidity=1, uid=self._uid, raw=raw)
        keep_mail(reception, self.scope, self.mailbox_id, mail, Place.INBOX)
        settle_waiting(reception, self.scope, self.mailbox_id)

    def _mark_handled(self, conversation_id: int) -> None:
        with self.database.writing(self.scope) as session:
            for message in inbound_of(session, conversation_id):
                set_state(session, message, InboundState.HANDLED)


def _domains(rows: list[dict[str, Any]], campaign: str) -> list[str]:
    return [row["domain"] for row in rows if row["campaign"] == campaign]


def _working_morning(at: datetime) -> datetime:
    while not is_business_day(at.date(), "GB"):
        at -= timedelta(days=1)
    return at


def _bound(act: Callable[[dict[str, Any]], None], row: dict[str, Any]) -> Callable[[], None]:
    return lambda: act(row)
