"""The middle: templates, a mailbox that is proven, pitches, answers and follow-ups."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.campaigns.services import CampaignDetails, create_campaign, write_personal_words
from outreach.campaigns.words import Stage as Place
from outreach.contacts.queries import contacts_of_site
from outreach.contacts.words import Deliverability
from outreach.core.errors import Invalid
from outreach.demo.cast import (
    AWAY,
    CAST,
    GONE,
    OUR_ADDRESS,
    QUIET,
    REHEARSAL,
    STRANGER,
    SUPPRESSED,
    TOUCHED,
    UNWILLING,
    WILLING,
)
from outreach.demo.mailroom import read_mailbox, send_round
from outreach.demo.stage import Missed, Stage, expect
from outreach.desk.inbox import InboxFilter, inbox_page
from outreach.mail.answers import queue_manual
from outreach.mail.conversations import latest_inbound
from outreach.mail.mailboxes import MailboxFacts, get_mailbox, save_mailbox
from outreach.mail.words import InboundState, Transport
from outreach.pitches.rules import TemplateFacts
from outreach.pitches.services import save_template
from outreach.ports.mail import MailSecurity
from outreach.prospects.words import Tactic
from outreach.sequences.editing import SequenceFacts, StepFacts, save_sequence
from outreach.sequences.queries import enrollments_of_opportunity
from outreach.sequences.services import stop_enrollments
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.workflows.move_opportunities import add_to_campaign, move_by_hand
from outreach.workflows.prove_mailbox import prove_mailbox
from outreach.workflows.start_pitching import start_pitching

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.demo.cast import Publisher

_GREETING = "{% if contact.first_name %}Hello {{ contact.first_name }},{% else %}Hello,{% endif %}"
_FIRST = (
    f"{_GREETING}\n\n{{% if personal %}}\n{{{{ personal }}}}\n\n{{% endif %}}\n"
    "I read “{{ page.title }}” and thought of {{ asset.title }}. {{ asset.hook }}\n\n"
    "{{ asset.url }}\n\nWould it be of use to your readers?"
)
_SECOND = f"{_GREETING}\n\nA short reminder of {{{{ asset.title }}}}: {{{{ asset.url }}}}"
_LAST = f"{_GREETING}\n\nThis is my last note about {{{{ asset.title }}}}. Thank you for reading."
_PITCHED = (WILLING, UNWILLING, AWAY, GONE, QUIET)


def write_templates(stage: Stage) -> str:
    """Write three mails and a sequence; a template that does more than fill in is refused."""
    with stage.database.writing(stage.scope) as session:
        steps = []
        for name, subject, body, wait in (
            ("First mail", "{{ asset.title }} for “{{ page.title }}”", _FIRST, 0),
            ("Follow-up", "Following up", _SECOND, 4),
            ("Last mail", "Last note", _LAST, 7),
        ):
            template = save_template(session, TemplateFacts(name, subject, body), now=stage.now)
            steps.append(StepFacts(template.key, wait))
        facts = SequenceFacts("Three mails", tuple(steps))
        stage.ids["sequence"] = save_sequence(session, facts, now=stage.now).key
        try:
            hostile = "{{ contact.__class__.__mro__ }}"
            save_template(session, TemplateFacts("Hostile", "Hello", hostile), now=stage.now)
        except Invalid as refusal:
            return f"Three steps, 4 and 7 business days apart. A hostile template: {refusal}"
    raise Missed("a template that reaches into the program is refused")


def prove_it(stage: Stage) -> str:
    """Add a mailbox; a wrong password is told, the right one proven on both servers."""
    smtp, imap = stage.post.smtp, stage.post.imap
    facts = MailboxFacts(
        address=OUR_ADDRESS,
        display_name="Robin Hale",
        signature="Robin Hale, The Almanac",
        transport=Transport.SMTP,
        smtp_host=smtp.host,
        smtp_port=smtp.port,
        smtp_security=MailSecurity.NONE,
        imap_host=imap.host,
        imap_port=imap.port,
        imap_security=MailSecurity.NONE,
        username=smtp.username,
        password="wrong",  # noqa: S106 - that is the point
        time_zone="Europe/London",
    )
    with stage.database.writing(stage.scope) as session:
        stage.ids["mailbox"] = save_mailbox(session, facts, box=stage.box, now=stage.now).key
    failure = _proof(stage)
    expect("Sending fails" in failure, f"a wrong password is told, not {failure!r}")
    with stage.database.writing(stage.scope) as session:
        mailbox = get_mailbox(session, stage.ids["mailbox"])
        right = replace(facts, password=smtp.password)
        save_mailbox(session, right, box=stage.box, now=stage.now, mailbox=mailbox)
        expect(smtp.password not in mailbox.sealed_password, "the password is stored sealed")
    failure = _proof(stage)
    expect(not failure, f"the mailbox is proven, not {failure!r}")
    return "A wrong password was told; the right one signs in over SMTP and IMAP, stored encrypted."


def _proof(stage: Stage) -> str:
    sender, reader = stage.sender(is_capture=False), stage.reader()
    try:
        return prove_mailbox(
            stage.database,
            stage.scope,
            stage.ids["mailbox"],
            sender=sender,
            reader=reader,
            now=stage.now,
        )
    finally:
        reader.close()


def begin_campaign(stage: Stage) -> str:
    """Put all into a campaign and begin: the guard refuses one, a suppression another."""
    with stage.database.writing(stage.scope) as session:
        details = CampaignDetails(
            "Soil atlas on resource pages",
            Tactic.RESOURCE_PAGE,
            stage.ids["asset"],
            sequence_id=stage.ids["sequence"],
            mailbox_id=stage.ids["mailbox"],
        )
        campaign_id = create_campaign(session, details, now=stage.now).key
        ids = [stage.prospect(session, who).key for who in CAST]
    added = add_to_campaign(stage.database, stage.scope, campaign_id, ids, now=stage.now)
    expect(len(added.opportunity_ids) == len(CAST), "all who play are in the campaign")
    with stage.database.writing(stage.scope) as session:
        words = "Your table of soil colours is the reason why we drew ours."
        write_personal_words(session, stage.opportunity(session, WILLING), words)
    touched, suppressed = _refusal(stage, TOUCHED), _refusal(stage, SUPPRESSED)
    expect("another team, 12 days ago" in touched, f"the guard tells who wrote, not {touched!r}")
    expect("suppressed" in suppressed, f"the suppression is named, not {suppressed!r}")
    stage.note("Pitches refused by guard and suppression", 2)
    return f"{TOUCHED.site}: {touched} {SUPPRESSED.site}: {suppressed}"


def _refusal(stage: Stage, who: Publisher) -> str:
    outcome = _pitch(stage, [who])[0]
    expect(not outcome[0], f"{who.site} is not pitched")
    return outcome[1]


def _pitch(stage: Stage, people: list[Publisher]) -> list[tuple[bool, str]]:
    with stage.database.reading(stage.scope) as session:
        ids = [stage.opportunity(session, who).key for who in people]
    outcomes = start_pitching(stage.database, stage.scope, ids, stage.now)
    return [(outcome.is_enrolled, " ".join(outcome.refusals)) for outcome in outcomes]


def rehearse(stage: Stage) -> str:
    """A new installation captures mail: it is seen as it would go out, and goes nowhere."""
    expect(_pitch(stage, [REHEARSAL])[0][0], "the rehearsal is enrolled")
    captured = send_round(stage, is_capture=True)
    expect(captured == 1, f"one mail was captured, not {captured}")
    expect(not stage.post.delivered, "nothing reached the SMTP server")
    with stage.database.writing(stage.scope) as session:
        opportunity = stage.opportunity(session, REHEARSAL)
        views = enrollments_of_opportunity(session, opportunity.key)
        stop_enrollments(
            session, [view.enrollment for view in views], StopCause.MANUAL, now=stage.now
        )
    stage.note("Mails captured", captured)
    return "One mail was captured and read over; nothing reached the server. Sending stays off."


def send_for_real(stage: Stage) -> str:
    """Switch sending on: five mails go out, each once, at the mailbox's own pace."""
    with stage.database.system() as session:
        set_switch(session, MAIL_SENDING, on=True)
    expect(all(is_in for is_in, _ in _pitch(stage, list(_PITCHED))), "five are enrolled")
    began = stage.now
    sent = send_round(stage, is_capture=False)
    expect(sent == len(_PITCHED), f"five mails were accepted, not {sent}")
    for who in _PITCHED:
        expect(len(stage.post.sent_to(who)) == 1, f"{who.address} got one mail")
    head = stage.post.sent_to(WILLING)[0].head
    expect("List-Unsubscribe" in head and head["Message-ID"], "a mail carries its headers")
    text = stage.post.sent_to(WILLING)[0].raw.decode("utf-8", "replace")
    expect("Hello Nora" in text, "Nora is greeted by her name")
    minutes = (stage.now - began) / timedelta(minutes=1)
    expect(minutes >= 4 * 9, "nine minutes and more lie between two mails")
    stage.note("Mails sent over SMTP", sent)
    return f"Five pitches over SMTP, {minutes:.0f} minutes from the first to the last, each once."


