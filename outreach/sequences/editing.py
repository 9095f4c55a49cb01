"""Writing sequences: their hours, and their steps in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, delete, select

from outreach.activity.services import Subject, record
from outreach.core.errors import Conflict, Invalid
from outreach.pitches.queries import get_template
from outreach.sequences.models import SentStep, Sequence, Step
from outreach.sequences.rules import MOST_STEPS, read_window

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session

LONGEST_WAIT = 90


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One step as a person writes it."""

    pitch_template_id: int
    wait_business_days: int


@dataclass(frozen=True, slots=True)
class SequenceFacts:
    """A sequence as a person writes it."""

    name: str
    steps: tuple[StepFacts, ...]
    window_start: str = "09:00"
    window_end: str = "16:30"


def save_sequence(
    session: Session, facts: SequenceFacts, *, now: datetime, sequence: Sequence | None = None
) -> Sequence:
    """Add a sequence or change one; who goes through it meets the new steps from where they are.

    Raises:
        Invalid: It makes no sense.
        Conflict: The name is taken, or a step would go that somebody was sent.
    """
    name = _checked(session, facts)
    twin = session.exec(select(Sequence).where(Sequence.name == name)).first()
    if twin is not None and twin is not sequence:
        raise Conflict(f"There is a sequence called {name} already.")
    is_new = sequence is None
    sequence = sequence or Sequence(name=name)
    sequence.name = name
    sequence.window_start, sequence.window_end = facts.window_start, facts.window_end
    session.add(sequence)
    session.flush()
    _write_steps(session, sequence.key, facts.steps)
    verb, said = ("added", "Added") if is_new else ("changed", "Changed")
    subject = Subject("sequence", sequence.key)
    record(session, verb, subject, f"{said} the sequence {name}.", now=now)
    return sequence


def archive_sequence(
    session: Session, sequence: Sequence, *, is_archived: bool, now: datetime
) -> None:
    """Put a sequence away, or take it out again; who goes through it goes on."""
    sequence.is_archived = is_archived
    session.add(sequence)
    session.flush()
    verb = "archived" if is_archived else "restored"
    said = f"{verb.capitalize()} the sequence {sequence.name}."
    record(session, verb, Subject("sequence", sequence.key), said, now=now)


def _checked(session: Session, facts: SequenceFacts) -> str:
    name = " ".join(facts.name.split())
    if not name:
        raise Invalid("Give the sequence a name.")
    if not 1 <= len(facts.steps) <= MOST_STEPS:
        raise Invalid(f"A sequence has 1 to {MOST_STEPS} steps.")
    read_window(facts.window_start, facts.window_end)
    for number, step in enumerate(facts.steps, start=1):
        get_template(session, step.pitch_template_id)
        if not 0 <= step.wait_business_days <= LONGEST_WAIT:
            raise Invalid(f"Step {number} waits 0 to {LONGEST_WAIT} business days.")
    return name


def _write_steps(session: Session, sequence_id: int, wanted: tuple[StepFacts, ...]) -> None:
    """Change steps in place, so that what was sent keeps pointing at its step."""
    known = session.exec(
        select(Step).where(Step.sequence_id == sequence_id).order_by(col(Step.position))
    ).all()
    for position, facts in enumerate(wanted):
        step = known[position] if position < len(known) else None
        step = step or Step(sequence_id=sequence_id, position=position, pitch_template_id=0)
        step.pitch_template_id = facts.pitch_template_id
        step.wait_business_days = facts.wait_business_days
        session.add(step)
    surplus = [step.key for step in known[len(wanted) :]]
    if surplus:
        _refuse_sent(session, surplus)
        session.exec(delete(Step).where(col(Step.id).in_(surplus)))
    session.flush()


def _refuse_sent(session: Session, step_ids: list[int]) -> None:
    sent = session.exec(
        select(SentStep.id).where(col(SentStep.step_id).in_(step_ids)).limit(1)
    ).first()
    if sent is not None:
        raise Conflict(
            "A step that somebody was sent cannot be removed. Make a new sequence instead."
        )
