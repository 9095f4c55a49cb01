"""Today: everything that waits for this person, in one list, and what goes out by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.assets.models import Asset, Property
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.words import Stage
from outreach.contacts.models import Contact
from outreach.contacts.words import Deliverability
from outreach.desk.inbox import InboxFilter, inbox_page
from outreach.desk.mentions import unseen_mentions
from outreach.desk.reminders import reminders_due
from outreach.mail.models import Conversation, OutboxMessage
from outreach.mail.words import InboundState, OutboxState
from outreach.prospects.models import Prospect
from outreach.sequences.models import Enrollment
from outreach.sequences.words import EnrollmentState

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.desk.inbox import InboxLine
    from outreach.desk.mentions import MentionLine
    from outreach.desk.reminders import ReminderLine

_columns: Any = sa.select  # its typing knows tables, not single columns

_MOST_MAILS = 100
_MOST_DOUBTS = 20
_MOST_WITHOUT_CONTACT = 10
_READY = (Stage.QUALIFIED, Stage.READY)
_UNDER_WAY = (Stage.PITCHED, Stage.FOLLOWING_UP)


class TodayKind(StrEnum):
    """What a row of Today is."""

    REPLY = "reply"
    TRIAGE = "triage"
    REMINDER = "reminder"
    DOUBT = "doubt"
    MENTION = "mention"
    NO_CONTACT = "no_contact"


@dataclass(frozen=True, slots=True)
class TodayRow:
    """One thing to do: what it is, about whom, since when."""

    kind: TodayKind
    id: int  # of the mail, the reminder, the mention, the outbox message or the opportunity
    title: str
    about: str
    since: datetime
    is_overdue: bool = False
    note: str = ""
    subject_type: str = ""  # what a click opens, where that is not the row itself
    subject_id: int | None = None
    note_id: int | None = None  # where on that page a mention is


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes out today by itself; nobody has to do anything."""

    first_pitches: int
    follow_ups: int
    queued: int

    @property
    def total(self) -> int:
        """All mails of today."""
        return self.first_pitches + self.follow_ups + self.queued


@dataclass(frozen=True, slots=True)
class Setup:
    """What a new workspace has already."""

    has_property: bool
    has_asset: bool
    has_prospect: bool

    @property
    def is_done(self) -> bool:
        """True once the first path has been walked to its end."""
        return self.has_property and self.has_asset and self.has_prospect


@dataclass(frozen=True, slots=True)
class Day:
    """The edges of a person's day, as moments."""

    now: datetime
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class TodayView:
    """The whole page."""

    overdue: list[TodayRow]
    due: list[TodayRow]
    unhurried: list[TodayRow]
    outgoing: Outgoing
    setup: Setup

    @property
    def count(self) -> int:
        """How many things are due."""
        return len(self.overdue) + len(self.due)

    @property
    def is_clear(self) -> bool:
        """True when there is nothing to do at all."""
        return not (self.count or self.unhurried)


def today_view(session: Session, user_id: int | None, day: Day) -> TodayView:
    """Gather a person's day in seven statements."""
    rows = [
        *(_reminder_row(line, day) for line in reminders_due(session, user_id, before=day.ends_at)),
        *_mail_rows(session, day),
        *(_mention_row(line, day) for line in unseen_mentions(session, user_id)),
        *_doubts(session, day),
    ]
    rows.sort(key=lambda row: (row.since, row.kind, row.id))
    outgoing, setup = _figures(session, day)
    return TodayView(
        overdue=[row for row in rows if row.is_overdue],
        due=[row for row in rows if not row.is_overdue],
        unhurried=_without_contact(session),
        outgoing=outgoing,
        setup=setup,
    )


def _reminder_row(line: ReminderLine, day: Day) -> TodayRow:
    return TodayRow(
        kind=TodayKind.REMINDER,
        id=line.id,
        title=line.text,
        about=line.about,
        since=line.due_at,
        is_overdue=line.due_at < day.begins_at,
        note=f"for {line.for_name}" if line.for_name else "",
        subject_type=line.subject_type,
        subject_id=line.subject_id,
    )


def _mention_row(line: MentionLine, day: Day) -> TodayRow:
    return TodayRow(
        kind=TodayKind.MENTION,
        id=line.id,
        title=f"{line.by} calls you",
        about=line.about,
        since=line.at,
        is_overdue=line.at < day.begins_at,
        note=line.words,
        subject_type=line.subject_type,
        subject_id=line.subject_id,
        note_id=line.note_id,
    )


