"""Looking at links again: claim what is due, look outside any transaction, write each look whole.

A worker that is killed loses only looks that were not written; their leases end and the next
worker looks again. Every look and the move of its link are one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from outreach.accounts.queries import installation_switch
from outreach.accounts.services import WEB_ACCESS
from outreach.core.db import SYSTEM, Scope
from outreach.links.checks import Finding, Transition, record_checks
from outreach.links.claims import Claim, claim_due, has_due, let_go
from outreach.links.evidence import evidence_of
from outreach.links.judging import judge
from outreach.links.queries import Watch, watches
from outreach.links.words import CheckFamily
from outreach.ports.pages import FailureKind, FetchFailure, PageRequest
from outreach.workflows.note_transition import note_transition

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database
    from outreach.ports.pages import PageFetcher, PageResult

log = structlog.get_logger(__name__)

BATCH = 200  # links claimed at once
_WRITTEN_AT_ONCE = 20  # looks in one transaction, which should be short
_BYTES_AT_ONCE = 500_000  # of pages that may have to be packed in it
_AFTER_A_STUMBLE = timedelta(hours=6)


@dataclass(slots=True)
class CheckRun:
    """What one batch of looks came to."""

    claimed: int = 0
    families: dict[CheckFamily, int] = field(default_factory=lambda: dict.fromkeys(CheckFamily, 0))
    lost: int = 0
    returned: int = 0

    @property
    def looked(self) -> int:
        """How many looks were written down."""
        return sum(self.families.values())

    @property
    def sentence(self) -> str:
        """Say it in words."""
        seen, gone, unknown = (self.families[family] for family in CheckFamily)
        said = f"Looked at {self.looked:,} links: {seen:,} seen, {gone:,} not there"
        said += f", {unknown:,} could not be told."
        if self.lost or self.returned:
            said += f" {self.lost:,} are lost, {self.returned:,} came back."
        return said


@dataclass(frozen=True, slots=True)
class _PageWatch:
    """One page to look at and the links of one workspace that should be on it."""

    request: PageRequest
    links: list[tuple[Claim, Watch]]


def web_is_open(database: Database) -> bool:
    """Tell whether an operator has switched web access on."""
    with database.reading(SYSTEM) as session:
        return installation_switch(session, WEB_ACCESS)


def links_are_due(database: Database, now: datetime) -> bool:
    """Tell whether there is anything to look at, and whether we may."""
    with database.reading(SYSTEM) as session:
        return installation_switch(session, WEB_ACCESS) and has_due(session, now)


def verify_due_links(
    database: Database, fetcher: PageFetcher, *, now: datetime, limit: int = BATCH
) -> CheckRun:
    """Look once at up to `limit` links whose look is due, in every workspace."""
    run = CheckRun()
    if not web_is_open(database):
        return run
    with database.system() as session:
        claims = claim_due(session, now, limit=limit)
    run.claimed = len(claims)
    left = {claimed.backlink_id: claimed for claimed in claims}
    try:
        _look_at(database, fetcher, _pages_of(database, claims), left, run, now)
    finally:
        with database.system() as session:  # what nobody looked at is free again at once
            let_go(session, list(left.values()))
    return run


def _pages_of(database: Database, claims: list[Claim]) -> list[_PageWatch]:
    """Group claims into pages: several of our links on one page are one look."""
    by_workspace: defaultdict[int, list[Claim]] = defaultdict(list)
    for claimed in claims:
        by_workspace[claimed.workspace_id].append(claimed)
    pages: list[_PageWatch] = []
    for workspace_id, own in by_workspace.items():
        with database.reading(Scope(workspace_id)) as session:
            watched = watches(session, [claimed.backlink_id for claimed in own])
        by_url: defaultdict[str, list[tuple[Claim, Watch]]] = defaultdict(list)
        for claimed in own:
            if claimed.backlink_id in watched:
                by_url[claimed.referring_url].append((claimed, watched[claimed.backlink_id]))
        for url, links in by_url.items():
            pages.append(_PageWatch(_request(len(pages), url, links), links))
    return pages


def _request(key: int, url: str, links: list[tuple[Claim, Watch]]) -> PageRequest:
    """Ask only for changes where that would tell the same about every link of the page."""
    validators = {(watch.etag, watch.last_modified) for _, watch in links}
    etag, last_modified = validators.pop() if len(validators) == 1 else ("", "")
    return PageRequest(url, key=key, etag=etag, last_modified=last_modified)


def _look_at(
    database: Database,
    fetcher: PageFetcher,
    pages: list[_PageWatch],
    left: dict[int, Claim],
    run: CheckRun,
    now: datetime,
) -> None:
    waiting: defaultdict[int, list[Finding]] = defaultdict(list)
    try:
        for result in fetcher.fetch([page.request for page in pages]):
            for finding in _judge(pages[result.request.key], result):
                left.pop(finding.claimed.backlink_id, None)
                own = waiting[finding.claimed.workspace_id]
                own.append(finding)
                if _is_enough(own):
                    _write(database, own, run, now)
                    own.clear()
    finally:
        for own in waiting.values():
            _write(database, own, run, now)


def _is_enough(looks: list[Finding]) -> bool:
    held = sum(len(look.evidence.body) for look in looks)
    return len(looks) >= _WRITTEN_AT_ONCE or held > _BYTES_AT_ONCE


def _judge(page: _PageWatch, result: PageResult) -> list[Finding]:
    outcome = result.outcome
    if isinstance(outcome, FetchFailure) and outcome.kind is FailureKind.SWITCHED_OFF:
        return []  # nobody looked, so there is nothing to write down
    findings = []
    for claimed, watch in page.links:
        verdict = judge(outcome, watch.expected)
        findings.append(Finding(claimed, verdict, evidence_of(outcome, verdict)))
    return findings


def _write(database: Database, looks: list[Finding], run: CheckRun, now: datetime) -> None:
    """Write looks of one workspace together; one that makes us stumble does not stop the others."""
    if not looks:
        return
    try:
        written = _write_together(database, looks, now)
    except Exception:
        log.exception("looks could not be written", count=len(looks))
        if len(looks) == 1:
            _put_off(database, looks[0].claimed, now)
            return
        for look in looks:
            _write(database, [look], run, now)
        return
    for transition in written:
        run.families[transition.finding.verdict.family] += 1
        run.lost += transition.is_new_loss
        run.returned += transition.is_return


def _write_together(database: Database, looks: list[Finding], now: datetime) -> list[Transition]:
    with database.writing(Scope(looks[0].claimed.workspace_id)) as session:
        transitions = record_checks(session, looks, now)
        for transition in transitions:
            note_transition(session, transition, now=now)
    return transitions


def _put_off(database: Database, claimed: Claim, now: datetime) -> None:
    with database.writing(Scope(claimed.workspace_id)) as session:
        let_go(session, [claimed], look_again_at=now + _AFTER_A_STUMBLE)
