"""The machine that sends: each step of a mail's way is one conditional UPDATE.

queued → claimed → committing → sent | failed | in_doubt | suppressed. A worker holds its
mailbox by a fence and each mail by an attempt number, so whoever comes late changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select, update

from outreach.mail.models import Mailbox, OutboxMessage
from outreach.mail.obstacles import Obstacle, Way, sent_today
from outreach.mail.restamp import with_date
from outreach.mail.sending_rules import DAY, MAILBOX_REST, gap_after, has_given_up, retry_at
from outreach.mail.words import OutboxState
from outreach.ports.mail import MailDelayed, OutgoingMail

if TYPE_CHECKING:
    from outreach.core.db import Session

# Longer than any dialogue up to the dot, and than the wait for its answer.
LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Turn:
    """One worker's turn at one mailbox: nobody else sends from it meanwhile."""

    mailbox_id: int
    fence: int
    worker: str
    is_capture: bool
    lease: timedelta = LEASE


@dataclass(frozen=True, slots=True)
class Claim:
    """One mail in one worker's hands."""

    outbox_message_id: int
    attempt: int
    mail: OutgoingMail


def take_turn(
    session: Session,
    mailbox_id: int,
    *,
    worker: str,
    is_capture: bool,
    now: datetime,
    lease: timedelta = LEASE,
) -> Turn | None:
    """Become a mailbox's only sender; None while it is paused or somebody else is."""
    is_free = col(Mailbox.sending_lease_until).is_(None) | (col(Mailbox.sending_lease_until) <= now)
    taken = _changed(
        session,
        update(Mailbox)
        .where(col(Mailbox.id) == mailbox_id, col(Mailbox.is_paused).is_(False), is_free)
        .values(
            sending_lease_until=now + lease,
            sending_fence=col(Mailbox.sending_fence) + 1,
        ),
    )
    if not taken:
        return None
    fence = session.exec(select(Mailbox.sending_fence).where(Mailbox.id == mailbox_id)).one()
    return Turn(mailbox_id, fence, worker, is_capture, lease)


def keep_turn(session: Session, turn: Turn, *, now: datetime) -> bool:
    """Renew a turn; False when the mailbox was paused or another worker took over."""
    return _changed(
        session,
        update(Mailbox)
        .where(*_holds(turn), col(Mailbox.is_paused).is_(False))
        .values(sending_lease_until=now + turn.lease),
    )


def end_turn(session: Session, turn: Turn, *, rest_until: datetime | None = None) -> None:
    """Let go of the mailbox, or let it rest until its server may be asked again."""
    _changed(session, update(Mailbox).where(*_holds(turn)).values(sending_lease_until=rest_until))


def pause_mailbox(session: Session, mailbox_id: int, because: str) -> None:
    """Stop all sending from a mailbox until a person looks; what waits keeps waiting."""
    _changed(
        session,
        update(Mailbox)
        .where(col(Mailbox.id) == mailbox_id)
        .values(is_paused=True, paused_because=because),
    )


