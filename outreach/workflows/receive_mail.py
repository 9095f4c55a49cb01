"""Take in what came to a mailbox: keep it, read it, find what it is about, let it have effect.

Each mail is stored raw in the same transaction that moves the cursor, before anything is read
into it. Its effects follow in one transaction of their own, which a claim on the row makes happen
once: whoever dies between the two leaves a stored mail that the next run settles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import OperationalError

from outreach.core.addresses import parse_mail_address
from outreach.mail.candidates import find_by_own_id, find_match, sender_of
from outreach.mail.inbox import (
    NEEDS_PERSON_REST,
    READING_LEASE,
    Place,
    claim_to_settle,
    cursor_of,
    end_reading,
    get_inbound,
    store_mail,
    take_reading_lease,
    waiting_mail,
)
from outreach.mail.incoming import ReadMail, moment_of, read_incoming
from outreach.mail.mailboxes import get_mailbox, own_addresses
from outreach.mail.outbox import get_message
from outreach.mail.words import InboundKind, InboundState
from outreach.ports.mail import MailboxUnreadable
from outreach.suppression.words import SuppressionReason
from outreach.workflows.honour_unsubscribe import silence_person
from outreach.workflows.note_own_mail import note_own_mail
from outreach.workflows.settle_mail import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from outreach.core.db import Database, Scope, Session
    from outreach.mail.matching import Match
    from outreach.mail.models import InboundMessage
    from outreach.ports.mail import IncomingMail, MailReader

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 500  # mails of one folder in one run; the next run goes on
# Unmatched mail from long before we read this mailbox is kept, but asks nobody for a decision.
_BEFORE_OUR_TIME = timedelta(days=30)
_SILENCES = {
    InboundKind.UNSUBSCRIBE: SuppressionReason.UNSUBSCRIBED,
    InboundKind.COMPLAINT: SuppressionReason.COMPLAINED,
}
_NOTHING_TO_DECIDE = (InboundKind.BOUNCE_DELAYED, InboundKind.OWN_COPY)


def no_checkpoint(_name: str) -> None:
    """Do nothing at a named point; the fault tests die there instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What a run of reading works with.

    Attributes:
        database: Where the mail is kept.
        key: The installation's key, under which people are known.
        clock: The present moment.
        checkpoint: Called at named points.
    """

    database: Database
    key: str
    clock: Callable[[], datetime]
    checkpoint: Callable[[str], None] = no_checkpoint


def receive_mail(reception: Reception, reader: MailReader, scope: Scope, mailbox_id: int) -> int:
    """Read one mailbox and settle what came; nothing while somebody else reads it.

    Returns:
        How many mails are new.
    """
    with reception.database.writing(scope) as session:
        if not take_reading_lease(session, mailbox_id, now=reception.clock()):
            return 0
    failure, rest, count = "Reading was broken off.", None, 0
    try:
        count = _fetch_all(reception, reader, scope, mailbox_id)
        failure = ""
    except MailboxUnreadable as problem:
        failure, rest = problem.said, NEEDS_PERSON_REST if problem.needs_person else None
    finally:
        reader.close()
        with reception.database.writing(scope) as session:
            end_reading(session, mailbox_id, now=reception.clock(), failure=failure, rest=rest)
    settle_waiting(reception, scope, mailbox_id)
    return count


def _fetch_all(reception: Reception, reader: MailReader, scope: Scope, mailbox_id: int) -> int:
    stop_at = reception.clock() + READING_LEASE / 2
    count = 0
    for folder, place in _folders(reader):
        with reception.database.reading(scope) as session:
            cursor = cursor_of(session, mailbox_id, folder)
        for number, mail in enumerate(reader.new_mail(folder, cursor), start=1):
            count += keep_mail(reception, scope, mailbox_id, mail, place)
            if number >= MOST_AT_ONCE or reception.clock() > stop_at:
                break
    return count


def _folders(reader: MailReader) -> Iterator[tuple[str, Place]]:
    """Sent first: our own copies settle doubts before the answers to them are read."""
    found: dict[str, Place] = {}
    for name, place in (
        (reader.sent_folder(), Place.SENT),
        ("INBOX", Place.INBOX),
        (reader.junk_folder(), Place.JUNK),
    ):
        if name:
            found.setdefault(name, place)
    yield from found.items()


def keep_mail(
    reception: Reception, scope: Scope, mailbox_id: int, mail: IncomingMail, place: Place
) -> bool:
    """Store one mail and move its folder's position, in one transaction; False when known."""
    with reception.database.writing(scope) as session:
        is_new = store_mail(session, mailbox_id, mail, place, now=reception.clock())
        reception.checkpoint("storing")
    reception.checkpoint("stored")
    return is_new


def settle_waiting(reception: Reception, scope: Scope, mailbox_id: int) -> int:
    """Settle every stored mail of a mailbox whose effects are to come; return how many."""
    count, seen = 0, -1
    while True:
        with reception.database.reading(scope) as session:
            waiting = [found for found in waiting_mail(session, mailbox_id) if found > seen]
        if not waiting:
            return count
        for message_id in waiting:
            count += settle_one(reception, scope, message_id)
            seen = message_id


