"""Send what is due from one mailbox, each mail at most once.

The order of things is the promise: claim, transmit everything but the final dot, commit that the
mail may now be sent, the dot, commit what the server said. A crash between any two of these
leaves a row that is safe to take up again, or one that evidence or a person settles.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog

from outreach.mail.obstacles import Obstacle, Way, find_obstacle
from outreach.mail.sending import (
    LEASE,
    Claim,
    Turn,
    claim_next,
    commit_to_send,
    end_turn,
    fresh,
    hold_back,
    note_accepted,
    note_delayed,
    note_doubt,
    note_mailbox_refused,
    note_refused,
    put_aside,
    recover_abandoned,
    take_turn,
)
from outreach.mail.sending_rules import MAILBOX_REST
from outreach.mail.words import OutboxState
from outreach.ports.mail import BlameFor, MailDelayed, MailInDoubt, MailRefused
from outreach.sequences.queries import calendar_for, find_enrollment_of_mail
from outreach.sequences.words import EnrollmentState
from outreach.workflows.note_outcome import note_outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from outreach.core.db import Database, Scope, Session
    from outreach.ports.mail import MailSender

log = structlog.get_logger(__name__)

ASIDE = timedelta(hours=1)


class Next(StrEnum):
    """Whether a mailbox goes on after a mail."""

    GO_ON = "go on"
    REST = "rest"
    STOP = "stop"


def no_checkpoint(_name: str) -> None:
    """Do nothing at a named point; the fault tests die there instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a run of sending works with.

    Attributes:
        database: Where the outbox is; its commits must reach the disk before they return.
        sender: The mailbox's way out.
        is_capture: Nothing leaves this machine.
        clock: The present moment; leases and the ledger need it fresh.
        worker: Name of this process, for people to read.
        jitter: Draws 0 to 1, spreads retries.
        checkpoint: Called at named points.
        lease: How long a worker that falls silent keeps what it holds.
    """

    database: Database
    sender: MailSender
    is_capture: bool
    clock: Callable[[], datetime]
    worker: str = "worker"
    jitter: Callable[[], float] = random.random
    checkpoint: Callable[[str], None] = no_checkpoint
    lease: timedelta = LEASE


def send_due(post: Post, scope: Scope, mailbox_id: int, *, limit: int = 50) -> int:
    """Send up to `limit` due mails of one mailbox.

    Returns:
        How many the server accepted.
    """
    with post.database.writing(scope) as session:
        recover_abandoned(session, now=post.clock())
        turn = take_turn(
            session,
            mailbox_id,
            worker=post.worker,
            is_capture=post.is_capture,
            now=post.clock(),
            lease=post.lease,
        )
    if turn is None:
        return 0
    post.checkpoint("turn taken")
    run = _Run(post, scope, turn)
    run.send_all(limit)
    return run.accepted


class _Run:
    """One worker's turn at one mailbox."""

    def __init__(self, post: Post, scope: Scope, turn: Turn) -> None:
        self._post, self._scope, self._turn = post, scope, turn
        self.accepted = 0

    def send_all(self, limit: int) -> None:
        rest_until: datetime | None = None
        try:
            for _ in range(limit):
                claim = self._claim()
                if claim is None:
                    break
                step = self._send(claim)
                self._post.checkpoint("mail settled")
                if step is Next.REST:
                    rest_until = self._post.clock() + MAILBOX_REST
                if step is not Next.GO_ON:
                    break
        finally:
            with self._post.database.writing(self._scope) as session:
                self._post.checkpoint("ending turn")
                end_turn(session, self._turn, rest_until=rest_until)

    def _claim(self) -> Claim | None:
        """Take the next mail that nothing stands in the way of."""
        while True:
            now = self._post.clock()
            with self._post.database.writing(self._scope) as session:
                claim = claim_next(session, self._turn, now=now)
                self._post.checkpoint("claiming")
                if claim is None:
                    return None
                obstacle = self._obstacle(session, claim, now, is_final=False)
                if obstacle is not None:
                    self._withdraw(session, claim, obstacle, now)
            if obstacle is None:
                self._post.checkpoint("claimed")
                return claim

    def _send(self, claim: Claim) -> Next:
        try:
            return self._hand_over(claim)
        except MailDelayed as delay:
            return self._note_delay(claim, delay)
        except MailRefused as refusal:
            return self._note_refusal(claim, refusal)
        except MailInDoubt as doubt:
            with self._post.database.writing(self._scope) as session:
                note_doubt(session, claim, str(doubt))
            return Next.STOP
        except Exception as problem:
            log.exception("a mail made us stumble", outbox_message_id=claim.outbox_message_id)
            with self._post.database.writing(self._scope) as session:
                why = f"We stumbled over this mail: {type(problem).__name__}."
                put_aside(session, claim, self._post.clock() + ASIDE, why)
            return Next.GO_ON

    def _hand_over(self, claim: Claim) -> Next:
        with self._post.sender.offer(claim.mail) as pending:
            self._post.checkpoint("body transmitted")
            if not self._commit(claim):
                return Next.GO_ON
            self._post.checkpoint("committed")
            reply = pending.accept()
            self._post.checkpoint("accepted")
        self._note_accepted(claim, reply)
        self.accepted += 1
        return Next.GO_ON

    def _commit(self, claim: Claim) -> bool:
        """Pass the commit point, unless something came up since the claim."""
        now = self._post.clock()
        with self._post.database.writing(self._scope) as session:
            obstacle = self._obstacle(session, claim, now, is_final=True)
            if obstacle is not None:
                self._withdraw(session, claim, obstacle, now)
                return False
            may_send = commit_to_send(session, self._turn, claim, now=now)
            self._post.checkpoint("committing")
        return may_send

    def _obstacle(
        self, session: Session, claim: Claim, now: datetime, *, is_final: bool
    ) -> Obstacle | None:
        message_id, is_capture = claim.outbox_message_id, self._turn.is_capture
        return find_obstacle(
            session, message_id, is_capture=is_capture, is_final=is_final, now=now
        ) or _obstacle_of_sequence(session, message_id, now)

    def _withdraw(self, session: Session, claim: Claim, obstacle: Obstacle, now: datetime) -> None:
        if hold_back(session, claim, obstacle, now=now):
            note_outcome(session, fresh(session, claim.outbox_message_id), now=now)

    def _note_accepted(self, claim: Claim, reply: str) -> None:
        """Keep the server's word, whatever goes wrong with what follows from it."""
        now = self._post.clock()
        try:
            with self._post.database.writing(self._scope) as session:
                if note_accepted(session, claim, reply, now=now):
                    note_outcome(session, fresh(session, claim.outbox_message_id), now=now)
                self._post.checkpoint("noting sent")
        except Exception:  # the tick that heeds unheeded mails draws the consequences later
            log.exception("consequences failed", outbox_message_id=claim.outbox_message_id)
            with self._post.database.writing(self._scope) as session:
                note_accepted(session, claim, reply, now=now)

    def _note_delay(self, claim: Claim, delay: MailDelayed) -> Next:
        now = self._post.clock()
        with self._post.database.writing(self._scope) as session:
            state = note_delayed(session, claim, delay, now=now, jitter=self._post.jitter())
            if state is OutboxState.FAILED:
                note_outcome(session, fresh(session, claim.outbox_message_id), now=now)
        return Next.REST if delay.blame is BlameFor.MAILBOX else Next.GO_ON

    def _note_refusal(self, claim: Claim, refusal: MailRefused) -> Next:
        now = self._post.clock()
        with self._post.database.writing(self._scope) as session:
            if refusal.blame is BlameFor.MAILBOX:
                note_mailbox_refused(session, claim, self._turn, refusal.reply)
                return Next.STOP
            if note_refused(session, claim, refusal.reply):
                message = fresh(session, claim.outbox_message_id)
                note_outcome(session, message, now=now, is_hard=refusal.is_hard)
        return Next.GO_ON


def _obstacle_of_sequence(session: Session, message_id: int, now: datetime) -> Obstacle | None:
    """Ask whether the mail's sequence was stopped or paused, and whether its hours are open."""
    enrollment = find_enrollment_of_mail(session, message_id)
    if enrollment is None:
        return None
    if enrollment.state is EnrollmentState.STOPPED:
        return Obstacle(Way.CANCELLED, "Its sequence was stopped.")
    if enrollment.state is EnrollmentState.PAUSED:
        return Obstacle(Way.WAIT, "Its sequence is paused.")
    opening = calendar_for(session, enrollment).next_opening(now)
    if opening > now:
        return Obstacle(Way.WAIT, "Waits for the recipient’s working hours.", opening)
    return None
