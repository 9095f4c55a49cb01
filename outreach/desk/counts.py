"""The numbers beside the rail's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from outreach.core.clock import utc_now
from outreach.mail.models import InboundMessage
from outreach.mail.words import InboundState
from outreach.reminders.models import Reminder

if TYPE_CHECKING:
    from outreach.core.db import Session

_WAITING = (InboundState.TRIAGE, InboundState.OPEN)


def counts_for_rail(session: Session, *, user_id: int) -> dict[str, int]:
    """Count what waits for this person: due reminders, and mail nobody has handled."""
    due = (
        select(func.count())
        .select_from(Reminder)
        .where(
            col(Reminder.done_at).is_(None),
            col(Reminder.due_at) <= utc_now(),
            (col(Reminder.for_user_id) == user_id) | col(Reminder.for_user_id).is_(None),
        )
        .scalar_subquery()
    )
    waiting = (
        select(func.count())
        .select_from(InboundMessage)
        .where(col(InboundMessage.state).in_(_WAITING))
        .scalar_subquery()
    )
    reminders, mails = session.exec(select(due, waiting)).one()
    return {"Today": int(reminders or 0) + int(mails or 0), "Inbox": int(mails or 0)}
