"""Asking for reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.core.errors import NotFound
from outreach.reminders.models import Reminder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.activity.services import Subject
    from outreach.core.db import Session


def get_reminder(session: Session, reminder_id: int) -> Reminder:
    """Return a reminder.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(Reminder).where(Reminder.id == reminder_id)).first()
    if found is None:
        raise NotFound("There is no such reminder in this workspace.")
    return found


def find_reminder_by_source(session: Session, source_key: str) -> Reminder | None:
    """Return the reminder a workflow made under this key, done or not."""
    return session.exec(select(Reminder).where(Reminder.source_key == source_key)).first()


def reminders_about(session: Session, subject: Subject) -> Sequence[Reminder]:
    """Return the open reminders about one thing, first due first."""
    return session.exec(
        select(Reminder)
        .where(
            Reminder.subject_type == subject.kind,
            Reminder.subject_id == subject.id,
            col(Reminder.done_at).is_(None),
        )
        .order_by(col(Reminder.due_at), col(Reminder.id))
    ).all()


def count_due(session: Session, user_id: int | None, *, before: datetime) -> int:
    """Count open reminders of a person, or of everybody, that are due before a moment."""
    return session.exec(
        select(sa.func.count(col(Reminder.id))).where(
            col(Reminder.done_at).is_(None), col(Reminder.due_at) < before, is_for(user_id)
        )
    ).one()


def is_for(user_id: int | None) -> sa.ColumnElement[bool]:
    """Condition: a reminder is for this person or for everybody."""
    return col(Reminder.for_user_id).is_(None) | (col(Reminder.for_user_id) == user_id)
