"""Settle mails nobody knows the fate of: by looking into the mailbox's Sent folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from outreach.mail.outbox import cancel as cancel_mail
from outreach.mail.outbox import (
    doubtful,
    get_message,
    last_sent,
    mark_as_sent,
    queue_again,
)
from outreach.ports.mail import MailboxUnreadable
from outreach.workflows.note_outcome import note_outcome

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database, Scope
    from outreach.mail.models import OutboxMessage
    from outreach.ports.mail import MailReader

log = structlog.get_logger(__name__)

# A server may file a mail late, so we look only once nobody can still be at work on it.
SETTLE = timedelta(minutes=10)
_PROBES = 3


@dataclass(frozen=True, slots=True)
class Settled:
    """How many doubts ended, and how."""

    found: int = 0
    queued: int = 0
    left: int = 0


def settle_doubts(
    database: Database, scope: Scope, mailbox_id: int, reader: MailReader, now: datetime
) -> Settled:
    """Look for each doubtful mail of a mailbox in its Sent folder.

    Found, it was sent. Not found, it goes back into the queue only where the server is known to
    file what it sends: mails we know were sent are there. Anything else is left to a person.
    """
    with database.reading(scope) as session:
        open_doubts = list(doubtful(session, mailbox_id, now=now - SETTLE))
        probes = [
            mail.message_id
            for mail in last_sent(session, mailbox_id, before=now - SETTLE, limit=_PROBES)
        ]
    if not open_doubts:
        return Settled()
    try:
        there, files_copies = _look(reader, [mail.message_id for mail in open_doubts], probes)
    except MailboxUnreadable as problem:
        log.warning("doubts stay open", mailbox_id=mailbox_id, said=problem.said)
        return Settled(left=len(open_doubts))
    found = [mail for mail in open_doubts if mail.message_id in there]
    missing = [mail for mail in open_doubts if mail.message_id not in there]
    for mail in found:
        _settle(database, scope, mail, was_sent=True, now=now)
    if not files_copies:
        return Settled(found=len(found), left=len(missing))
    for mail in missing:
        _settle(database, scope, mail, was_sent=False, now=now)
    return Settled(found=len(found), queued=len(missing))


def _look(reader: MailReader, wanted: list[str], probes: list[str]) -> tuple[set[str], bool]:
    """Return which mails are in Sent, and whether absence from it means anything."""
    folder = reader.sent_folder()
    if folder is None:
        return set(), False
    there = {name for name in wanted if reader.has_message(folder, name)}
    files_copies = bool(probes) and all(reader.has_message(folder, name) for name in probes)
    return there, files_copies


def _settle(
    database: Database, scope: Scope, mail: OutboxMessage, *, was_sent: bool, now: datetime
) -> None:
    with database.writing(scope) as session:
        message = get_message(session, mail.key)
        if was_sent:
            because = "Found in the mailbox’s Sent folder."
            if mark_as_sent(session, message, because=because, now=now):
                note_outcome(session, message, now=now)
        else:
            because = "Not in the mailbox’s Sent folder, where sent mail is kept; sent again."
            queue_again(session, message, because=because, now=now)


def decide_was_sent(
    database: Database, scope: Scope, outbox_message_id: int, *, now: datetime
) -> bool:
    """Settle a doubt at a person's word: it was sent. False when it is settled already."""
    with database.writing(scope) as session:
        message = get_message(session, outbox_message_id)
        decided = mark_as_sent(session, message, because="A person says it was sent.", now=now)
        if decided:
            note_outcome(session, message, now=now)
    return decided


def decide_send_again(
    database: Database, scope: Scope, outbox_message_id: int, *, now: datetime
) -> bool:
    """Settle a doubt at a person's word: send it again. False when it is settled already."""
    with database.writing(scope) as session:
        message = get_message(session, outbox_message_id)
        return queue_again(session, message, because="A person asked to send it again.", now=now)


def cancel_waiting(
    database: Database, scope: Scope, outbox_message_id: int, *, now: datetime
) -> None:
    """Take a waiting mail out of the queue and stop the sequence it belongs to.

    Raises:
        Conflict: It is no longer waiting.
    """
    with database.writing(scope) as session:
        message = get_message(session, outbox_message_id)
        cancel_mail(session, message, now=now)
        note_outcome(session, message, now=now)
