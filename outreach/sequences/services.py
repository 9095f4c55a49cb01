"""Moving people through sequences, and stopping them the moment anything speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select, update

from outreach.contacts.models import Contact
from outreach.core.errors import Conflict
from outreach.mail.models import OutboxMessage
from outreach.mail.outbox import cancel_queued_for, try_again
from outreach.prospects.models import Prospect
from outreach.sequences.models import Enrollment, SentStep
from outreach.sequences.queries import (
    calendar_for,
    live_enrollments,
    planned_steps,
    steps_of,
)
from outreach.sequences.words import EnrollmentState, StopCause

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from outreach.core.db import Session

_LIVE = (EnrollmentState.ACTIVE, EnrollmentState.PAUSED)
RESTORED = "This comes from a backup; look whether steps were sent after it was made, then resume."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEnrollment:
    """Who begins which sequence, for what."""

    sequence_id: int
    opportunity_id: int
    contact_id: int
    mailbox_id: int
    domain: str
    due_at: datetime


def lock_recipient(session: Session, prospect_id: int, contact_id: int | None) -> None:
    """Let nobody else enroll this company or person until the transaction ends (PostgreSQL)."""
    prospect = select(Prospect.id).where(Prospect.id == prospect_id)
    session.exec(prospect.with_for_update(key_share=True)).all()
    contact = select(Contact.id).where(col(Contact.id) == contact_id)
    session.exec(contact.with_for_update(key_share=True)).all()


def enroll(session: Session, new: NewEnrollment) -> Enrollment:
    """Begin a sequence for one contact; the caller has looked for refusals.

    A stopped or finished enrollment of the same contact for the same opportunity is not begun
    anew: every step goes to a person once.
    """
    enrollment = Enrollment(
        sequence_id=new.sequence_id,
        opportunity_id=new.opportunity_id,
        contact_id=new.contact_id,
        mailbox_id=new.mailbox_id,
        domain=new.domain,
        due_at=new.due_at,
    )
    session.add(enrollment)
    session.flush()
    return enrollment


def note_planned(
    session: Session, enrollment: Enrollment, *, step_id: int, message: OutboxMessage, version: int
) -> None:
    """Keep that a step became a mail; the database refuses the same step twice."""
    session.add(
        SentStep(
            enrollment_id=enrollment.key,
            step_id=step_id,
            outbox_message_id=message.key,
            template_version=version,
        )
    )
    session.flush()


def take_step(session: Session, enrollment_id: int, position: int, conversation_id: int) -> bool:
    """Move an active enrollment past a step; False when somebody else has, or it was stopped.

    It then waits for the mail to be sent: the next wait counts from that moment.
    """
    return _changed(
        session,
        update(Enrollment)
        .where(
            col(Enrollment.id) == enrollment_id,
            col(Enrollment.state) == EnrollmentState.ACTIVE,
            col(Enrollment.next_position) == position,
            col(Enrollment.due_at).is_not(None),
        )
        .values(
            next_position=position + 1,
            due_at=None,
            held_because="",
            conversation_id=conversation_id,
        ),
    )


def note_step_sent(session: Session, enrollment: Enrollment, *, sent_at: datetime) -> None:
    """Set when the next step is due, counted from the mail that was just sent, or finish."""
    if enrollment.state is not EnrollmentState.ACTIVE or enrollment.due_at is not None:
        return
    steps = steps_of(session, enrollment.sequence_id)
    if enrollment.next_position >= len(steps):
        enrollment.state = EnrollmentState.FINISHED
    else:
        wait = steps[enrollment.next_position][0].wait_business_days
        enrollment.due_at = calendar_for(session, enrollment).due_after(sent_at, wait)
    session.flush()


def hold_enrollment(session: Session, enrollment: Enrollment, because: str) -> None:
    """Pause an enrollment that a person has to look at."""
    enrollment.state, enrollment.held_because = EnrollmentState.PAUSED, because
    session.flush()


def postpone_enrollment(
    session: Session, enrollment: Enrollment, until: datetime, *, because: str = ""
) -> None:
    """Wait with the next step at least until a moment: somebody is out of the office.

    A mail of it that is already queued waits as well.
    """
    opening = calendar_for(session, enrollment).next_opening(until)
    if enrollment.due_at is not None:
        enrollment.due_at = max(enrollment.due_at, opening)
    enrollment.held_because = because
    session.flush()
    if enrollment.conversation_id is not None:
        _changed(
            session,
            update(OutboxMessage)
            .where(
                col(OutboxMessage.conversation_id) == enrollment.conversation_id,
                col(OutboxMessage.state) == "queued",
                col(OutboxMessage.send_after) < opening,
                ~col(OutboxMessage.idempotency_key).startswith("manual:"),
            )
            .values(send_after=opening, reason=because),
        )


def push_ahead(session: Session, enrollment_id: int, until: datetime, because: str) -> None:
    """Try a step again later that made us stumble, so that it never stops the others."""
    _changed(
        session,
        update(Enrollment)
        .where(
            col(Enrollment.id) == enrollment_id,
            col(Enrollment.state) == EnrollmentState.ACTIVE,
            col(Enrollment.due_at).is_not(None),
        )
        .values(due_at=until, held_because=because),
    )


def pause_enrollment(session: Session, enrollment: Enrollment, *, because: str = "") -> None:
    """Hold an enrollment until a person resumes it.

    Raises:
        Conflict: It is over, or paused already.
    """
    if enrollment.state is not EnrollmentState.ACTIVE:
        raise Conflict(f"This sequence is {enrollment.state.value} already.")
    hold_enrollment(session, enrollment, because)


def resume_enrollment(session: Session, enrollment: Enrollment, *, now: datetime) -> None:
    """Go on with a paused enrollment, in the recipient's next open hours.

    Where a mail that could not be sent made it pause, that mail is tried again.

    Raises:
        Conflict: It is not paused.
    """
    if enrollment.state is not EnrollmentState.PAUSED:
        raise Conflict(f"This sequence is {enrollment.state.value}, so it cannot be resumed.")
    enrollment.state, enrollment.held_because = EnrollmentState.ACTIVE, ""
    opening = calendar_for(session, enrollment).next_opening(now)
    if enrollment.due_at is not None:
        enrollment.due_at = max(enrollment.due_at, opening)
    session.flush()
    for _, message in planned_steps(session, enrollment.key)[-1:]:
        try_again(session, message, send_after=opening)


def stop_enrollments(
    session: Session,
    enrollments: Collection[Enrollment],
    cause: StopCause,
    *,
    now: datetime,
    message_id: int | None = None,
) -> list[Enrollment]:
    """Stop enrollments for good and take their mails out of the queue.

    Mails come first, as everywhere, so that two transactions never wait for each other.

    Args:
        session: Open session, of a workspace or of the system.
        enrollments: Which; those that are over already stay as they are.
        cause: Why.
        now: When.
        message_id: The inbound mail that caused it.

    Returns:
        Those that were stopped by this call.
    """
    live = [enrollment for enrollment in enrollments if enrollment.state in _LIVE]
    conversations = [row.conversation_id for row in live if row.conversation_id is not None]
    said = f"The sequence was stopped: {cause.value.replace('_', ' ')}."
    cancel_queued_for(session, conversation_ids=conversations, because=said)
    for enrollment in live:
        enrollment.state, enrollment.stopped_because = EnrollmentState.STOPPED, cause
        enrollment.stopped_by_message_id, enrollment.stopped_at = message_id, now
        enrollment.due_at = None
        session.add(enrollment)
    session.flush()
    return live


def stop_enrollments_at_company(
    session: Session,
    *,
    domain: str,
    contact_id: int | None,
    cause: StopCause,
    now: datetime,
    message_id: int | None = None,
) -> list[Enrollment]:
    """Stop every live enrollment of a contact and of their colleagues: anyone's reply counts.

    Args:
        session: Open session of a workspace.
        domain: The company's registrable domain, as on the enrollment; "" stops the contact's only.
        contact_id: Who wrote, when known.
        cause: Why.
        now: When.
        message_id: The inbound mail that caused it.
    """
    found = live_enrollments(session, contact_id=contact_id, domain=domain)
    return stop_enrollments(session, found, cause, now=now, message_id=message_id)


def stop_enrollments_of_person(
    session: Session,
    *,
    person_key: str,
    cause: StopCause,
    now: datetime,
    message_id: int | None = None,
) -> list[Enrollment]:
    """Stop every enrollment of one person; in system scope, in every workspace.

    Args:
        session: Open session.
        person_key: Keyed hash of the address, as suppressions know the person.
        cause: Why.
        now: When.
        message_id: The inbound mail that caused it.
    """
    people = session.exec(select(Contact.id).where(Contact.person_key == person_key)).all()
    written_to = session.exec(
        select(OutboxMessage.conversation_id)
        .where(OutboxMessage.recipient_key == person_key)
        .distinct()
    ).all()
    same = sa.or_(
        col(Enrollment.contact_id).in_(people), col(Enrollment.conversation_id).in_(written_to)
    )
    found = session.exec(
        select(Enrollment)
        .where(same, col(Enrollment.state).in_(_LIVE))
        .order_by(col(Enrollment.id))
    ).all()
    return stop_enrollments(session, found, cause, now=now, message_id=message_id)


def mark_restored(session: Session) -> int:
    """Pause what a restored backup would go on with: later steps may have been sent meanwhile."""
    return _count(
        session,
        update(Enrollment)
        .where(col(Enrollment.state) == EnrollmentState.ACTIVE)
        .values(state=EnrollmentState.PAUSED, held_because=RESTORED),
    )


def _changed(session: Session, statement: Any) -> bool:
    return _count(session, statement) == 1


def _count(session: Session, statement: Any) -> int:
    session.flush()
    statement = statement.execution_options(synchronize_session=False)
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
