"""Writing down what looks found: the evidence of each, and the move of its backlink, together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from outreach.activity.services import keep_blob
from outreach.core.db import bulk_write
from outreach.links.claims import let_go
from outreach.links.judging import target_key_of
from outreach.links.models import Backlink, LinkCheck, WonLink
from outreach.links.rules import LinkHistory, Plan, next_check_at, next_state
from outreach.links.words import CheckFamily, LinkState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.links.claims import Claim
    from outreach.links.evidence import Evidence
    from outreach.links.judging import Verdict

_LONGEST_STREAK = 8
_COLUMNS = (
    *("backlink_id", "checked_at", "family", "reason", "detail", "state_after", "status"),
    *("final_url", "redirects", "headers", "target_url", "changes", "anchor", "rel", "placement"),
    *("context", "body_sha256", "blob_id", "created_at", "updated_at"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look at one claimed backlink concluded, and what proves it."""

    claimed: Claim
    verdict: Verdict
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Transition:
    """What one look did to a backlink."""

    finding: Finding
    before: LinkState
    after: LinkState
    is_first_sight: bool = False

    @property
    def backlink_id(self) -> int:
        """The backlink that was looked at."""
        return self.finding.claimed.backlink_id

    @property
    def is_new_loss(self) -> bool:
        """True when the link has just been found to be lost."""
        return self.after is LinkState.LOST and self.before is not LinkState.LOST

    @property
    def is_return(self) -> bool:
        """True when a lost link has just been seen again."""
        return self.before is LinkState.LOST and self.after.is_live


def record_checks(session: Session, findings: Sequence[Finding], now: datetime) -> list[Transition]:
    """Write looks of one workspace down and move their backlinks.

    A look whose lease has gone to another worker is left out: the other one's look counts.
    """
    ours = let_go(session, [finding.claimed for finding in findings])
    rows = session.exec(
        select(Backlink).where(col(Backlink.id).in_(ours)).execution_options(populate_existing=True)
    ).all()
    by_id = {row.key: row for row in rows}
    transitions: list[Transition] = []
    looks: list[tuple[Any, ...]] = []
    with session.no_autoflush:
        for finding in findings:
            backlink = by_id.get(finding.claimed.backlink_id)
            if backlink is not None:
                transition, keeps_page = _move(session, backlink, finding, now)
                transitions.append(transition)
                looks.append(_look_row(session, backlink, finding, now, keeps_page=keeps_page))
    bulk_write(session, LinkCheck, _COLUMNS, looks)
    return transitions


def _move(
    session: Session, backlink: Backlink, finding: Finding, now: datetime
) -> tuple[Transition, bool]:
    """Move one backlink; tell what that did, and whether the page is worth keeping."""
    verdict, evidence = finding.verdict, finding.evidence
    streak = 0
    if verdict.family is CheckFamily.CANNOT_TELL:
        streak = _streak_before(session, backlink.key) + 1
    before, shown_before = backlink.state, _shown(backlink)
    is_first_sight = backlink.first_seen_at is None and verdict.link is not None
    history = LinkHistory(
        state=before,
        has_been_seen=backlink.first_seen_at is not None,
        missing_since=backlink.missing_since,
        cannot_tell_streak=max(streak - 1, 0),
    )
    backlink.state = next_state(history, verdict.look, now)
    _note_look(backlink, verdict, evidence, now)
    if is_first_sight:
        _adopt_what_was_found(session, backlink, evidence, now)
    backlink.next_check_at = next_check_at(
        replace(_plan_of(backlink), cannot_tell_streak=streak, retry_after_s=verdict.retry_after_s),
        verdict.look,
        now,
    )
    is_news = backlink.check_count == 1 or before is not backlink.state or streak == 1
    keeps_page = is_news or shown_before != _shown(backlink)
    return Transition(finding, before, backlink.state, is_first_sight), keeps_page


def _shown(backlink: Backlink) -> tuple[str, ...]:
    """What a person would see of a link; when it differs, the page is worth keeping."""
    return backlink.anchor, backlink.rel, backlink.placement


def _streak_before(session: Session, backlink_id: int) -> int:
    """Count the looks in a row, up to the last one, that told nothing."""
    families = session.exec(
        select(LinkCheck.family)
        .where(LinkCheck.backlink_id == backlink_id)
        .order_by(col(LinkCheck.checked_at).desc(), col(LinkCheck.id).desc())
        .limit(_LONGEST_STREAK)
    ).all()
    streak = 0
    for family in families:
        if family is not CheckFamily.CANNOT_TELL:
            break
        streak += 1
    return streak


def _note_look(backlink: Backlink, verdict: Verdict, evidence: Evidence, now: datetime) -> None:
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
        if backlink.state is LinkState.LOST and _is_another_loss(backlink):
            backlink.lost_at = now


def _is_another_loss(backlink: Backlink) -> bool:
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


def _plan_of(backlink: Backlink) -> Plan:
    return Plan(
        state=backlink.state,
        started_at=backlink.won_at or backlink.created_at,
        missing_since=backlink.missing_since,
        lost_at=backlink.lost_at,
        key=backlink.referring_key,
    )


def _look_row(
    session: Session, backlink: Backlink, finding: Finding, now: datetime, *, keeps_page: bool
) -> tuple[Any, ...]:
    verdict, evidence = finding.verdict, finding.evidence
    blob = keep_blob(session, evidence.body, "page") if keeps_page and evidence.body else None
    return (
        backlink.key, now, verdict.family, verdict.reason, verdict.detail, backlink.state,
        evidence.status, evidence.final_url, evidence.redirects, evidence.headers,
        evidence.target_url, [change.value for change in verdict.changes], evidence.anchor,
        evidence.rel, evidence.placement, evidence.context, evidence.body_sha256,
        blob.key if blob else None, now, now,
    )  # fmt: skip
