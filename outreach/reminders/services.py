"""Changing reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.core.clock import utc_now
from outreach.core.db import bulk_write
from outreach.core.errors import Conflict
from outreach.reminders.models import Reminder
from outreach.reminders.queries import find_reminder_by_source
from outreach.reminders.rules import checked_moment, checked_text

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.activity.services import Subject
    from outreach.core.db import Session

_COLUMNS = (
    *("text", "subject_type", "subject_id", "for_user_id", "due_at", "snooze_count"),
    *("created_by_id", "source_key", "created_at", "updated_at"),
)


def add_reminder(
    session: Session,
    text: str,
    *,
    due_at: datetime,
    subject: Subject | None = None,
    for_user_id: int | None = None,
    source_key: str | None = None,
) -> Reminder:
    """Remember something until a moment.

    Args:
        session: Open session of a workspace; flushed, not committed.
        text: What to be reminded of.
        due_at: When; one that has passed is overdue at once.
        subject: What it is about; None for nothing in particular.
        for_user_id: Who is reminded; None for everybody.
        source_key: Names what made it, such as "lost:7"; the same key never makes a second one,
            even after the first was done.

    Returns:
        The reminder, or the one that was made under the same key before.

    Raises:
        Invalid: The text is empty or too long.
    """
    reminder = Reminder(
        text=checked_text(text),
        subject_type=subject.kind if subject else "",
        subject_id=subject.id if subject else None,
        for_user_id=for_user_id,
        due_at=due_at,
        created_by_id=session.scope.user_id,
        source_key=source_key,
    )
    if source_key is not None:
        return _add_once(session, reminder, source_key)
    session.add(reminder)
    session.flush()
    return reminder


def _add_once(session: Session, reminder: Reminder, source_key: str) -> Reminder:
    """Insert unless the key is known; two workers at once make one reminder."""
    now = utc_now()
    made = {"created_at": now, "updated_at": now}
    row = [made.get(name, getattr(reminder, name)) for name in _COLUMNS]
    bulk_write(session, Reminder, _COLUMNS, [row], unique=("source_key",))
    found = find_reminder_by_source(session, source_key)
    assert found is not None
    return found


def edit_reminder(
    session: Session,
    reminder: Reminder,
    text: str,
    *,
    due_at: datetime,
    for_user_id: int | None = None,
) -> None:
    """Change what a reminder says, when it is due and for whom.

    Raises:
        Invalid: The text is empty or too long.
    """
    reminder.text, reminder.due_at = checked_text(text), due_at
    reminder.for_user_id = for_user_id
    session.add(reminder)
    session.flush()


def finish_reminder(session: Session, reminder: Reminder, *, now: datetime) -> None:
    """Mark a reminder as done; again changes nothing."""
    if reminder.done_at is None:
        reminder.done_at, reminder.done_by_id = now, session.scope.user_id
        session.add(reminder)
        session.flush()


def reopen_reminder(session: Session, reminder: Reminder) -> None:
    """Undo that a reminder was done."""
    reminder.done_at, reminder.done_by_id = None, None
    session.add(reminder)
    session.flush()


def snooze_reminder(
    session: Session, reminder: Reminder, until: datetime, *, now: datetime
) -> datetime:
    """Put a reminder off; return when it was due before, for undoing.

    Raises:
        Conflict: It is done.
        Invalid: The moment has passed, or is years away.
    """
    if reminder.done_at is not None:
        raise Conflict("This reminder is done; reopen it before putting it off.")
    before = reminder.due_at
    reminder.due_at = checked_moment(until, now)
    reminder.snooze_count += 1
    session.add(reminder)
    session.flush()
    return before


def finish_by_source(session: Session, source_key: str, *, now: datetime) -> bool:
    """Mark what a workflow once asked for as done: it settled itself; False when nothing waits."""
    reminder = find_reminder_by_source(session, source_key)
    if reminder is None or reminder.done_at is not None:
        return False
    finish_reminder(session, reminder, now=now)
    return True


def delete_reminder(session: Session, reminder: Reminder) -> None:
    """Delete a reminder for good."""
    session.delete(reminder)
    session.flush()