def claim_next(session: Session, turn: Turn, *, now: datetime) -> Claim | None:
    """Take the mail that goes next, or None while nothing is due or the mailbox has to wait.

    Due follow-ups go before first mails. An answer a person wrote does not wait for the gap.
    """
    if not keep_turn(session, turn, now=now):
        return None
    mailbox = _mailbox(session, turn.mailbox_id)
    if sent_today(session, turn.mailbox_id, is_captured=turn.is_capture, now=now).is_full(
        mailbox.daily_cap
    ):
        return None
    due = select(OutboxMessage).where(
        OutboxMessage.mailbox_id == turn.mailbox_id,
        OutboxMessage.state == OutboxState.QUEUED,
        OutboxMessage.send_after <= now,
    )
    if not _gap_is_over(session, mailbox, now):
        due = due.where(col(OutboxMessage.idempotency_key).startswith("manual:"))
    found = session.exec(
        due.order_by(
            col(OutboxMessage.is_first), col(OutboxMessage.send_after), col(OutboxMessage.id)
        )
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    return _claim(session, turn, mailbox, found, now) if found else None


def _claim(
    session: Session, turn: Turn, mailbox: Mailbox, message: OutboxMessage, now: datetime
) -> Claim | None:
    """Take a queued mail; its attempt number is what everybody later is held against."""
    attempt = message.attempt + 1
    # The bytes are frozen but for the moment of sending, which nobody knew when they were made.
    raw = with_date(message.raw, now, mailbox.time_zone)
    taken = _changed(
        session,
        update(OutboxMessage)
        .where(
            col(OutboxMessage.id) == message.id,
            col(OutboxMessage.state) == OutboxState.QUEUED,
            col(OutboxMessage.attempt) == message.attempt,
        )
        .values(
            state=OutboxState.CLAIMED,
            attempt=attempt,
            claimed_by=turn.worker[:64],
            lease_until=now + turn.lease,
            reason="",
            raw=raw,
        ),
    )
    if not taken:
        return None
    mail = OutgoingMail(
        envelope_from=mailbox.address,
        recipient=message.recipient,
        raw=raw,
        message_id=message.message_id,
    )
    return Claim(message.key, attempt, mail)


def commit_to_send(session: Session, turn: Turn, claim: Claim, *, now: datetime) -> bool:
    """Pass the point after which the mail counts as possibly sent; False: leave without the dot.

    The caller has asked for obstacles in this same transaction.
    """
    if not keep_turn(session, turn, now=now):
        return False
    return _changed(
        session,
        update(OutboxMessage)
        .where(
            col(OutboxMessage.id) == claim.outbox_message_id,
            col(OutboxMessage.state) == OutboxState.CLAIMED,
            col(OutboxMessage.attempt) == claim.attempt,
            col(OutboxMessage.lease_until) > now,
        )
        .values(
            state=OutboxState.COMMITTING,
            lease_until=now + turn.lease,
            is_captured=turn.is_capture,
        ),
    )


def hold_back(session: Session, claim: Claim, obstacle: Obstacle, *, now: datetime) -> bool:
    """Take a claimed mail out of the way: for good, or until its obstacle is gone."""
    if obstacle.way is Way.WAIT:
        until = obstacle.until or now + MAILBOX_REST
        return _from_claimed(
            session, claim, state=OutboxState.QUEUED, send_after=until, reason=obstacle.sentence
        )
    ended = OutboxState.SUPPRESSED if obstacle.way is Way.SUPPRESSED else OutboxState.CANCELLED
    return _from_claimed(session, claim, state=ended, reason=obstacle.sentence)


def note_accepted(session: Session, claim: Claim, reply: str, *, now: datetime) -> bool:
    """Keep that the server took the mail; True exactly once.

    Its word counts even after somebody else has called the mail doubtful meanwhile.
    """
    return _leave(
        session,
        claim,
        (OutboxState.COMMITTING, OutboxState.IN_DOUBT, OutboxState.QUEUED),
        state=OutboxState.SENT,
        sent_at=now,
        server_reply=reply[:500],
        reason="",
    )


def note_refused(session: Session, claim: Claim, reply: str) -> bool:
    """Keep that the server refuses this mail for good."""
    return _leave(
        session, claim, _NOT_SENT, state=OutboxState.FAILED, server_reply=reply[:500], reason=reply
    )


def note_delayed(
    session: Session, claim: Claim, delay: MailDelayed, *, now: datetime, jitter: float
) -> OutboxState:
    """Queue a mail again after its server put it off, later each time, and give up at last.

    A connection that fails is not an answer: such a mail waits, however long it takes.
    """
    count = fresh(session, claim.outbox_message_id).delay_count + (delay.code is not None)
    values: dict[str, Any] = {"delay_count": count, "server_reply": delay.reply[:500]}
    if has_given_up(count):
        values["state"] = OutboxState.FAILED
        values["reason"] = f"The server put it off {count} times: {delay.reply}"
    else:
        wait_is_counted = delay.code is not None
        again = retry_at(count, now, jitter=jitter) if wait_is_counted else now + MAILBOX_REST
        values |= {"state": OutboxState.QUEUED, "send_after": again, "reason": delay.reply}
    _leave(session, claim, _NOT_SENT, **values)
    return OutboxState(values["state"])


def note_mailbox_refused(session: Session, claim: Claim, turn: Turn, reply: str) -> None:
    """Pause the mailbox, whose trouble it is; the mail goes back into the queue."""
    _leave(session, claim, _NOT_SENT, state=OutboxState.QUEUED, reason=reply)
    pause_mailbox(session, turn.mailbox_id, reply)


def note_doubt(session: Session, claim: Claim, why: str) -> bool:
    """Keep that nobody knows whether the server took the mail.

    Its lease stays: until then the server may still be at work on it.
    """
    ours = _is_ours(claim, (OutboxState.COMMITTING,))
    doubt = {"state": OutboxState.IN_DOUBT, "reason": why}
    return _changed(session, update(OutboxMessage).where(*ours).values(**doubt))


def put_aside(session: Session, claim: Claim, until: datetime, why: str) -> bool:
    """Queue a mail again that made us stumble before the point of no return."""
    return _from_claimed(session, claim, state=OutboxState.QUEUED, send_after=until, reason=why)


def recover_abandoned(session: Session, *, now: datetime) -> tuple[int, int]:
    """Take over from workers that are gone; return how many mails were queued and doubted.

    Before the commit point nothing can have left. A captured mail never leaves this machine.
    """
    is_over = col(OutboxMessage.lease_until) <= now
    state = col(OutboxMessage.state)
    nothing_left = (state == OutboxState.CLAIMED) | (
        (state == OutboxState.COMMITTING) & col(OutboxMessage.is_captured)
    )
    queued = _count(
        session,
        update(OutboxMessage)
        .where(is_over, nothing_left)
        .values(state=OutboxState.QUEUED, claimed_by="", lease_until=None),
    )
    doubted = _count(
        session,
        update(OutboxMessage)
        .where(is_over, state == OutboxState.COMMITTING)
        .values(
            state=OutboxState.IN_DOUBT,
            reason="We stopped between handing the mail over and hearing the server’s answer.",
        ),
    )
    return queued, doubted


def fresh(session: Session, message_id: int) -> OutboxMessage:
    """Return a mail as it is now, whatever this session had loaded before."""
    return session.exec(
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .execution_options(populate_existing=True)
    ).one()


_NOT_SENT = (OutboxState.CLAIMED, OutboxState.COMMITTING, OutboxState.IN_DOUBT)


def _from_claimed(session: Session, claim: Claim, **values: Any) -> bool:
    return _leave(session, claim, (OutboxState.CLAIMED,), **values)


def _leave(session: Session, claim: Claim, states: tuple[OutboxState, ...], **values: Any) -> bool:
    """Move a mail on, unless it is no longer where this worker left it."""
    ours = _is_ours(claim, states)
    return _changed(session, update(OutboxMessage).where(*ours).values(lease_until=None, **values))


def _is_ours(claim: Claim, states: tuple[OutboxState, ...]) -> tuple[Any, ...]:
    return (
        col(OutboxMessage.id) == claim.outbox_message_id,
        col(OutboxMessage.attempt) == claim.attempt,
        col(OutboxMessage.state).in_(states),
    )


def _gap_is_over(session: Session, mailbox: Mailbox, now: datetime) -> bool:
    if not mailbox.gap_minutes:
        return True
    last = session.exec(
        select(OutboxMessage.sent_at, OutboxMessage.message_id)
        .where(OutboxMessage.mailbox_id == mailbox.id, col(OutboxMessage.sent_at) > now - DAY)
        .order_by(col(OutboxMessage.sent_at).desc())
        .limit(1)
    ).first()
    if last is None or last[0] is None:
        return True
    return bool(last[0] + gap_after(last[1], mailbox.gap_minutes) <= now)


def _holds(turn: Turn) -> tuple[Any, Any]:
    return col(Mailbox.id) == turn.mailbox_id, col(Mailbox.sending_fence) == turn.fence


def _mailbox(session: Session, mailbox_id: int) -> Mailbox:
    return session.exec(
        select(Mailbox).where(Mailbox.id == mailbox_id).execution_options(populate_existing=True)
    ).one()


def _changed(session: Session, statement: Any) -> bool:
    return _count(session, statement) == 1


def _count(session: Session, statement: Any) -> int:
    session.flush()
    statement = statement.execution_options(synchronize_session=False)
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
