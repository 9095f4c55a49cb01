"""Reading sequences, who goes through them, and who is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from outreach.accounts.models import Workspace
from outreach.contacts.models import Contact
from outreach.core.errors import NotFound
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState
from outreach.pitches.models import PitchTemplate
from outreach.sequences.models import Enrollment, SentStep, Sequence, Step
from outreach.sequences.rules import Calendar, calendar_of, read_window
from outreach.sequences.words import EnrollmentState, StopCause

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Sequence as Rows
    from datetime import datetime

    from outreach.core.db import Session

_LIVE = (EnrollmentState.ACTIVE, EnrollmentState.PAUSED)
# A mail in one of these states will not move again by itself.
_SETTLED = (
    OutboxState.SENT,
    OutboxState.FAILED,
    OutboxState.SUPPRESSED,
    OutboxState.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class SequenceRow:
    """One line of the sequences page."""

    id: int
    name: str
    step_count: int
    live_count: int
    is_archived: bool


@dataclass(frozen=True, slots=True)
class EnrollmentView:
    """An enrollment as an opportunity's page shows it."""

    enrollment: Enrollment
    sequence_name: str
    step_count: int
    contact_name: str
    contact_address: str


def all_sequences(session: Session, *, with_archived: bool = False) -> Rows[Sequence]:
    """Return the sequences by name."""
    statement = select(Sequence).order_by(col(Sequence.name))
    if not with_archived:
        statement = statement.where(col(Sequence.is_archived).is_(False))
    return session.exec(statement).all()


def sequence_rows(session: Session) -> list[SequenceRow]:
    """Return every sequence with its number of steps and of people going through it."""
    steps = dict(
        session.exec(select(Step.sequence_id, func.count()).group_by(col(Step.sequence_id))).all()
    )
    live = dict(
        session.exec(
            select(Enrollment.sequence_id, func.count())
            .where(col(Enrollment.state).in_(_LIVE))
            .group_by(col(Enrollment.sequence_id))
        ).all()
    )
    return [
        SequenceRow(row.key, row.name, steps.get(row.key, 0), live.get(row.key, 0), row.is_archived)
        for row in all_sequences(session, with_archived=True)
    ]


