"""The numbers beside the rail's entries."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from outreach.core.clock import utc_now
from outreach.desk.mentions import is_unseen_by
from outreach.mail.models import InboundMessage, OutboxMessage
from outreach.mail.words import InboundState, OutboxState
from outreach.notes.models import Mention, Note
from outreach.reminders.models import Reminder

if TYPE_CHECKING:
    from outreach.core.db import Session

_WAITING = (InboundState.TRIAGE, InboundState.OPEN)


def counts_for_rail(session: Session, *, user_id: int) -> dict[str, int]:
    """Count what waits for this person: reminders, mail, mail in doubt, mentions."""
    given = {"user_id": user_id, "now": utc_now()}
    reminders, mails, doubts, mentions = session.execute(_statement(), given).one()
    return {"Today": reminders + mails + doubts + mentions, "Inbox": mails}


@cache
def _statement() -> Any:
    """Build the statement once: every page asks it, and building it costs more than running it."""
    user_id: Any = sa.bindparam("user_id", type_=sa.Integer())
    now: Any = sa.bindparam("now", type_=sa.inspect(Reminder).columns["due_at"].type)
    due = (
        select(func.count())
        .select_from(Reminder)
        .where(
            col(Reminder.done_at).is_(None),
            col(Reminder.due_at) <= now,
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
    called = (
        select(func.count())
        .select_from(Mention)
        .join(Note, col(Note.id) == Mention.note_id)
        .where(is_unseen_by(user_id))
        .scalar_subquery()
    )
    return sa.select(due, waiting, doubtful, called)
