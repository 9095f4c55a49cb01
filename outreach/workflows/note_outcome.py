"""What follows once a mail is sent, refused, suppressed or cancelled; harmless when done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.campaigns.words import Stage
from outreach.contacts.queries import get_contact
from outreach.contacts.services import mark_undeliverable
from outreach.mail.conversations import get_conversation, note_message
from outreach.mail.words import OutboxState
from outreach.prospects.queries import get_prospect
from outreach.prospects.services import note_touch as note_prospect_touch
from outreach.sequences.queries import find_enrollment_of_mail
from outreach.sequences.services import hold_enrollment, note_step_sent, stop_enrollments
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.suppression.rules import COOL_DOWN, TouchEntry
from outreach.suppression.services import note_touch
from outreach.suppression.words import TouchOutcome
from outreach.workflows.move_opportunities import move_forward

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.mail.models import Conversation, OutboxMessage
    from outreach.sequences.models import Enrollment


def note_outcome(
    session: Session, message: OutboxMessage, *, now: datetime, is_hard: bool = False
) -> None:
    """Draw the consequences of a mail's final state for everyone concerned.

    Args:
        session: Open session of the mail's workspace.
        message: A mail that will not move again by itself.
        now: When.
        is_hard: The recipient's address was refused as dead.
    """
    enrollment = find_enrollment_of_mail(session, message.key)
    match message.state:
        case OutboxState.SENT:
            _note_sent(session, message, enrollment, now)
        case OutboxState.FAILED if is_hard:
            _note_dead_address(session, message, enrollment, now)
        case OutboxState.FAILED:
            _hold(session, enrollment, f"The last mail could not be sent: {message.reason}")
        case OutboxState.SUPPRESSED:
            _stop(session, enrollment, StopCause.SUPPRESSED, now)
        case OutboxState.CANCELLED:
            _stop(session, enrollment, StopCause.MANUAL, now)
        case _:
            pass


def _note_sent(
    session: Session, message: OutboxMessage, enrollment: Enrollment | None, now: datetime
) -> None:
    sent_at = message.sent_at or now
    conversation = get_conversation(session, message.conversation_id)
    note_message(session, conversation.key, at=max(sent_at, conversation.last_message_at))
    if enrollment is not None:
        note_step_sent(session, enrollment, sent_at=sent_at)
    is_news = _note_touch(session, message, conversation, sent_at)
    if conversation.opportunity_id is not None and not message.is_manual:
        wanted = Stage.PITCHED if message.is_first else Stage.FOLLOWING_UP
        move_forward(session, conversation.opportunity_id, wanted, now=now)
    if is_news:
        _tell(session, message, conversation, sent_at)


def _tell(
    session: Session, message: OutboxMessage, conversation: Conversation, sent_at: datetime
) -> None:
    """Put the mail into the timelines of everything it is about."""
    captured = " (captured here, not sent)" if message.is_captured else ""
    said = f"Wrote to {message.recipient}{captured}: {message.subject}"
    for kind, subject_id in (
        ("prospect", conversation.prospect_id),
        ("opportunity", conversation.opportunity_id),
        ("contact", message.contact_id),
    ):
        if subject_id is not None:
            details: dict[str, object] = {"outbox_message_id": message.key}
            record(session, "sent", Subject(kind, subject_id), said, now=sent_at, details=details)


def _note_touch(
    session: Session, message: OutboxMessage, conversation: Conversation, sent_at: datetime
) -> bool:
    """Tell the collision guard, under the prospect's domain; False when it knew already."""
    domain = message.recipient_domain
    if conversation.prospect_id is not None:
        domain = get_prospect(session, conversation.prospect_id).domain
    touch = TouchEntry(
        source_key=f"outbox:{message.key}",
        at=sent_at,
        person_key=message.recipient_key,
        domain=domain,
        outcome=TouchOutcome.AWAITING,
    )
    note_prospect_touch(session, domain, at=sent_at, cool_down=COOL_DOWN)
    return note_touch(session, touch, now=sent_at)


def _note_dead_address(
    session: Session, message: OutboxMessage, enrollment: Enrollment | None, now: datetime
) -> None:
    if message.contact_id is not None:
        contact = get_contact(session, message.contact_id)
        if contact.is_reachable:
            mark_undeliverable(session, contact, message.server_reply, now=now)
    _stop(session, enrollment, StopCause.BOUNCED, now)


def _hold(session: Session, enrollment: Enrollment | None, because: str) -> None:
    if enrollment is not None and enrollment.state is EnrollmentState.ACTIVE:
        hold_enrollment(session, enrollment, because)


def _stop(session: Session, enrollment: Enrollment | None, cause: StopCause, now: datetime) -> None:
    if enrollment is not None:
        stop_enrollments(session, [enrollment], cause, now=now)