def read_answers(stage: Stage) -> str:
    """Two days later: yes, no, away, bounced and a stranger, each in its right place."""
    stage.wait(days=2)
    back = stage.now + timedelta(days=12)
    expect(stage.post.answer(stage.now, back) == 4, "four publishers answer")
    stage.post.write_as_stranger(stage.now)
    came = read_mailbox(stage)
    expect(came == 5, f"five mails came, not {came}")
    _expect_state(stage, WILLING, Place.IN_CONVERSATION, EnrollmentState.STOPPED)
    _expect_state(stage, UNWILLING, Place.IN_CONVERSATION, EnrollmentState.STOPPED)
    _expect_state(stage, AWAY, Place.PITCHED, EnrollmentState.ACTIVE)
    _expect_state(stage, GONE, Place.PITCHED, EnrollmentState.STOPPED)
    _expect_state(stage, QUIET, Place.PITCHED, EnrollmentState.ACTIVE)
    with stage.database.reading(stage.scope) as session:
        site_id = stage.prospect(session, GONE).site_id
        gone = contacts_of_site(session, site_id)[0]
        strangers = inbox_page(session, InboxFilter(state=InboundState.TRIAGE)).rows
    expect(gone.deliverability is Deliverability.UNDELIVERABLE, "the dead address is marked")
    expect([line.from_address for line in strangers] == [STRANGER], "the stranger waits in triage")
    expect(read_mailbox(stage) == 0, "reading again brings nothing")
    with stage.database.reading(stage.scope) as session:
        opportunity_id = stage.opportunity(session, UNWILLING).key
    move_by_hand(stage.database, stage.scope, opportunity_id, Place.DECLINED, now=stage.now)
    stage.note("Answers read over IMAP", came)
    return "A yes, and a colleague’s no, stopped; an absence postpones; the dead address is marked."


