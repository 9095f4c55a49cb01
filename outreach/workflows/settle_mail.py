"""What follows from an incoming mail, by its kind; one transaction, harmless when done again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.activity.services import Subject, record
from outreach.campaigns.queries import get_opportunity
from outreach.campaigns.rules import STAGES
from outreach.campaigns.words import Stage
from outreach.contacts.queries import get_contact
from outreach.contacts.services import mark_deliverable, mark_undeliverable
from outreach.core.addresses import parse_mail_address
from outreach.core.business_days import to_utc
from outreach.mail.auto_replies import AutoReplyKind
from outreach.mail.conversations import get_conversation, note_message
from outreach.mail.models import InboundMessage, OutboxMessage
from outreach.mail.outbox import mark_as_sent
from outreach.mail.words import InboundKind, InboundState, OutboxState
from outreach.prospects.queries import get_prospect
from outreach.reminders.services import add_reminder
from outreach.sequences.queries import (
    calendar_for,
    find_enrollment_of_conversation,
    live_enrollments,
)
from outreach.sequences.services import (
    hold_enrollment,
    postpone_enrollment,
    stop_enrollments,
    stop_enrollments_at_company,
)
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.suppression.rules import company_domain
from outreach.suppression.services import set_touch_outcome, settle_touches
from outreach.suppression.words import TouchOutcome
from outreach.workflows.keep_contacts import note_sites
from outreach.workflows.move_opportunities import move
from outreach.workflows.note_outcome import note_outcome

if TYPE_CHECKING:
    from outreach.contacts.models import Contact
    from outreach.core.db import Session
    from outreach.mail.models import Conversation
    from outreach.sequences.models import Enrollment

SOFT_BOUNCE_REST = timedelta(days=3)
MOST_SOFT_BOUNCES = 3
AFTER_RETURN_DAYS = 3  # business days a person gets after an absence
_LONGEST_ABSENCE = timedelta(days=366)
# The rules of classifying that read a wish into a person's own words.
_SAID_IN_WORDS = "reply that"


@dataclass(frozen=True, slots=True)
class Matter:
    """An incoming mail with everything it is about."""

    message: InboundMessage
    conversation: Conversation
    sent: OutboxMessage | None  # the mail of ours it answers, when known
    enrollment: Enrollment | None
    contact: Contact | None
    domain: str  # the company's, "" when there is none
    now: datetime


def matter_of(session: Session, message: InboundMessage, *, now: datetime) -> Matter:
    """Gather what a matched mail is about."""
    conversation = get_conversation(session, message.conversation_id or 0)
    sent = _sent_mail(session, message)
    contact_id = conversation.contact_id
    contact = get_contact(session, contact_id) if contact_id is not None else None
    enrollment = find_enrollment_of_conversation(session, conversation.key)
    return Matter(
        message=message,
        conversation=conversation,
        sent=sent,
        enrollment=enrollment,
        contact=contact,
        domain=_company(session, conversation, enrollment, sent),
        now=now,
    )


def settle(session: Session, message: InboundMessage, *, now: datetime) -> None:
    """Draw the consequences of a mail that belongs to a conversation."""
    matter = matter_of(session, message, now=now)
    _take_as_proof(session, matter)
    at = max(message.received_at, matter.conversation.last_message_at)
    is_reply = message.kind is InboundKind.REPLY
    note_message(session, matter.conversation.key, at=at, is_reply=is_reply)
    message.state = InboundState.HANDLED
    match message.kind:
        case InboundKind.REPLY:
            _note_reply(session, matter)
        case InboundKind.UNSUBSCRIBE | InboundKind.COMPLAINT:
            _note_silence(session, matter)
        case InboundKind.BOUNCE_HARD:
            _note_hard_bounce(session, matter)
        case InboundKind.BOUNCE_SOFT:
            _note_soft_bounce(session, matter)
        case InboundKind.OUT_OF_OFFICE:
            _note_absence(session, matter)
        case InboundKind.AUTO_REPLY:
            _note_automatic(session, matter)
        case InboundKind.UNPARSED:
            message.state = InboundState.OPEN
        case _:
            pass  # a delayed mail is still on its way; our own copy says nothing new
    session.add(message)
    session.flush()


def _take_as_proof(session: Session, matter: Matter) -> None:
    """Any answer to a doubtful mail proves that it was sent."""
    sent = matter.sent
    if sent is None or sent.state is not OutboxState.IN_DOUBT:
        return
    if mark_as_sent(session, sent, because="An answer to it came.", now=matter.now):
        note_outcome(session, sent, now=matter.now)


def _note_reply(session: Session, matter: Matter) -> None:
    """A person answered: nobody at that company gets another step."""
    message = matter.message
    message.state = InboundState.OPEN
    _stop_company(session, matter, StopCause.REPLIED)
    _note_person_is_there(session, matter)
    _settle_touches(session, matter, TouchOutcome.REPLIED)
    who = message.from_name or message.from_address
    _tell(session, matter, "replied", f"{who} answered: {message.subject}")
    opportunity_id = matter.conversation.opportunity_id
    if opportunity_id is None:
        return
    opportunity = get_opportunity(session, opportunity_id)
    is_before = STAGES.index(opportunity.stage) < STAGES.index(Stage.IN_CONVERSATION)
    if is_before or opportunity.stage is Stage.UNRESPONSIVE:
        move(session, opportunity, Stage.IN_CONVERSATION, now=matter.now)


def _note_silence(session: Session, matter: Matter) -> None:
    """The person is silenced everywhere by `silence_person`; their company gets no more steps."""
    message = matter.message
    is_complaint = message.kind is InboundKind.COMPLAINT
    _stop_company(session, matter, StopCause.COMPLAINED if is_complaint else StopCause.UNSUBSCRIBED)
    if is_complaint or message.kind_rule.startswith(_SAID_IN_WORDS):
        message.state = InboundState.OPEN


def _note_hard_bounce(session: Session, matter: Matter) -> None:
    """The address is dead; the domain is not to blame."""
    sent, contact = matter.sent, matter.contact
    if sent is not None and not _names(matter.message, sent.recipient):
        matter.message.state = InboundState.OPEN  # they forward to a dead address: a person looks
        return
    because = str(matter.message.facts.get("diagnostic") or "Mail to this address came back.")
    if contact is not None and contact.is_reachable and _is_for(contact, sent):
        mark_undeliverable(session, contact, because, now=matter.now)
        note_sites(session, [contact.site_id])
    _stop_person(session, matter, StopCause.BOUNCED)
    if sent is not None:
        set_touch_outcome(session, f"outbox:{sent.key}", TouchOutcome.BOUNCED)
    address = sent.recipient if sent else (contact.address if contact else "") or ""
    _tell(session, matter, "bounced", f"Mail to {address} came back; choose another contact.")


def _note_soft_bounce(session: Session, matter: Matter) -> None:
    """Wait three days; after three in one conversation the address is given up for now."""
    count = len(
        session.exec(
            select(InboundMessage.id).where(
                InboundMessage.conversation_id == matter.conversation.key,
                InboundMessage.kind == InboundKind.BOUNCE_SOFT,
                col(InboundMessage.processed_at).is_not(None),
            )
        ).all()
    )
    if count >= MOST_SOFT_BOUNCES:
        _stop_person(session, matter, StopCause.BOUNCED)
        said = f"Mail came back {count} times; the sequence was stopped."
    else:
        until = matter.now + SOFT_BOUNCE_REST
        _postpone(session, matter, {None: until}, "A mail came back for now.")
        said = "A mail came back for now; the sequence waits three days."
    _tell(session, matter, "bounced", said)


def _note_absence(session: Session, matter: Matter) -> None:
    """Nobody reads for a while: wait until three business days after the return."""
    until = _return_date(matter.message)
    moments: dict[int | None, datetime] = {}
    for enrollment in _theirs(session, matter):
        calendar = calendar_for(session, enrollment)
        since = matter.now
        if until is not None:
            opens = datetime.combine(until, calendar.window.opens)
            since = max(since, to_utc(opens, calendar.zone))
        moments[enrollment.key] = calendar.due_after(since, AFTER_RETURN_DAYS)
    away = f"until {until:%-d %b %Y}" if until else "for a while"
    _postpone(session, matter, moments, f"Out of the office {away}.")
    who = matter.message.from_name or matter.message.from_address
    _tell(session, matter, "out_of_office", f"{who} is out of the office {away}.")


def _note_automatic(session: Session, matter: Matter) -> None:
    automatic = matter.message.facts.get("automatic")
    if automatic == AutoReplyKind.LEFT:
        _note_left(session, matter)
    elif automatic == AutoReplyKind.CHALLENGE:
        matter.message.state = InboundState.OPEN
        for enrollment in _theirs(session, matter):
            hold_enrollment(session, enrollment, "Their server asks whether a person writes.")


def _note_left(session: Session, matter: Matter) -> None:
    """The person is gone: stop, and ask somebody here to find another."""
    _stop_person(session, matter, StopCause.LEFT)
    who = matter.contact.display_name if matter.contact else matter.message.from_address
    where = f" {matter.domain}" if matter.domain else ""
    _tell(session, matter, "left", f"{who} has left{where}.")
    add_reminder(
        session,
        f"{who} has left{where}: find another contact.",
        due_at=matter.now,
        subject=_subject(matter),
        source_key=f"left:{matter.message.key}",
    )


def _stop_company(session: Session, matter: Matter, cause: StopCause) -> None:
    stop_enrollments_at_company(
        session,
        domain=matter.domain,
        contact_id=matter.conversation.contact_id,
        cause=cause,
        now=matter.now,
        message_id=matter.message.key,
    )


def _stop_person(session: Session, matter: Matter, cause: StopCause) -> None:
    stop_enrollments(
        session,
        _theirs(session, matter, with_paused=True),
        cause,
        now=matter.now,
        message_id=matter.message.key,
    )


def _theirs(session: Session, matter: Matter, *, with_paused: bool = False) -> list[Enrollment]:
    """Return the live enrollments of the one contact, not of colleagues."""
    found = {
        row.key: row for row in live_enrollments(session, contact_id=matter.conversation.contact_id)
    }
    if matter.enrollment is not None:
        found.setdefault(matter.enrollment.key, matter.enrollment)
    states = {EnrollmentState.ACTIVE} | ({EnrollmentState.PAUSED} if with_paused else set())
    return [row for row in found.values() if row.state in states]


def _postpone(
    session: Session, matter: Matter, moments: dict[int | None, datetime], because: str
) -> None:
    for enrollment in _theirs(session, matter):
        until = moments.get(enrollment.key, moments.get(None))
        if until is not None:
            postpone_enrollment(session, enrollment, until, because=because)


def _return_date(message: InboundMessage) -> date | None:
    """Return the day somebody said they are back, unless it is past or beyond a year."""
    found = str(message.facts.get("until") or "")
    if not found:
        return None
    until = date.fromisoformat(found)
    day = message.received_at.date()
    return until if day <= until <= day + _LONGEST_ABSENCE else None


def _note_person_is_there(session: Session, matter: Matter) -> None:
    """A reply from the very address we wrote to proves that mail arrives there."""
    sender = parse_mail_address(matter.message.from_address)
    contact = matter.contact
    if contact is None or sender is None or contact.address_key != sender.key:
        return
    mark_deliverable(session, contact)
    note_sites(session, [contact.site_id])


def _settle_touches(session: Session, matter: Matter, outcome: TouchOutcome) -> None:
    if matter.sent is not None and matter.sent.recipient_key:
        settle_touches(session, outcome, person_key=matter.sent.recipient_key)
    if matter.domain:
        settle_touches(session, outcome, domain=matter.domain)


def _tell(session: Session, matter: Matter, verb: str, sentence: str) -> None:
    """Put one line into the timeline of everything the mail is about."""
    details: dict[str, object] = {"inbound_message_id": matter.message.key}
    conversation = matter.conversation
    for kind, subject_id in (
        ("prospect", conversation.prospect_id),
        ("opportunity", conversation.opportunity_id),
        ("contact", conversation.contact_id),
    ):
        if subject_id is not None:
            subject = Subject(kind, subject_id)
            record(session, verb, subject, sentence, now=matter.now, details=details)


def _subject(matter: Matter) -> Subject:
    conversation = matter.conversation
    if conversation.opportunity_id is not None:
        return Subject("opportunity", conversation.opportunity_id)
    if conversation.prospect_id is not None:
        return Subject("prospect", conversation.prospect_id)
    return Subject("conversation", conversation.key)


def _company(
    session: Session,
    conversation: Conversation,
    enrollment: Enrollment | None,
    sent: OutboxMessage | None,
) -> str:
    if enrollment is not None:
        return enrollment.domain
    if conversation.prospect_id is not None:
        return get_prospect(session, conversation.prospect_id).domain
    return company_domain(parse_mail_address(sent.recipient)) if sent is not None else ""


def _sent_mail(session: Session, message: InboundMessage) -> OutboxMessage | None:
    """Return the mail of ours that was matched, else the last one of the conversation."""
    if message.outbox_message_id is None and message.conversation_id is None:
        return None
    statement = select(OutboxMessage).execution_options(populate_existing=True)
    if message.outbox_message_id is not None:
        statement = statement.where(OutboxMessage.id == message.outbox_message_id)
    else:
        statement = statement.where(
            OutboxMessage.conversation_id == message.conversation_id,
            OutboxMessage.state == OutboxState.SENT,
        )
    return session.exec(statement.order_by(col(OutboxMessage.id).desc()).limit(1)).first()


def _names(message: InboundMessage, address: str) -> bool:
    """Tell whether a bounce is about an address; one that names nobody is about ours."""
    failed = message.facts.get("failed")
    return not isinstance(failed, list) or address.lower() in failed


def _is_for(contact: Contact, sent: OutboxMessage | None) -> bool:
    """Tell whether the contact still has the address that failed."""
    return sent is None or (contact.address or "").lower() == sent.recipient.lower()
