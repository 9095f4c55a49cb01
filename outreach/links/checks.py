"""Looking at backlinks again: taking due ones by lease, and writing down what a look found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import col, select, update

from outreach.activity.services import keep_blob
from outreach.links.judging import target_key_of
from outreach.links.models import Backlink, LinkCheck, WonLink
from outreach.links.rules import LinkHistory, Plan, next_check_at, next_state
from outreach.links.words import CheckFamily, CheckReason, LinkState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from outreach.core.db import Session
    from outreach.links.evidence import Evidence
    from outreach.links.judging import Verdict

LEASE = timedelta(minutes=20)  # longer than a batch takes, even of hosts that hang
MOST_PER_HOST = 20
_CANDIDATES_PER_PLACE = 5
_STREAK_SEEN = 8


@dataclass(frozen=True, slots=True)
class Claim:
    """A backlink this worker holds until the lease ends."""

    backlink_id: int
    workspace_id: int
    referring_url: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Transition:
    """What one look did to a backlink."""

    backlink_id: int
    before: LinkState
    after: LinkState
    reason: CheckReason
    is_first_sight: bool = False

    @property
    def is_new_loss(self) -> bool:
        """True when the link has just been found to be lost."""
        return self.after is LinkState.LOST and self.before is not LinkState.LOST

    @property
    def is_return(self) -> bool:
        """True when a lost link has just been seen again."""
        return self.before is LinkState.LOST and self.after.is_live


def has_due(session: Session, now: datetime) -> bool:
    """Tell whether any backlink waits for a look, in any workspace of the session's scope."""
    return session.exec(select(Backlink.id).where(*_is_due(now)).limit(1)).first() is not None


def claim_due(session: Session, now: datetime, *, limit: int) -> list[Claim]:
    """Take backlinks whose look is due, few of one host, in the session's scope.

    Finding and taking are separate statements, but the second one asks again whether each is
    still free, so two workers never hold the same backlink.
    """
    rows = session.exec(
        select(Backlink.id, Backlink.referring_domain)
        .where(*_is_due(now))
        .order_by(col(Backlink.next_check_at), col(Backlink.id))
        .limit(limit * _CANDIDATES_PER_PLACE)
    ).all()
    per_host: Counter[str] = Counter()
    chosen: list[int] = []
    for backlink_id, host in rows:
        per_host[host] += 1
        if backlink_id is not None and per_host[host] <= MOST_PER_HOST and len(chosen) < limit:
            chosen.append(backlink_id)
    return _take(session, chosen, now, _is_due(now))


def claim(
    session: Session, backlink_ids: Collection[int], now: datetime, *, by_force: bool = False
) -> list[Claim]:
    """Take these backlinks, due or not, as far as nobody else holds them.

    `by_force` takes them from a worker that is known to be gone.
    """
    return _take(session, backlink_ids, now, () if by_force else (_is_free(now),))


def _take(
    session: Session,
    backlink_ids: Collection[int],
    now: datetime,
    conditions: tuple[ColumnElement[bool], ...],
) -> list[Claim]:
    if not backlink_ids:
        return []
    until = now + LEASE
    taken = session.execute(
        update(Backlink)
        .where(col(Backlink.id).in_(backlink_ids), *conditions)
        .values(lease_until=until)
        .returning(col(Backlink.id), col(Backlink.workspace_id), col(Backlink.referring_url))
        .execution_options(synchronize_session=False)
    )
    return [Claim(row[0], row[1], row[2], until) for row in taken]


def _is_free(now: datetime) -> ColumnElement[bool]:
    return col(Backlink.lease_until).is_(None) | (col(Backlink.lease_until) < now)


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Backlink.next_check_at).is_not(None),
        col(Backlink.next_check_at) <= now,
        _is_free(now),
    )


def record_check(
    session: Session, claimed: Claim, verdict: Verdict, evidence: Evidence, now: datetime
) -> Transition | None:
    """Write one look down and move its backlink, or neither when the lease has gone to another."""
    if not _let_go(session, claimed):
        return None
    backlink = session.exec(
        select(Backlink)
        .where(Backlink.id == claimed.backlink_id)
        .execution_options(populate_existing=True)
    ).one()
    history, last = _history_of(session, backlink)
    before, is_first_sight = backlink.state, _is_first_sight(backlink, verdict)
    backlink.state = next_state(history, verdict.look, now)
    _note_look(session, backlink, verdict, evidence, now)
    if is_first_sight:
        _adopt_what_was_found(session, backlink, evidence, now)
    streak = history.cannot_tell_streak + 1 if verdict.family is CheckFamily.CANNOT_TELL else 0
    backlink.next_check_at = next_check_at(
        replace(_plan_of(backlink), cannot_tell_streak=streak, retry_after_s=verdict.retry_after_s),
        verdict.look,
        now,
    )
    is_news = last is None or last.reason != verdict.reason or before is not backlink.state
    session.add(_check_row(session, backlink, verdict, evidence, now, keep_body=is_news))
    session.flush()
    return Transition(backlink.key, before, backlink.state, verdict.reason, is_first_sight)


