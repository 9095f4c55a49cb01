"""Turn due steps into frozen mails, one transaction for each enrollment; twice is harmless."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog

from outreach.accounts.queries import get_workspace_row
from outreach.core.addresses import MailAddress, parse_mail_address
from outreach.core.errors import OutreachError
from outreach.mail.conversations import Opening, open_conversation, thread_ids
from outreach.mail.mailboxes import get_mailbox
from outreach.mail.mime import message_id
from outreach.mail.outbox import NewMail, enqueue
from outreach.mail.sending import fresh
from outreach.mail.words import OutboxState
from outreach.pitches.rendering import PitchSubject, pitch_subject
from outreach.pitches.rules import Place
from outreach.sequences.queries import (
    calendar_for,
    due_enrollments,
    get_enrollment,
    planned_steps,
    steps_of,
    unheeded_mails,
)
from outreach.sequences.services import (
    hold_enrollment,
    note_planned,
    push_ahead,
    stop_enrollments,
    take_step,
)
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.suppression.queries import find_suppression
from outreach.suppression.services import issue_unsubscribe_token
from outreach.workflows.compose_pitch import Envelope, Letterhead, Thread, compose, fill_in
from outreach.workflows.note_outcome import note_outcome

if TYPE_CHECKING:
    from outreach.contacts.models import Contact
    from outreach.core.db import Database, Scope, Session
    from outreach.mail.models import Mailbox
    from outreach.pitches.models import PitchTemplate
    from outreach.pitches.rules import Pitch
    from outreach.sequences.models import Enrollment, Step
    from outreach.sequences.rules import Calendar

log = structlog.get_logger(__name__)

AHEAD = timedelta(hours=1)


class Planned(StrEnum):
    """What planning one enrollment came to."""

    QUEUED = "queued"
    NOT_DUE = "not due"
    STOPPED = "stopped"
    HELD = "held"
    PUSHED_AHEAD = "pushed ahead"


class _Overtaken(Exception):
    """Somebody else planned this step, or stopped the enrollment, meanwhile."""


@dataclass(frozen=True, slots=True)
class _Due:
    """One due step with everything its mail needs."""

    enrollment: Enrollment
    step: Step
    template: PitchTemplate
    about: PitchSubject
    mailbox: Mailbox
    calendar: Calendar
    contact: Contact
    to: MailAddress
    postal_address: str
    place: Place
    is_first: bool


def plan_step(
    database: Database, scope: Scope, enrollment_id: int, letterhead: Letterhead, now: datetime
) -> Planned:
    """Plan the due step of one enrollment; what we stumble over is pushed an hour ahead."""
    try:
        return _plan(database, scope, enrollment_id, letterhead, now)
    except _Overtaken:
        return Planned.NOT_DUE
    except OutreachError as problem:
        with database.writing(scope) as session:
            hold_enrollment(session, get_enrollment(session, enrollment_id), str(problem))
        return Planned.HELD
    except Exception as problem:
        log.exception("a step made us stumble", enrollment_id=enrollment_id)
        with database.writing(scope) as session:
            why = f"We stumbled over this step: {type(problem).__name__}."
            push_ahead(session, enrollment_id, now + AHEAD, why)
        return Planned.PUSHED_AHEAD


def _plan(
    database: Database, scope: Scope, enrollment_id: int, letterhead: Letterhead, now: datetime
) -> Planned:
    with database.reading(scope) as session:
        enrollment = get_enrollment(session, enrollment_id)
        if not _is_due(enrollment, now):
            return Planned.NOT_DUE
        cause = _reason_to_stop(session, enrollment)
        due = None if cause else _read(session, enrollment, now)
    if cause:
        with database.writing(scope) as session:
            again = get_enrollment(session, enrollment_id)
            stop_enrollments(session, [again], cause, now=now)
        return Planned.STOPPED
    if due is None:
        return Planned.NOT_DUE
    pitch = fill_in(due.template, due.about, due.mailbox, due.place)
    with database.writing(scope) as session:
        _queue(session, due, pitch, letterhead, now)
    return Planned.QUEUED


def _is_due(enrollment: Enrollment, now: datetime) -> bool:
    is_active = enrollment.state is EnrollmentState.ACTIVE
    return is_active and enrollment.due_at is not None and enrollment.due_at <= now


def _reason_to_stop(session: Session, enrollment: Enrollment) -> StopCause | None:
    about = pitch_subject(session, enrollment.opportunity_id, contact_id=enrollment.contact_id)
    contact = about.contact
    if contact is None or not contact.is_current:
        return StopCause.ERASED
    for domain in dict.fromkeys((enrollment.domain, (contact.address or "").partition("@")[2])):
        if find_suppression(session, person_key=contact.person_key, domain=domain):
            return StopCause.SUPPRESSED
    return None if contact.is_reachable else StopCause.BOUNCED


def _read(session: Session, enrollment: Enrollment, now: datetime) -> _Due | None:
    """Read a due step; None while the mail before it is not surely sent."""
    steps = steps_of(session, enrollment.sequence_id)
    sent = [message for _, message in planned_steps(session, enrollment.key)]
    if enrollment.next_position >= len(steps) or any(
        message.state is not OutboxState.SENT for message in sent[-1:]
    ):
        return None
    step, template = steps[enrollment.next_position]
    about = pitch_subject(session, enrollment.opportunity_id, contact_id=enrollment.contact_id)
    assert about.contact is not None
    to = parse_mail_address(about.contact.address or "")
    if to is None:
        raise OutreachError("The contact’s address cannot be written to.")
    place = Place()
    if sent:
        first_at = sent[0].sent_at or now
        place = Place(sent[0].subject, max(0, (now - first_at).days))
    return _Due(
        enrollment=enrollment,
        step=step,
        template=template,
        about=about,
        mailbox=get_mailbox(session, enrollment.mailbox_id),
        calendar=calendar_for(session, enrollment),
        contact=about.contact,
        to=to,
        postal_address=get_workspace_row(session, session.workspace_id).postal_address,
        place=place,
        is_first=not sent,
    )


def _queue(
    session: Session, due: _Due, pitch: Pitch, letterhead: Letterhead, now: datetime
) -> None:
    """Write the conversation, the mail and the step that became it, all or nothing."""
    enrollment = due.enrollment
    conversation_id = enrollment.conversation_id or _open(session, due, pitch, now)
    if not take_step(session, enrollment.key, enrollment.next_position, conversation_id):
        raise _Overtaken
    envelope = _address(session, due, conversation_id, letterhead, now)
    composed = compose(pitch, envelope)
    mail = NewMail(
        mailbox_id=due.mailbox.key,
        conversation_id=conversation_id,
        contact_id=due.contact.key,
        idempotency_key=f"enrollment:{enrollment.key}:step:{due.step.key}",
        message_id=envelope.thread.message_id,
        recipient=due.to,
        person_key=due.contact.person_key,
        subject=composed.subject,
        body_text=composed.text,
        raw=composed.raw,
        send_after=due.calendar.next_opening(now),
        is_first=due.is_first,
    )
    message = enqueue(session, mail)
    note_planned(
        session, enrollment, step_id=due.step.key, message=message, version=due.template.version
    )


def _address(
    session: Session, due: _Due, conversation_id: int, letterhead: Letterhead, now: datetime
) -> Envelope:
    """Name the mail for ever, hang it into its thread and give it a way out."""
    url = ""
    if letterhead.public_url:
        person, domain = due.contact.person_key, due.about.prospect.domain
        url = letterhead.unsubscribe_url(issue_unsubscribe_token(session, person, domain))
    sender_domain = due.mailbox.address.partition("@")[2]
    name = message_id(letterhead.message_key, due.enrollment.key, due.step.key, sender_domain)
    return Envelope(
        mailbox=due.mailbox,
        to=due.to,
        to_name=due.contact.name,
        postal_address=due.postal_address,
        unsubscribe_url=url,
        thread=Thread(message_id=name, said=thread_ids(session, conversation_id)),
        at=now,
    )


def _open(session: Session, due: _Due, pitch: Pitch, now: datetime) -> int:
    opening = Opening(
        mailbox_id=due.mailbox.key,
        opportunity_id=due.enrollment.opportunity_id,
        prospect_id=due.about.prospect.key,
        contact_id=due.contact.key,
        subject=pitch.subject,
    )
    return open_conversation(session, opening, now=now).key


def find_due(database: Database, now: datetime) -> list[tuple[int, int]]:
    """Return (workspace, enrollment) ids whose step is due, over all workspaces."""
    with database.system() as session:
        return due_enrollments(session, now=now)


def find_unheeded(database: Database) -> list[tuple[int, int]]:
    """Return (workspace, mail) ids whose consequences nobody has drawn."""
    with database.system() as session:
        return unheeded_mails(session)


def heed_mail(database: Database, scope: Scope, outbox_message_id: int, now: datetime) -> None:
    """Draw the consequences of a settled mail that its enrollment heard nothing of."""
    with database.writing(scope) as session:
        note_outcome(session, fresh(session, outbox_message_id), now=now)