def _mail_rows(session: Session, day: Day) -> list[TodayRow]:
    """Return the mail that waits for a person, by the inbox's own order."""
    found: list[InboxLine] = []
    for state in (InboundState.TRIAGE, InboundState.OPEN):
        wanted = InboxFilter(state=state)
        found += inbox_page(session, wanted, limit=_MOST_MAILS).rows
    return [_mail_row(line, day) for line in found]


def _mail_row(line: InboxLine, day: Day) -> TodayRow:
    is_open = line.state == InboundState.OPEN
    return TodayRow(
        kind=TodayKind.REPLY if is_open else TodayKind.TRIAGE,
        id=line.id,
        title=f"{line.who}: {line.subject or 'without a subject'}",
        about=line.domain or (line.from_address if line.from_name else ""),
        since=line.received_at,
        is_overdue=line.received_at < day.begins_at,
        note=" ".join(line.snippet.split()),
        subject_type="conversation" if is_open else "inbound_message",
        subject_id=line.conversation_id if is_open else line.id,
    )


def _doubts(session: Session, day: Day) -> list[TodayRow]:
    """Return the mails nobody knows the fate of; evidence or a person settles them."""
    rows = session.execute(
        _columns(
            OutboxMessage.id,
            OutboxMessage.recipient,
            OutboxMessage.subject,
            OutboxMessage.reason,
            OutboxMessage.updated_at,
            Prospect.domain,
        )
        .join(Conversation, col(Conversation.id) == OutboxMessage.conversation_id)
        .outerjoin(Prospect, col(Prospect.id) == Conversation.prospect_id)
        .where(OutboxMessage.state == OutboxState.IN_DOUBT)
        .order_by(col(OutboxMessage.id))
        .limit(_MOST_DOUBTS)
    ).all()
    return [
        TodayRow(
            kind=TodayKind.DOUBT,
            id=row.id,
            title=f"Was this sent? {row.subject}",
            about=row.domain or row.recipient,
            since=row.updated_at,
            is_overdue=row.updated_at < day.begins_at,
            note=row.reason,
        )
        for row in rows
    ]


def _without_contact(session: Session) -> list[TodayRow]:
    """Return opportunities that only lack somebody to write to, the latest moved first."""
    stage, contact_id = col(Opportunity.stage), col(Opportunity.contact_id)
    is_dead = col(Contact.deliverability) == Deliverability.UNDELIVERABLE
    lacks_contact = (stage.in_(_READY) & (contact_id.is_(None) | is_dead)) | (
        stage.in_(_UNDER_WAY) & is_dead
    )
    rows = session.execute(
        _columns(Opportunity.id, Prospect.domain, Campaign.name, Opportunity.stage_changed_at,
                 contact_id.is_not(None).label("had_contact"))
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .outerjoin(Contact, col(Contact.id) == contact_id)
        .where(lacks_contact, col(Campaign.is_archived).is_(False))
        .order_by(col(Opportunity.stage_changed_at).desc(), col(Opportunity.id).desc())
        .limit(_MOST_WITHOUT_CONTACT)
    ).all()  # fmt: skip
    return [
        TodayRow(
            kind=TodayKind.NO_CONTACT,
            id=row.id,
            title="Choose somebody else: mail does not arrive"
            if row.had_contact
            else "Find somebody to write to",
            about=row.domain,
            since=row.stage_changed_at,
            note=row.name,
            subject_type="opportunity",
            subject_id=row.id,
        )
        for row in rows
    ]


def _figures(session: Session, day: Day) -> tuple[Outgoing, Setup]:
    """Count what goes out today, and look which first steps were taken, in one statement."""
    is_due = (col(Enrollment.due_at) < day.ends_at) & (Enrollment.state == EnrollmentState.ACTIVE)
    is_queued = (col(OutboxMessage.state) == OutboxState.QUEUED) & (
        col(OutboxMessage.send_after) < day.ends_at
    )
    row = session.execute(
        _columns(
            _count(Enrollment, is_due & (col(Enrollment.next_position) == 0)),
            _count(Enrollment, is_due & (col(Enrollment.next_position) > 0)),
            _count(OutboxMessage, is_queued),
            _exists(Property),
            _exists(Asset),
            _exists(Prospect),
        )
    ).one()
    outgoing = Outgoing(first_pitches=row[0], follow_ups=row[1], queued=row[2])
    return outgoing, Setup(*(found is not None for found in row[3:]))


def _count(model: Any, condition: Any) -> Any:
    return _columns(sa.func.count(model.id)).where(condition).scalar_subquery()


def _exists(model: Any) -> Any:
    return _columns(model.id).limit(1).scalar_subquery()
