"""From an opportunity to mails in the outbox: who is refused, what is planned, when, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sqlmodel import select

from outreach.accounts.models import Workspace
from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.activity.models import Activity
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.core.db import SYSTEM, Database, Scope, Session
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState
from outreach.pitches.rules import TemplateFacts
from outreach.pitches.services import save_template
from outreach.prospects.models import Prospect
from outreach.sequences.editing import SequenceFacts, StepFacts, save_sequence
from outreach.sequences.models import Enrollment
from outreach.sequences.queries import get_enrollment
from outreach.sequences.services import (
    pause_enrollment,
    postpone_enrollment,
    resume_enrollment,
    stop_enrollments_at_company,
    stop_enrollments_of_person,
)
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.suppression.rules import TouchEntry, person_key
from outreach.suppression.services import note_touch, suppress_address
from outreach.suppression.words import SuppressionReason
from outreach.workflows.after_restore import settle_restored
from outreach.workflows.compose_pitch import Letterhead
from outreach.workflows.plan_steps import Planned, find_due, find_unheeded, heed_mail, plan_step
from outreach.workflows.send_due import Post, send_due
from outreach.workflows.start_pitching import PitchOutcome, start_pitching
from tests import factories
from tests.factories_campaigns import (
    KEY,
    address,
    make_asset,
    make_campaign,
    make_contact,
    make_opportunity,
)
from tests.factories_mail import NOON, Clock, make_mailbox
from tests.fakes.mail import FakeMailSender, refused

BODIES = (
    "Hello {{ contact.first_name|default('there') }},\n\n{{ personal }}\n\nSee {{ asset.url }}",
    "Did you see {{ asset.title }}?",
    "Last word on {{ asset.title }}, {{ sequence.days_since_first }} days on.",
)


@dataclass
class Desk:
    """A campaign ready to go, one opportunity in it, and a server that takes everything."""

    database: Database
    scope: Scope
    mailbox_id: int
    campaign_id: int
    opportunity_id: int
    contact_id: int
    letterhead: Letterhead = field(default_factory=lambda: Letterhead(key=KEY))
    clock: Clock = field(default_factory=Clock)
    sender: FakeMailSender = field(default_factory=FakeMailSender)

    def change(self, what: Callable[[Session], object]) -> None:
        with self.database.writing(self.scope) as session:
            what(session)

    def set(self, model: Any, row_id: int, **values: Any) -> None:
        with self.database.writing(self.scope) as session:
            row = session.exec(select(model).where(model.id == row_id)).one()
            for name, value in values.items():
                setattr(row, name, value)

    def start(self, override_reason: str = "") -> PitchOutcome:
        ids = [self.opportunity_id]
        return start_pitching(self.database, self.scope, ids, self.clock.now, override_reason)[0]

    def plan(self) -> list[Planned]:
        found = find_due(self.database, self.clock.now)
        return [
            plan_step(self.database, Scope(workspace), enrollment, self.letterhead, self.clock.now)
            for workspace, enrollment in found
        ]

    def send(self) -> int:
        post = Post(database=self.database, sender=self.sender, is_capture=False, clock=self.clock)
        return send_due(post, self.scope, self.mailbox_id)

    def enrollment(self) -> Enrollment:
        with self.database.reading(self.scope) as session:
            return session.exec(select(Enrollment)).one()

    def mails(self) -> list[OutboxMessage]:
        with self.database.reading(self.scope) as session:
            return list(session.exec(select(OutboxMessage).order_by("id")).all())

    def stage(self) -> Stage:
        with self.database.reading(self.scope) as session:
            return Stage(session.exec(select(Opportunity.stage)).one())


@pytest.fixture
def desk(database: Database, scope: Scope) -> Desk:
    with database.writing(scope) as session:
        set_switch(session, MAIL_SENDING, on=True)
        mailbox = make_mailbox(session, display_name="Jo Meyer", signature="Jo, Ours")
        subject = "Soil on {{ prospect.domain }}"
        facts = [TemplateFacts(f"T{n}", subject, body) for n, body in enumerate(BODIES)]
        templates = [save_template(session, each, now=NOON) for each in facts]
        waits = zip(templates, (0, 4, 7), strict=True)
        steps = [StepFacts(template.key, wait) for template, wait in waits]
        sequence = save_sequence(session, SequenceFacts("Three steps", tuple(steps)), now=NOON)
        asset = make_asset(session, title="The soil atlas")
        campaign = make_campaign(
            session, asset_id=asset.key, sequence_id=sequence.key, mailbox_id=mailbox.key
        )
        prospect = factories.make_prospect(session, domain="garden.example")
        contact = make_contact(
            session, "nora@garden.example", name="Nora Lind", country="DE", site_id=prospect.site_id
        )
        opportunity = make_opportunity(
            session, campaign=campaign, prospect=prospect, contact_id=contact.key,
            personal_words="I tried your compost.",
        )  # fmt: skip
        return Desk(database, scope, mailbox.key, campaign.key, opportunity.key, contact.key)


def test_a_pitch_goes_out_and_its_follow_ups_wait_business_days(desk: Desk) -> None:
    assert desk.start().is_enrolled
    assert desk.plan() == [Planned.QUEUED]
    assert desk.send() == 1
    assert desk.stage() is Stage.PITCHED
    # Wednesday 18 November and four business days: Tuesday the 24th, at the same local time.
    assert desk.enrollment().due_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert desk.plan() == []

    desk.clock.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert desk.plan() == [Planned.QUEUED]
    assert desk.send() == 1
    assert desk.stage() is Stage.FOLLOWING_UP

    desk.clock.now = datetime(2026, 12, 3, 12, tzinfo=UTC)
    assert desk.plan() == [Planned.QUEUED]
    assert desk.send() == 1
    assert desk.enrollment().state is EnrollmentState.FINISHED
    assert [mail.is_first for mail in desk.mails()] == [True, False, False]


def test_follow_ups_stay_in_the_thread_of_the_first_mail(desk: Desk) -> None:
    _send_two(desk)
    first, second = (_parsed(mail) for mail in desk.mails())

    assert second["Subject"] == f"Re: {first['Subject']}" == "Re: Soil on garden.example"
    assert second["In-Reply-To"] == first["Message-ID"]
    assert first["Message-ID"] in second["References"]
    assert first["In-Reply-To"] is None


def test_the_words_the_footer_and_the_ways_out_are_in_the_mail(desk: Desk) -> None:
    with desk.database.writing(SYSTEM) as session:
        workspace = session.exec(select(Workspace)).one()
        workspace.postal_address = "Ours Ltd\n1 Long Road, Town"
    desk.letterhead = Letterhead(key=KEY, public_url="https://crm.ours.example")
    desk.start()
    desk.plan()

    mail = _parsed(desk.mails()[0])
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    assert text.startswith("Hello Nora,\n\nI tried your compost.\n\nSee https://ours.example/")
    assert "Jo, Ours" in text
    assert "reply “no”" in text
    assert "Ours Ltd, 1 Long Road, Town" in text
    links = mail["List-Unsubscribe"]
    assert links.startswith("<https://crm.ours.example/u/")
    assert "<mailto:" in links
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_body(("html",)) is not None


def test_without_a_public_address_the_way_out_is_a_mail(desk: Desk) -> None:
    desk.start()
    desk.plan()

    mail = _parsed(desk.mails()[0])
    assert mail["List-Unsubscribe"].startswith("<mailto:")
    assert mail["List-Unsubscribe-Post"] is None


def test_planning_twice_is_harmless(desk: Desk) -> None:
    outcome = desk.start()
    assert outcome.enrollment_id is not None
    arguments = (desk.database, desk.scope, outcome.enrollment_id, desk.letterhead, desk.clock.now)

    assert plan_step(*arguments) is Planned.QUEUED
    assert plan_step(*arguments) is Planned.NOT_DUE
    assert len(desk.mails()) == 1


def test_the_next_step_waits_until_the_one_before_is_sent(desk: Desk) -> None:
    desk.start()
    desk.plan()
    desk.clock.forward(days=30)

    assert desk.plan() == []
    desk.set(Enrollment, desk.enrollment().key, due_at=NOON)
    assert desk.plan() == [Planned.NOT_DUE]
    assert len(desk.mails()) == 1


def test_mail_is_planned_into_the_recipients_working_hours(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 12, 24, 22, tzinfo=UTC)  # Christmas Eve, late, a German

    desk.start()

    assert desk.enrollment().due_at == datetime(2026, 12, 28, 8, tzinfo=UTC)


def test_a_mail_held_up_past_the_window_waits_for_the_next_day(desk: Desk) -> None:
    desk.start()
    desk.plan()
    desk.clock.now = NOON.replace(hour=19)

    assert desk.send() == 0
    assert desk.mails()[0].send_after == datetime(2026, 11, 19, 8, tzinfo=UTC)
    assert "working hours" in desk.mails()[0].reason
    assert desk.sender.offered == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"address": None, "address_key": None}, "nobody to write to"),
        ({"deliverability": Deliverability.UNDELIVERABLE}, "cannot be reached"),
        ({"address": "noreply@garden.example"}, "read by nobody"),
        ({"address": "no reply@garden.example"}, "mend the address"),
    ],
)
def test_a_contact_that_cannot_be_written_to_is_refused(
    desk: Desk, change: dict[str, Any], said: str
) -> None:
    desk.set(Contact, desk.contact_id, **change)

    outcome = desk.start()

    assert not outcome.is_enrolled
    assert said in outcome.refusals[0]


def test_the_suppressed_are_refused_whatever_the_reason_to_override(desk: Desk) -> None:
    desk.change(
        lambda s: suppress_address(
            s, address("nora@garden.example"), SuppressionReason.UNSUBSCRIBED, key=KEY, now=NOON
        )
    )

    outcome = desk.start("She is a friend.")

    assert outcome.refusals == (
        "nora@garden.example asked not to be written to, so nobody here writes to it.",
    )


def test_a_recent_contact_by_another_team_needs_a_logged_reason(desk: Desk) -> None:
    other = factories.make_workspace(desk.database)
    touch = TouchEntry(
        source_key="outbox:999", at=NOON - timedelta(days=12),
        person_key=person_key(KEY, address("nora@garden.example")), domain="garden.example",
    )  # fmt: skip
    with desk.database.writing(other) as session:
        note_touch(session, touch, now=NOON)

    refused = desk.start()
    assert refused.refusals == ("Contacted lately: another team, 12 days ago, outcome unknown.",)
    assert refused.can_be_overridden
    assert desk.start("They asked us to write again.").is_enrolled
    with desk.database.reading(desk.scope) as session:
        said = session.exec(select(Activity.sentence).where(Activity.verb == "overrode")).one()
    assert "They asked us to write again." in said


def test_an_empty_merge_field_of_any_step_refuses_and_names_the_field(desk: Desk) -> None:
    desk.set(Opportunity, desk.opportunity_id, personal_words="")

    outcome = desk.start()

    assert "No value for personal" in outcome.refusals[0]
    assert desk.mails() == []


def test_the_same_contact_and_the_same_company_are_enrolled_once(desk: Desk) -> None:
    assert desk.start().is_enrolled
    assert "enrolled for this opportunity already" in desk.start().refusals[0]

    with desk.database.writing(desk.scope) as session:
        prospect = session.exec(select(Prospect)).one()
        colleague = make_contact(session, "ada@garden.example")
        campaign = make_campaign(session)
        first = session.exec(select(Opportunity)).one()
        other = make_opportunity(
            session, campaign=campaign, prospect=prospect, contact_id=colleague.key
        )
        source = session.get_one(type(campaign), desk.campaign_id)
        campaign.sequence_id, campaign.mailbox_id = source.sequence_id, source.mailbox_id
        other.personal_words = first.personal_words
        desk.opportunity_id = other.key
    assert desk.start().refusals == (
        "Somebody at garden.example is going through a sequence already.",
    )


def test_a_campaign_without_sequence_and_mailbox_says_both(desk: Desk) -> None:
    with desk.database.writing(desk.scope) as session:
        prospect = factories.make_prospect(session)
        contact = make_contact(session)
        opportunity = make_opportunity(session, prospect=prospect, contact_id=contact.key)
        desk.opportunity_id = opportunity.key

    assert [said.split(":")[0] for said in desk.start().refusals] == [
        "The campaign has no sequence",
        "The campaign has no mailbox",
    ]


def test_a_colleagues_reply_stops_the_sequence_and_takes_its_mail_back(desk: Desk) -> None:
    desk.start()
    desk.plan()

    desk.change(
        lambda s: stop_enrollments_at_company(
            s, domain="garden.example", contact_id=None, cause=StopCause.REPLIED, now=NOON
        )
    )

    assert desk.enrollment().stopped_because is StopCause.REPLIED
    assert desk.mails()[0].state is OutboxState.CANCELLED
    assert desk.send() == 0


def test_an_unsubscribe_stops_a_person_in_every_workspace(desk: Desk) -> None:
    desk.start()
    with desk.database.writing(SYSTEM) as session:
        stopped = stop_enrollments_of_person(
            session,
            person_key=person_key(KEY, address("nora@garden.example")),
            cause=StopCause.UNSUBSCRIBED,
            now=NOON,
        )

    assert [row.key for row in stopped] == [desk.enrollment().key]
    assert desk.enrollment().state is EnrollmentState.STOPPED
    assert desk.plan() == []


def test_a_suppression_after_enrolling_stops_the_step_when_it_is_due(desk: Desk) -> None:
    desk.start()
    desk.change(
        lambda s: suppress_address(
            s, address("nora@garden.example"), SuppressionReason.ASKED, key=KEY, now=NOON
        )
    )

    assert desk.plan() == [Planned.STOPPED]
    assert desk.enrollment().stopped_because is StopCause.SUPPRESSED


def test_an_out_of_office_postpones_what_is_queued_and_what_is_due(desk: Desk) -> None:
    desk.start()
    desk.plan()
    back = datetime(2026, 12, 1, tzinfo=UTC)

    desk.change(lambda s: postpone_enrollment(s, _the_enrollment(s), back, because="Away."))

    assert desk.mails()[0].send_after == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert desk.send() == 0


def test_a_paused_sequence_plans_and_sends_nothing_until_resumed(desk: Desk) -> None:
    _send_two(desk)
    desk.change(lambda s: pause_enrollment(s, _the_enrollment(s)))
    desk.clock.forward(days=60)
    assert desk.plan() == []

    desk.change(lambda s: resume_enrollment(s, _the_enrollment(s), now=desk.clock.now))
    desk.clock.forward(days=4)
    assert desk.plan() == [Planned.QUEUED]


def test_a_hard_bounce_at_the_door_ends_the_sequence(desk: Desk) -> None:
    desk.start()
    desk.plan()
    desk.sender.before_the_dot.append(refused())

    desk.send()

    assert desk.enrollment().stopped_because is StopCause.BOUNCED


def test_a_soft_refusal_pauses_the_sequence_for_a_person(desk: Desk) -> None:
    desk.start()
    desk.plan()
    desk.sender.before_the_dot.append(refused("554 5.7.1 looks like spam", hard=False))

    desk.send()

    assert desk.enrollment().state is EnrollmentState.PAUSED
    assert "looks like spam" in desk.enrollment().held_because
    desk.change(lambda s: resume_enrollment(s, _the_enrollment(s), now=desk.clock.now))
    assert find_unheeded(desk.database) == []
    assert desk.send() == 1
    assert desk.stage() is Stage.PITCHED


def test_a_pause_at_the_last_moment_loses_no_step_and_tells_nothing_twice(desk: Desk) -> None:
    desk.start()
    desk.plan()
    sent = desk.mails()[0].key
    desk.set(OutboxMessage, sent, state=OutboxState.SENT, sent_at=NOON)
    desk.set(Enrollment, desk.enrollment().key, state=EnrollmentState.PAUSED)
    heed_mail(desk.database, desk.scope, sent, desk.clock.now)

    desk.change(lambda s: resume_enrollment(s, _the_enrollment(s), now=desk.clock.now))
    assert find_unheeded(desk.database) == [(desk.scope.workspace_id, sent)]
    heed_mail(desk.database, desk.scope, sent, desk.clock.now)

    assert desk.enrollment().due_at is not None
    with desk.database.reading(desk.scope) as session:
        told = session.exec(select(Activity).where(Activity.verb == "sent")).all()
    assert sorted(line.subject_type for line in told) == ["contact", "opportunity", "prospect"]


def test_a_hole_that_appears_later_holds_the_step_and_says_why(desk: Desk) -> None:
    desk.start()
    desk.set(Opportunity, desk.opportunity_id, personal_words="")

    assert desk.plan() == [Planned.HELD]
    assert "No value for personal" in desk.enrollment().held_because


def test_a_step_we_stumble_over_is_pushed_an_hour_ahead(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.start()
    monkeypatch.setattr(Letterhead, "message_key", property(lambda _: 1 / 0))

    assert desk.plan() == [Planned.PUSHED_AHEAD]
    assert desk.enrollment().due_at == NOON + timedelta(hours=1)
    monkeypatch.undo()
    desk.clock.forward(hours=1)
    assert desk.plan() == [Planned.QUEUED]


def test_a_restored_backup_plans_no_step_again(desk: Desk) -> None:
    desk.start()
    settled = settle_restored(desk.database, [])

    desk.clock.forward(days=1)
    assert (settled.paused, desk.plan()) == (1, [])
    assert desk.mails() == []


def test_consequences_that_were_lost_are_drawn_later(desk: Desk) -> None:
    desk.start()
    desk.plan()
    desk.set(OutboxMessage, desk.mails()[0].key, state=OutboxState.SENT, sent_at=NOON)

    found = find_unheeded(desk.database)
    assert found == [(desk.scope.workspace_id, desk.mails()[0].key)]
    heed_mail(desk.database, desk.scope, found[0][1], desk.clock.now)

    assert desk.stage() is Stage.PITCHED
    assert desk.enrollment().due_at is not None
    assert find_unheeded(desk.database) == []


HOSTILE = (
    "Nora\r\nBcc: all@evil.example",
    "=?utf-8?q?a=0D=0ABcc:_x?=",
    "a\x0b\x0c\x85\u2028\u2029Bcc: b\x1b",
    "\u202eevil\u202c <b@evil.example>",
    "x" * 2_000,
    '"; DROP TABLE contact; --" <script>alert(1)</script>',
    "{{ 7*7 }} {% raw %}",
)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_merge_values_never_change_which_headers_a_mail_has(desk: Desk, value: str) -> None:
    desk.set(Contact, desk.contact_id, name=value[:200], first_name=value[:100])
    with desk.database.writing(desk.scope) as session:
        template = save_template(
            session,
            TemplateFacts("Hostile", "{{ contact.name|default('x') }} {{ prospect.title }}",
                          "{{ contact.name|default('x') }} {{ prospect.title }} {{ personal }}"),
            now=NOON,
        )  # fmt: skip
        sequence = save_sequence(
            session, SequenceFacts("Hostile", (StepFacts(template.key, 0),)), now=NOON
        )
        prospect = session.exec(select(Prospect)).one()
        prospect.title = value[:300]
        opportunity = session.exec(select(Opportunity)).one()
        opportunity.personal_words = value
        campaign_id = opportunity.campaign_id
        sequence_id = sequence.key
    desk.set(Campaign, campaign_id, sequence_id=sequence_id)

    assert desk.start().is_enrolled
    assert desk.plan() == [Planned.QUEUED]
    assert desk.send() == 1

    raw = desk.sender.sent[0].raw
    names = sorted(line.split(b":")[0].decode() for line in _unfolded(raw))
    assert names == sorted(
        ["Date", "From", "To", "Message-ID", "Subject", "References", "List-Unsubscribe",
         "MIME-Version", "Content-Type"]
    )  # fmt: skip
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_addresses_and_ids_of_two_hundred_characters_survive(desk: Desk) -> None:
    long = "https://crm.ours.example/" + "a" * 200
    desk.letterhead = Letterhead(key=KEY, public_url=long)
    desk.start()
    desk.plan()
    desk.send()

    raw = desk.sender.sent[0].raw
    assert f"<{long}/u/".encode() in raw
    assert b"=?" not in raw.partition(b"\r\n\r\n")[0].partition(b"List-Unsubscribe")[2]


def _send_two(desk: Desk) -> None:
    desk.start()
    desk.plan()
    desk.send()
    desk.clock.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    desk.plan()
    desk.send()


def _parsed(mail: OutboxMessage) -> EmailMessage:
    parsed = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _unfolded(raw: bytes) -> list[bytes]:
    head = raw.partition(b"\r\n\r\n")[0]
    return head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n")


def _the_enrollment(session: Session) -> Enrollment:
    found = session.exec(select(Enrollment.id)).one()
    assert found is not None
    return get_enrollment(session, found)