def settle_one(reception: Reception, scope: Scope, message_id: int) -> bool:
    """Settle one stored mail; whatever it does to us, it ends somewhere a person sees it."""
    try:
        return _settle_one(reception, scope, message_id)
    except OperationalError:
        raise  # the database, not the mail: the next run tries again
    except Exception:
        log.exception("a mail made us stumble", inbound_message_id=message_id)
        return _put_into_triage(reception, scope, message_id)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What reading and matching said about one mail."""

    mail: ReadMail
    place: Place
    own_id: int | None = None  # the mail of ours it is a copy of
    match: Match | None = None
    is_old: bool = False
    to_silence: tuple[str, ...] = ()  # person keys

    @property
    def is_own(self) -> bool:
        return self.mail.kind is InboundKind.OWN_COPY


def _settle_one(reception: Reception, scope: Scope, message_id: int) -> bool:
    with reception.database.reading(scope) as session:
        message = get_inbound(session, message_id)
    read = read_incoming(message.raw)
    with reception.database.reading(scope) as session:
        finding = _find(session, message, read, reception.key)
    reception.checkpoint("read")
    # Before the row is claimed, so that dying here never loses somebody's wish for silence.
    for person in finding.to_silence:
        reason = _SILENCES[finding.mail.kind]
        silence_person(reception.database, person, reason, now=reception.clock())
    with reception.database.writing(scope) as session:
        now = reception.clock()
        claimed = claim_to_settle(session, message_id, now=now)
        if claimed is None:
            return False
        _write_down(claimed, finding)
        reception.checkpoint("settling")
        if finding.is_own:
            note_own_mail(session, claimed, finding.own_id, key=reception.key, now=now)
        elif claimed.conversation_id is not None:
            settle(session, claimed, now=now)
    reception.checkpoint("settled")
    return True


def _find(session: Session, message: InboundMessage, read: ReadMail, key: str) -> _Finding:
    """Find out whether a mail is our own, what it is about, and who asked for silence."""
    place = _place_of(message)
    ours, sender = own_addresses(session), parse_mail_address(read.head.from_address)
    own_id = None
    if sender is not None and sender.key in ours:
        own_id = find_by_own_id(session, read.head.message_id)
        # Anybody can write our address into From; only our Sent folder and our ids are proof.
        if own_id is not None or place is Place.SENT:
            kind, rule = InboundKind.OWN_COPY, "from our own address"
            read = replace(read, kind=kind, rule=rule)
    written_at = moment_of(read.head, message.received_at)
    found = find_match(session, read, key=key, now=written_at) if own_id is None else None
    began = get_mailbox(session, message.mailbox_id).created_at - _BEFORE_OUR_TIME
    is_from_us = sender is not None and sender.key in ours
    return _Finding(
        mail=read,
        place=place,
        own_id=own_id,
        match=found,
        is_old=written_at < began,
        to_silence=() if is_from_us else _people(session, read, found, place, key),
    )


def _people(
    session: Session, read: ReadMail, found: Match | None, place: Place, key: str
) -> tuple[str, ...]:
    """Return whom a wish for silence stands for: who said it, and whom our mail went to.

    A complaint is reported by a machine, so its sender is nobody. Junk that is about nothing of
    ours asks for nothing.
    """
    if read.kind not in _SILENCES or (found is None and place is Place.JUNK):
        return ()
    is_complaint = read.kind is InboundKind.COMPLAINT
    said_by = (
        str(read.facts.get("complained_about", "")) if is_complaint else read.head.from_address
    )
    people = {sender_of(said_by, key=key).person}
    if found is not None:
        people.add(get_message(session, found.sent.key).recipient_key)
    return tuple(sorted(people - {""}))


def _write_down(message: InboundMessage, finding: _Finding) -> None:
    """Keep on the row what was read, which rules fired, and who has to look."""
    read, head = finding.mail, finding.mail.head
    message.kind, message.kind_rule = read.kind, read.rule
    message.message_id = head.message_id[:998]
    message.from_address, message.from_name = head.from_address[:320], head.from_name[:300]
    message.subject = head.subject[:998]
    message.visible_text = read.visible_text
    message.received_at = moment_of(head, message.received_at)
    message.facts = {**message.facts, **read.facts, "is_list": read.is_list}
    if read.whole_text != read.visible_text:
        message.facts["whole_text"] = read.whole_text
    if finding.match is not None:
        # Mail knows whole seconds only; an answer is never older than what it answers.
        after = finding.match.sent.sent_at + timedelta(microseconds=1)
        message.received_at = max(message.received_at, after)
        message.match_rule = finding.match.rule[:64]
        message.conversation_id = finding.match.sent.conversation
        message.outbox_message_id = finding.match.sent.key
        return
    message.state = InboundState.TRIAGE
    if read.kind in _NOTHING_TO_DECIDE or finding.place is Place.JUNK or finding.is_old:
        message.state = InboundState.HANDLED
        message.match_rule = "" if finding.is_own else "about nothing of ours"


def _place_of(message: InboundMessage) -> Place:
    return Place(str(message.facts.get("place") or Place.INBOX))


def _put_into_triage(reception: Reception, scope: Scope, message_id: int) -> bool:
    """Leave a mail we cannot settle to a person, with as much of it as can be read."""
    with reception.database.reading(scope) as session:
        read = read_incoming(get_inbound(session, message_id).raw)
    with reception.database.writing(scope) as session:
        message = claim_to_settle(session, message_id, now=reception.clock())
        if message is None:
            return False
        _write_down(message, _Finding(read, Place.INBOX))
        message.kind, message.state = InboundKind.UNPARSED, InboundState.TRIAGE
        message.kind_rule = "we stumbled over it; the log says more"
        session.add(message)
    return True
