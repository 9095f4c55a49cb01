"""The numbers beside the rail's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, func, select

from outreach.core.clock import utc_now
from outreach.mail.models import InboundMessage, OutboxMessage
from outreach.mail.words import InboundState, OutboxState
from outreach.reminders.models import Reminder

if TYPE_CHECKING:
    from outreach.core.db import Session

_WAITING = (InboundState.TRIAGE, InboundState.OPEN)


def counts_for_rail(session: Session, *, user_id: int) -> dict[str, int]:
    """Count what waits for this person: due reminders, unhandled mail, mail in doubt."""
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
    doubtful = (
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.state == OutboxState.IN_DOUBT)
        .scalar_subquery()
    )
    reminders, mails, doubts = session.exec(select(due, waiting, doubtful)).one()
    return {"Today": reminders + mails + doubts, "Inbox": mails}
