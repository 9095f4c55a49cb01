"""Reminders with the names of what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from outreach.accounts.models import User
from outreach.campaigns.models import Opportunity
from outreach.contacts.models import Contact
from outreach.core.errors import NotFound
from outreach.core.paging import Page, decode_cursor, encode_cursor
from outreach.links.models import Backlink
from outreach.mail.models import Conversation
from outreach.prospects.models import Prospect
from outreach.reminders.models import Reminder
from outreach.reminders.queries import is_for

if TYPE_CHECKING:
    from outreach.activity.services import Subject
    from outreach.core.db import Session

# What a person may be reminded about, and hence what a page may link to.
KINDS = ("prospect", "opportunity", "contact", "conversation", "backlink")

_columns: Any = sa.select  # its typing knows tables, not single columns


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One reminder of a list."""

    id: int
    text: str
    subject_type: str
    subject_id: int | None
    due_at: datetime
    done_at: datetime | None
    snooze_count: int
    for_user_id: int | None
    for_name: str | None
    about: str  # the name of what it is about; "" for nothing, or for what is gone


def reminder_page(
    session: Session, *, is_done: bool = False, cursor: str = "", limit: int = 50
) -> Page[ReminderLine]:
    """Return everybody's reminders: open ones first due first, done ones last done first."""
    moment = col(Reminder.done_at) if is_done else col(Reminder.due_at)
    order = (moment.desc(), col(Reminder.id).desc()) if is_done else (moment, col(Reminder.id))
    state = col(Reminder.done_at).is_not(None) if is_done else col(Reminder.done_at).is_(None)
    statement = _lines().where(state).order_by(*order).limit(limit + 1)
    if cursor:
        at, reminder_id = decode_cursor(cursor, 2)
        here = sa.tuple_(moment, col(Reminder.id))
        there = sa.tuple_(
            sa.literal(datetime.fromisoformat(str(at)), type_=UTCDateTime()),
            sa.literal(int(reminder_id)),
        )
        statement = statement.where(here < there if is_done else here > there)
    rows = [ReminderLine(*row) for row in session.execute(statement).all()]
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        at = (last.done_at if is_done else last.due_at) or last.due_at
        following = encode_cursor(at.isoformat(), last.id)
    return Page(rows=rows[:limit], next_cursor=following)


def reminders_due(
    session: Session, user_id: int | None, *, before: datetime, limit: int = 200
) -> list[ReminderLine]:
    """Return a person's and everybody's open reminders due before a moment, first due first."""
    rows = session.execute(
        _lines()
        .where(col(Reminder.done_at).is_(None), col(Reminder.due_at) < before, is_for(user_id))
        .order_by(col(Reminder.due_at), col(Reminder.id))
        .limit(limit)
    ).all()
    return [ReminderLine(*row) for row in rows]


def name_of(session: Session, subject: Subject) -> str:
    """Return what a thing is called.

    Raises:
        NotFound: There is no such thing in this workspace, or nobody is reminded of its kind.
    """
    questions = {
        "prospect": _columns(Prospect.domain).where(col(Prospect.id) == subject.id),
        "contact": _columns(_contact_name(Contact)).where(col(Contact.id) == subject.id),
        "opportunity": _columns(Prospect.domain)
        .join(Opportunity, col(Opportunity.prospect_id) == col(Prospect.id))
        .where(col(Opportunity.id) == subject.id),
        "conversation": _columns(Conversation.subject).where(col(Conversation.id) == subject.id),
        "backlink": _columns(Backlink.referring_domain).where(col(Backlink.id) == subject.id),
    }
    question = questions.get(subject.kind)
    found = None if question is None else session.execute(question).first()
    if found is None:
        raise NotFound("There is no such thing in this workspace.")
    return str(found[0] or "without a name")


def _lines() -> Any:
    """Select reminders with the name of their subject, whichever of five tables it is in."""
    of_opportunity, of_talk = aliased(Prospect), aliased(Contact)
    about = sa.func.coalesce(
        Prospect.domain,
        of_opportunity.domain,
        _contact_name(Contact),
        _contact_name(of_talk),
        Conversation.subject,
        Backlink.referring_domain,
        "",
    )
    return (
        _columns(
            Reminder.id,
            Reminder.text,
            Reminder.subject_type,
            Reminder.subject_id,
            Reminder.due_at,
            Reminder.done_at,
            Reminder.snooze_count,
            Reminder.for_user_id,
            User.name,
            about,
        )
        .outerjoin(User, col(User.id) == Reminder.for_user_id)
        .outerjoin(Prospect, _is_about("prospect", Prospect))
        .outerjoin(Opportunity, _is_about("opportunity", Opportunity))
        .outerjoin(of_opportunity, of_opportunity.id == Opportunity.prospect_id)
        .outerjoin(Contact, _is_about("contact", Contact))
        .outerjoin(Conversation, _is_about("conversation", Conversation))
        .outerjoin(of_talk, of_talk.id == Conversation.contact_id)
        .outerjoin(Backlink, _is_about("backlink", Backlink))
    )


def _contact_name(contact: Any) -> sa.ColumnElement[str]:
    return sa.func.coalesce(sa.func.nullif(contact.name, ""), contact.address)


def _is_about(kind: str, model: Any) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = (col(Reminder.subject_type) == kind) & (
        model.id == col(Reminder.subject_id)
    )
    return condition