def get_sequence(session: Session, sequence_id: int) -> Sequence:
    """Return one sequence.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(Sequence).where(Sequence.id == sequence_id)).first()
    if found is None:
        raise NotFound("There is no such sequence in this workspace.")
    return found


def steps_of(session: Session, sequence_id: int) -> list[tuple[Step, PitchTemplate]]:
    """Return the steps of a sequence in order, each with its template."""
    rows = session.exec(
        select(Step, PitchTemplate)
        .join(PitchTemplate, col(PitchTemplate.id) == Step.pitch_template_id)
        .where(Step.sequence_id == sequence_id)
        .order_by(col(Step.position))
    ).all()
    return [(step, template) for step, template in rows]


def get_enrollment(session: Session, enrollment_id: int) -> Enrollment:
    """Return one enrollment as it is now.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(
        select(Enrollment)
        .where(Enrollment.id == enrollment_id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("There is no such enrollment in this workspace.")
    return found


def live_enrollments(
    session: Session, *, contact_id: int | None = None, domain: str = ""
) -> Rows[Enrollment]:
    """Return enrollments of a contact or of anyone at a company that still have steps to come."""
    same = col(Enrollment.contact_id) == contact_id
    if domain:
        same = same | (col(Enrollment.domain) == domain)
    return session.exec(
        select(Enrollment)
        .where(col(Enrollment.state).in_(_LIVE), same)
        .order_by(col(Enrollment.id))
    ).all()


def live_enrollments_for(session: Session, opportunity_ids: Collection[int]) -> Rows[Enrollment]:
    """Return the enrollments for these opportunities that still have steps to come."""
    return session.exec(
        select(Enrollment)
        .where(
            col(Enrollment.opportunity_id).in_(sorted(set(opportunity_ids))),
            col(Enrollment.state).in_(_LIVE),
        )
        .order_by(col(Enrollment.id))
    ).all()


def enrollments_of_opportunity(session: Session, opportunity_id: int) -> list[EnrollmentView]:
    """Return who was enrolled for an opportunity, newest first."""
    rows = session.exec(
        select(Enrollment, Sequence.name, Contact)
        .join(Sequence, col(Sequence.id) == Enrollment.sequence_id)
        .join(Contact, col(Contact.id) == Enrollment.contact_id)
        .where(Enrollment.opportunity_id == opportunity_id)
        .order_by(col(Enrollment.id).desc())
    ).all()
    counts = dict(
        session.exec(
            select(Step.sequence_id, func.count())
            .where(col(Step.sequence_id).in_([row[0].sequence_id for row in rows]))
            .group_by(col(Step.sequence_id))
        ).all()
    )
    return [
        EnrollmentView(
            enrollment=enrollment,
            sequence_name=name,
            step_count=counts.get(enrollment.sequence_id, 0),
            contact_name=contact.display_name,
            contact_address=contact.address or "",
        )
        for enrollment, name, contact in rows
    ]


def due_enrollments(session: Session, *, now: datetime, limit: int = 200) -> list[tuple[int, int]]:
    """Return (workspace, enrollment) ids whose next step is due, longest due first (system)."""
    rows = session.exec(
        select(Enrollment.workspace_id, Enrollment.id)
        .where(Enrollment.state == EnrollmentState.ACTIVE, col(Enrollment.due_at) <= now)
        .order_by(col(Enrollment.due_at), col(Enrollment.id))
        .limit(limit)
    ).all()
    return [(workspace_id, found) for workspace_id, found in rows if found is not None]


def unheeded_mails(session: Session, *, limit: int = 200) -> list[tuple[int, int]]:
    """Return (workspace, mail) ids that were settled while their enrollment heard nothing of it.

    That happens when noting what follows from a mail failed after the mail itself was noted.
    """
    rows = session.exec(
        select(OutboxMessage.workspace_id, OutboxMessage.id)
        .join(SentStep, col(SentStep.outbox_message_id) == OutboxMessage.id)
        .join(Enrollment, col(Enrollment.id) == SentStep.enrollment_id)
        .join(Step, col(Step.id) == SentStep.step_id)
        .where(
            Enrollment.state == EnrollmentState.ACTIVE,
            col(Enrollment.due_at).is_(None),
            Step.position == Enrollment.next_position - 1,
            col(OutboxMessage.state).in_(_SETTLED),
        )
        .limit(limit)
    ).all()
    return [(workspace_id, found) for workspace_id, found in rows if found is not None]


def find_enrollment_of_mail(session: Session, outbox_message_id: int) -> Enrollment | None:
    """Return the enrollment a mail belongs to; None for an answer a person wrote."""
    return session.exec(
        select(Enrollment)
        .join(SentStep, col(SentStep.enrollment_id) == Enrollment.id)
        .where(SentStep.outbox_message_id == outbox_message_id)
        .execution_options(populate_existing=True)
    ).first()


def step_of_mail(session: Session, outbox_message_id: int) -> Step | None:
    """Return the step a mail belongs to; None for an answer a person wrote."""
    return session.exec(
        select(Step)
        .join(SentStep, col(SentStep.step_id) == Step.id)
        .where(SentStep.outbox_message_id == outbox_message_id)
    ).first()


def find_enrollment_of_conversation(session: Session, conversation_id: int) -> Enrollment | None:
    """Return the enrollment a conversation began with."""
    return session.exec(
        select(Enrollment).where(Enrollment.conversation_id == conversation_id)
    ).first()


def calendar_for(session: Session, enrollment: Enrollment) -> Calendar:
    """Return the recipient's calendar with the hours of the enrollment's sequence."""
    sequence, contact = session.exec(
        select(Sequence, Contact)
        .join(Enrollment, col(Enrollment.sequence_id) == Sequence.id)
        .join(Contact, col(Contact.id) == Enrollment.contact_id)
        .where(Enrollment.id == enrollment.id)
    ).one()
    return calendar_for_contact(session, contact, sequence)


def calendar_for_contact(session: Session, contact: Contact, sequence: Sequence) -> Calendar:
    """Return a contact's calendar with the hours of a sequence."""
    country = session.exec(
        select(Workspace.country).where(Workspace.id == session.workspace_id)
    ).one()
    return calendar_of(
        contact_zone=contact.time_zone,
        contact_country=contact.country,
        workspace_country=country,
        window=read_window(sequence.window_start, sequence.window_end),
    )


def planned_steps(session: Session, enrollment_id: int) -> list[tuple[SentStep, OutboxMessage]]:
    """Return the steps of an enrollment that became mails, in order."""
    rows = session.exec(
        select(SentStep, OutboxMessage)
        .join(OutboxMessage, col(OutboxMessage.id) == SentStep.outbox_message_id)
        .where(SentStep.enrollment_id == enrollment_id)
        .order_by(col(SentStep.id))
    ).all()
    return [(sent, message) for sent, message in rows]


def sentence_about(view: EnrollmentView) -> str:
    """Say how far an enrollment is and why it stands where it does."""
    enrollment = view.enrollment
    step = f"step {enrollment.next_position + 1} of {view.step_count}"
    match enrollment.state:
        case EnrollmentState.FINISHED:
            return "All steps were sent."
        case EnrollmentState.STOPPED:
            cause = enrollment.stopped_because or StopCause.MANUAL
            return f"Stopped before {step}: {cause.value.replace('_', ' ')}."
        case EnrollmentState.PAUSED:
            return f"Paused before {step}. {enrollment.held_because}".strip()
        case _:
            if enrollment.due_at is None:
                return "Waits for the last mail to be sent."
            return f"Next: {step}. {enrollment.held_because}".strip()