def answer_by_hand(stage: Stage) -> str:
    """Thank Nora by hand: it goes out at once, in the thread of her answer."""
    with stage.database.writing(stage.scope) as session:
        opportunity = stage.opportunity(session, WILLING)
        enrollment = enrollments_of_opportunity(session, opportunity.key)[0].enrollment
        expect(enrollment.conversation_id, "there is a conversation with Nora")
        conversation_id = enrollment.conversation_id or 0
        words = "Dear Nora,\n\nthank you. Shall I send the maps in print size?\n\nRobin"
        queue_manual(session, conversation_id, words, key=stage.key, now=stage.now)
        theirs = latest_inbound(session, conversation_id)
    expect(send_round(stage, is_capture=False) == 1, "the answer goes out at once")
    mail = stage.post.sent_to(WILLING)[-1].head
    expect(theirs and mail["In-Reply-To"] == theirs.message_id, "it answers her own mail")
    return f"“{mail['Subject']}” went out at once, in her thread."


def follow_up(stage: Stage) -> str:
    """Four business days after the pitch only the silent one is written to, in the same thread."""
    with stage.database.reading(stage.scope) as session:
        opportunity = stage.opportunity(session, QUIET)
        due = enrollments_of_opportunity(session, opportunity.key)[0].enrollment.due_at
    expect(due, "a follow-up is planned")
    assert due is not None
    stage.wait_until(due - timedelta(hours=1))
    expect(send_round(stage, is_capture=False) == 0, "an hour early nothing goes out")
    stage.wait_until(due)
    sent = send_round(stage, is_capture=False)
    expect(sent == 1, f"one follow-up went out, not {sent}")
    first, second = stage.post.sent_to(QUIET)
    expect(second.head["In-Reply-To"] == first.head["Message-ID"], "it is in the same thread")
    expect(str(second.head["Subject"]).startswith("Re: "), "it carries the first subject")
    _expect_state(stage, QUIET, Place.FOLLOWING_UP, EnrollmentState.ACTIVE)
    for who, count in ((WILLING, 2), (UNWILLING, 1), (AWAY, 1), (GONE, 1)):
        expect(len(stage.post.sent_to(who)) == count, f"{who.site} was left alone")
    stage.note("Follow-ups sent", sent)
    return f"Only {QUIET.site} got a follow-up, in its thread; everybody else was left alone."


def _expect_state(stage: Stage, who: Publisher, place: Place, state: EnrollmentState) -> None:
    with stage.database.reading(stage.scope) as session:
        opportunity = stage.opportunity(session, who)
        enrollment = enrollments_of_opportunity(session, opportunity.key)[0].enrollment
    expect(opportunity.stage is place, f"{who.site} is {place}, not {opportunity.stage}")
    said = f"the sequence of {who.site} is {state}, not {enrollment.state}"
    expect(enrollment.state is state, said)


SCENES: tuple[tuple[str, Callable[[Stage], str]], ...] = (
    ("Templates and a sequence", write_templates),
    ("A mailbox, proven", prove_it),
    ("A campaign and its guards", begin_campaign),
    ("A rehearsal, captured", rehearse),
    ("Pitches, sent", send_for_real),
    ("Answers of five kinds", read_answers),
    ("An answer by hand", answer_by_hand),
    ("The follow-up", follow_up),
)
