"""What a person does with mail that came: answer, decide, put off, correct what we read into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.campaigns.queries import get_opportunity
from outreach.campaigns.words import Stage
from outreach.contacts.queries import get_contact
from outreach.contacts.services import mark_deliverable
from outreach.core.errors import Conflict
from outreach.mail.answers import queue_manual
from outreach.mail.candidates import sender_of
from outreach.mail.conversations import get_conversation
from outreach.mail.inbox import get_inbound, handle_conversation, reopen_messages, set_state
from outreach.mail.outbox import get_message
from outreach.mail.words import InboundKind, InboundState
from outreach.prospects.queries import get_prospect
from outreach.reminders.queries import get_reminder
from outreach.reminders.services import add_reminder, delete_reminder
from outreach.suppression.services import settle_touches
from outreach.suppression.words import SuppressionReason, TouchOutcome
from outreach.workflows.honour_unsubscribe import silence_person
from outreach.workflows.keep_contacts import note_sites
from outreach.workflows.move_opportunities import move
from outreach.workflows.settle_mail import settle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Database, Scope, Session
    from outreach.mail.models import Conversation, InboundMessage, OutboxMessage

BY_A_PERSON = "said by a person"
# What a person may say a mail is; the rest only a machine can know.
KINDS_TO_CHOOSE = (
    InboundKind.REPLY,
    InboundKind.OUT_OF_OFFICE,
    InboundKind.AUTO_REPLY,
    InboundKind.BOUNCE_HARD,
    InboundKind.BOUNCE_SOFT,
    InboundKind.UNSUBSCRIBE,
    InboundKind.COMPLAINT,
)
_SILENCES = {
    InboundKind.UNSUBSCRIBE: SuppressionReason.UNSUBSCRIBED,
    InboundKind.COMPLAINT: SuppressionReason.COMPLAINED,
}


@dataclass(frozen=True, slots=True)
class PutOff:
    """A conversation put off: the reminder that brings it back, and the mails it waits with."""

    reminder_id: int
    message_ids: list[int]


def answer(
    database: Database, scope: Scope, conversation_id: int, text: str, *, key: str, now: datetime
) -> OutboxMessage:
    """Queue an answer in its thread; what was open there is handled.

    Raises:
        NotFound: There is no such conversation in this workspace.
        Invalid: There is nothing to say, or nobody to say it to.
    """
    with database.writing(scope) as session:
        message = queue_manual(session, conversation_id, text, key=key, now=now)
        handle_conversation(session, conversation_id)
    return message


def decide_outcome(
    database: Database,
    scope: Scope,
    conversation_id: int,
    stage: Stage,
    *,
    now: datetime,
    reason: str = "",
) -> list[int]:
    """Move the conversation's opportunity and mark its mails as handled; return which mails.

    Raises:
        NotFound: There is no such conversation in this workspace.
        Conflict: It belongs to no opportunity, or the move would falsify the record.
    """
    with database.writing(scope) as session:
        conversation = get_conversation(session, conversation_id)
        if conversation.opportunity_id is None:
            raise Conflict("This conversation belongs to no opportunity, so it has no stage.")
        opportunity = get_opportunity(session, conversation.opportunity_id)
        if opportunity.stage is not stage:
            move(session, opportunity, stage, now=now, reason=reason)
        if stage is Stage.DECLINED and conversation.prospect_id is not None:
            domain = get_prospect(session, conversation.prospect_id).domain
            settle_touches(session, TouchOutcome.DECLINED, domain=domain)
        return handle_conversation(session, conversation_id)


def mark_handled(database: Database, scope: Scope, conversation_id: int) -> list[int]:
    """Mark what waits in a conversation as handled; return which mails, for undoing.

    Raises:
        NotFound: There is no such conversation in this workspace.
    """
    with database.writing(scope) as session:
        return handle_conversation(session, get_conversation(session, conversation_id).key)


def put_off(
    database: Database, scope: Scope, conversation_id: int, until: datetime, *, who: str
) -> PutOff:
    """Take a conversation off the desk and bring it back as a reminder.

    Raises:
        NotFound: There is no such conversation in this workspace.
    """
    with database.writing(scope) as session:
        conversation = get_conversation(session, conversation_id)
        reminder = add_reminder(
            session,
            f"Answer {who}: {conversation.subject or 'without a subject'}"[:500],
            due_at=until,
            subject=Subject("conversation", conversation_id),
            for_user_id=scope.user_id,
        )
        return PutOff(reminder.key, handle_conversation(session, conversation_id))


def bring_back(
    database: Database, scope: Scope, message_ids: Sequence[int], reminder_id: int | None = None
) -> int:
    """Undo that mails were handled or put off; return how many are open again.

    Raises:
        NotFound: There is no such reminder in this workspace.
    """
    with database.writing(scope) as session:
        if reminder_id is not None:
            delete_reminder(session, get_reminder(session, reminder_id))
        return reopen_messages(session, message_ids)


def assign_conversation(
    database: Database,
    scope: Scope,
    inbound_message_id: int,
    conversation_id: int,
    *,
    key: str,
    now: datetime,
) -> None:
    """Say which conversation a mail belongs to; its effects follow as if a rule had found it.

    Raises:
        NotFound: There is no such mail or conversation in this workspace.
        Conflict: It is our own mail.
    """
    with database.writing(scope) as session:
        message = get_inbound(session, inbound_message_id)
        conversation = get_conversation(session, conversation_id)
        _refuse_own(message)
        message.conversation_id, message.outbox_message_id = conversation.key, None
        message.match_rule = BY_A_PERSON
        settle(session, message, now=now)
        _note(session, message, conversation, "Assigned a mail to this conversation.", now)
        people = _people(session, message, key)
    _silence(database, people, message.kind, now)


def correct_kind(
    database: Database,
    scope: Scope,
    inbound_message_id: int,
    kind: InboundKind,
    *,
    key: str,
    now: datetime,
) -> None:
    """Say what a mail really is; the effects of that kind follow.

    A sequence that was stopped stays stopped, but an address called dead lives again.

    Raises:
        NotFound: There is no such mail in this workspace.
        Conflict: It is our own mail, or of this kind already.
    """
    with database.writing(scope) as session:
        message = get_inbound(session, inbound_message_id)
        _refuse_own(message)
        if message.kind is kind or kind not in KINDS_TO_CHOOSE:
            raise Conflict(f"This mail is {message.kind.value.replace('_', ' ')} already.")
        was_dead = message.kind is InboundKind.BOUNCE_HARD
        message.kind, message.kind_rule = kind, BY_A_PERSON
        session.add(message)
        if message.conversation_id is not None:
            conversation = get_conversation(session, message.conversation_id)
            if was_dead:
                _revive(session, conversation)
            settle(session, message, now=now)
            said = f"Said that a mail is {kind.value.replace('_', ' ')}."
            _note(session, message, conversation, said, now)
        people = _people(session, message, key)
    _silence(database, people, kind, now)


def dismiss(database: Database, scope: Scope, inbound_message_id: int) -> None:
    """Put a mail aside that is about nothing here.

    Raises:
        NotFound: There is no such mail in this workspace.
    """
    with database.writing(scope) as session:
        set_state(session, get_inbound(session, inbound_message_id), InboundState.HANDLED)


def _refuse_own(message: InboundMessage) -> None:
    if message.kind is InboundKind.OWN_COPY:
        raise Conflict("This mail is from our own address; it answers nothing.")


def _revive(session: Session, conversation: Conversation) -> None:
    if conversation.contact_id is None:
        return
    contact = get_contact(session, conversation.contact_id)
    if contact.address and not contact.is_reachable:
        mark_deliverable(session, contact)
        note_sites(session, [contact.site_id])


def _people(session: Session, message: InboundMessage, key: str) -> list[str]:
    """Return whom a wish for silence stands for; nobody when the mail is no such wish."""
    if message.kind not in _SILENCES:
        return []
    people = set()
    if message.outbox_message_id is not None:
        people.add(get_message(session, message.outbox_message_id).recipient_key)
    if message.kind is InboundKind.UNSUBSCRIBE:
        people.add(sender_of(message.from_address, key=key).person)
    elif message.conversation_id is not None:
        contact_id = get_conversation(session, message.conversation_id).contact_id
        if contact_id is not None:
            people.add(get_contact(session, contact_id).person_key)
    return sorted(people - {""})


def _silence(database: Database, people: list[str], kind: InboundKind, now: datetime) -> None:
    for person in people:
        silence_person(database, person, _SILENCES[kind], now=now)


def _note(
    session: Session,
    message: InboundMessage,
    conversation: Conversation,
    sentence: str,
    now: datetime,
) -> None:
    details: dict[str, object] = {"inbound_message_id": message.key}
    subject = Subject("conversation", conversation.key)
    record(session, "corrected", subject, sentence, now=now, details=details)