def release(
    session: Session, claims: Sequence[Claim], *, look_again_at: datetime | None = None
) -> None:
    """Give back backlinks nothing was written about; with a time, leave them alone until then."""
    for claimed in claims:
        if _let_go(session, claimed) and look_again_at is not None:
            session.execute(
                update(Backlink)
                .where(col(Backlink.id) == claimed.backlink_id)
                .values(next_check_at=look_again_at)
                .execution_options(synchronize_session=False)
            )


def _let_go(session: Session, claimed: Claim) -> bool:
    mine = session.execute(
        update(Backlink)
        .where(
            col(Backlink.id) == claimed.backlink_id,
            col(Backlink.lease_until) == claimed.lease_until,
        )
        .values(lease_until=None)
        .execution_options(synchronize_session=False)
    )
    return bool(mine.rowcount == 1)  # type: ignore[attr-defined]


def _is_first_sight(backlink: Backlink, verdict: Verdict) -> bool:
    return backlink.first_seen_at is None and verdict.link is not None


def _history_of(session: Session, backlink: Backlink) -> tuple[LinkHistory, LinkCheck | None]:
    """Return the standing before a look, and the last look."""
    recent = session.exec(
        select(LinkCheck)
        .where(LinkCheck.backlink_id == backlink.key)
        .order_by(col(LinkCheck.checked_at).desc(), col(LinkCheck.id).desc())
        .limit(_STREAK_SEEN)
    ).all()
    streak = 0
    for check in recent:
        if check.family is not CheckFamily.CANNOT_TELL:
            break
        streak += 1
    history = LinkHistory(
        state=backlink.state,
        has_been_seen=backlink.first_seen_at is not None,
        missing_since=backlink.missing_since,
        cannot_tell_streak=streak,
    )
    return history, recent[0] if recent else None


def _note_look(
    session: Session, backlink: Backlink, verdict: Verdict, evidence: Evidence, now: datetime
) -> None:
    backlink.check_count += 1
    if verdict.family is CheckFamily.SEEN:
        backlink.first_seen_at = backlink.first_seen_at or now
        backlink.last_seen_at = now
        backlink.missing_since = None
        backlink.etag, backlink.last_modified = evidence.etag, evidence.last_modified
        if verdict.link is not None:
            backlink.anchor, backlink.rel = evidence.anchor, evidence.rel
            backlink.placement, backlink.context = evidence.placement, evidence.context
    elif verdict.family is CheckFamily.NOT_THERE:
        backlink.etag = backlink.last_modified = ""  # "not modified" would not mean "seen"
        if backlink.first_seen_at is not None:
            backlink.missing_since = backlink.missing_since or now
        if backlink.state is LinkState.LOST and _was_not_lost(backlink):
            backlink.lost_at = now
    session.add(backlink)


def _was_not_lost(backlink: Backlink) -> bool:
    """Whether the loss on record, if any, is an earlier one."""
    since = backlink.missing_since
    return backlink.lost_at is None or (since is not None and backlink.lost_at < since)


def _adopt_what_was_found(
    session: Session, backlink: Backlink, evidence: Evidence, now: datetime
) -> None:
    """At first sight the link's true target becomes its own, and blanks in the contract are filled.

    From then on every difference is a change somebody made.
    """
    found_key = target_key_of(evidence.target_url)
    if found_key and found_key != backlink.target_key:
        taken = session.exec(
            select(Backlink.id).where(
                Backlink.referring_key == backlink.referring_key, Backlink.target_key == found_key
            )
        ).first()
        if taken is None:
            backlink.target_url, backlink.target_key = evidence.target_url, found_key
    won = session.exec(select(WonLink).where(WonLink.backlink_id == backlink.key)).first()
    if won is None:
        return
    backlink.won_at = backlink.won_at or now
    won.agreed_target_url = won.agreed_target_url or evidence.target_url
    won.agreed_anchor = won.agreed_anchor or evidence.anchor
    won.agreed_rel = won.agreed_rel or evidence.rel
    won.agreed_placement = won.agreed_placement or evidence.placement
    session.add(won)


def _plan_of(backlink: Backlink) -> Plan:
    return Plan(
        state=backlink.state,
        started_at=backlink.won_at or backlink.created_at,
        missing_since=backlink.missing_since,
        lost_at=backlink.lost_at,
        key=backlink.referring_key,
    )


def _check_row(
    session: Session,
    backlink: Backlink,
    verdict: Verdict,
    evidence: Evidence,
    now: datetime,
    *,
    keep_body: bool,
) -> LinkCheck:
    blob = keep_blob(session, evidence.body, "page") if keep_body and evidence.body else None
    return LinkCheck(
        backlink_id=backlink.key,
        checked_at=now,
        family=verdict.family,
        reason=verdict.reason,
        detail=verdict.detail,
        state_after=backlink.state,
        status=evidence.status,
        final_url=evidence.final_url,
        redirects=evidence.redirects,
        headers=evidence.headers,
        target_url=evidence.target_url,
        changes=[change.value for change in verdict.changes],
        anchor=evidence.anchor,
        rel=evidence.rel,
        placement=evidence.placement,
        context=evidence.context,
        body_sha256=evidence.body_sha256,
        blob_id=blob.key if blob else None,
    )
