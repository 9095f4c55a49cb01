"""A won link: a person pastes the page, we look, and the contract is what stands there.

The link is kept as expected before anyone looks, so a paste survives a dead network, a server that
refuses us, and a worker that is killed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.accounts.queries import installation_switch
from outreach.accounts.services import WEB_ACCESS
from outreach.activity.queries import timeline_of
from outreach.activity.services import Subject, finish_job, get_job, queue_job, record
from outreach.activity.words import JobState
from outreach.assets.models import Asset
from outreach.assets.properties import own_domains
from outreach.campaigns.queries import asset_of_campaign, get_campaign, get_opportunity
from outreach.campaigns.words import Stage
from outreach.core.errors import Conflict, Invalid, NotFound, Unavailable
from outreach.core.urls import parse_address
from outreach.links.checks import Finding, record_checks
from outreach.links.claims import claim, let_go
from outreach.links.evidence import evidence_of
from outreach.links.judging import Verdict, judge, links_to_us
from outreach.links.queries import Watch, find_won_link, get_backlink, watches
from outreach.links.services import Agreement, Win, expect_link, note_siblings
from outreach.links.words import REASON_SENTENCES, CheckFamily
from outreach.ports.pages import FailureKind, FetchFailure, PageFacts, PageRequest
from outreach.workflows.move_opportunities import move

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database, Scope, Session
    from outreach.links.models import Backlink
    from outreach.ports.pages import LinkOnPage, PageFetcher

KIND = "win_link"
WEB_IS_OFF = (
    "Web access is off. An operator switches it on under Settings, Web access; nothing was fetched."
)


@dataclass(frozen=True, slots=True)
class PastedWin:
    """What a paste made: the link, still expected, and the job that looks at its page."""

    backlink_id: int
    job_id: int


def paste_win(
    session: Session,
    page_url: str,
    *,
    opportunity_id: int | None = None,
    asset_id: int | None = None,
    now: datetime,
) -> PastedWin:
    """Keep a link as expected and queue the first look at its page.

    Raises:
        Invalid: It is no web address, one of our own pages, or we do not know what to look for.
        NotFound: There is no such opportunity or asset in this workspace.
        Conflict: The link was won through another opportunity.
    """
    asset = _asset_meant(session, opportunity_id, asset_id)
    domains = own_domains(session)
    address = parse_address(page_url)
    if address is not None and address.site in domains:
        raise Invalid(f"{address.site} is one of your own properties; paste the page that links.")
    if asset is None and not domains:
        raise Invalid("Add a property under Settings first, so that we know which links are yours.")
    win = Win(
        page_url=page_url,
        agreement=Agreement(target_url=asset.url if asset else ""),
        asset_id=asset.key if asset else None,
        opportunity_id=opportunity_id,
    )
    backlink = expect_link(session, win, now=now)
    job = queue_job(session, KIND, subject=Subject("backlink", backlink.key), total=1)
    return PastedWin(backlink.key, job.key)


def _asset_meant(
    session: Session, opportunity_id: int | None, asset_id: int | None
) -> Asset | None:
    if opportunity_id is not None:
        opportunity = get_opportunity(session, opportunity_id)
        return asset_of_campaign(session, get_campaign(session, opportunity.campaign_id))
    if asset_id is None:
        return None
    asset = session.get(Asset, asset_id)
    if asset is None:
        raise NotFound("There is no such asset in this workspace.")
    return asset


def look_for_win(
    database: Database, fetcher: PageFetcher, scope: Scope, job_id: int, *, now: datetime
) -> None:
    """Do the first look a paste asked for, and end its job with what was found.

    Raises:
        Unavailable: Web access is off; the link stays expected.
        Conflict: The regular check has the page just now; it will settle the win itself.
    """
    with database.writing(scope) as session:
        if not installation_switch(session, WEB_ACCESS):
            raise Unavailable(f"{WEB_IS_OFF} The link is kept as expected.")
        job = get_job(session, job_id)
        backlink_id = job.subject_id or 0
        url = get_backlink(session, backlink_id).referring_url
        # A second attempt of this job means that the worker of the first is gone.
        claims = claim(session, [backlink_id], now, by_force=job.attempt > 1)
        watch = watches(session, [backlink_id])[backlink_id]
    if not claims:
        raise Conflict("The page is being looked at by the regular check already.")
    outcome = look_once(fetcher, url)
    if isinstance(outcome, FetchFailure) and outcome.kind is FailureKind.SWITCHED_OFF:
        with database.writing(scope) as session:
            let_go(session, claims)
        raise Unavailable(f"{WEB_IS_OFF} The link is kept as expected.")
    verdict = judge(outcome, watch.expected)
    finding = Finding(claims[0], verdict, evidence_of(outcome, verdict))
    siblings = _siblings(outcome, verdict, watch)
    with database.writing(scope) as session:
        sentence = _write_down(session, finding, siblings, now)
        finish_job(session, job_id, JobState.DONE, sentence, now=now)


def look_once(fetcher: PageFetcher, url: str) -> PageFacts | FetchFailure:
    """Look at one page."""
    for result in fetcher.fetch([PageRequest(url)]):
        return result.outcome
    return FetchFailure(url, FailureKind.CONNECT, "no answer")


def _siblings(
    outcome: PageFacts | FetchFailure, verdict: Verdict, watch: Watch
) -> list[tuple[str, LinkOnPage]]:
    """Return our other links on the page, each target once."""
    if isinstance(outcome, FetchFailure) or verdict.link is None:
        return []
    found: dict[str, LinkOnPage] = {}
    for key, link in links_to_us(outcome.links, watch.expected.domains):
        found.setdefault(key, link)
    return [(key, link) for key, link in found.items() if link.url != verdict.link.url]


def _write_down(
    session: Session, finding: Finding, siblings: list[tuple[str, LinkOnPage]], now: datetime
) -> str:
    if not record_checks(session, [finding], now):
        return "The regular check looked at the page meanwhile."
    backlink = get_backlink(session, finding.claimed.backlink_id)
    verdict = finding.verdict
    if verdict.family is not CheckFamily.SEEN:
        return _sentence_of_failure(session, backlink, verdict)
    new = note_siblings(session, backlink, siblings, now)
    settle_win(session, backlink, now=now)
    more = f" {new:,} more of your links stand on the page." if new else ""
    return sentence_of_find(backlink, verdict) + more


def settle_win(session: Session, backlink: Backlink, *, now: datetime) -> None:
    """Let a link that has been seen count: its opportunity is won, and nobody is written to more.

    Doing it again changes nothing.
    """
    won = find_won_link(session, backlink.key)
    if won is None:
        return
    if not any(line.verb == "won" for line in timeline_of(session, "backlink", backlink.key)):
        sentence = f"Won the link on {backlink.referring_domain} to {backlink.target_url}."
        record(session, "won", Subject("backlink", backlink.key), sentence, now=now)
    if won.opportunity_id is None:
        return
    opportunity = get_opportunity(session, won.opportunity_id)
    if opportunity.stage is not Stage.WON:
        move(session, opportunity, Stage.WON, now=now)


def sentence_of_find(backlink: Backlink, verdict: Verdict) -> str:
    """Say which link was found, and what about it is not as agreed."""
    link = verdict.link
    if link is None:
        return REASON_SENTENCES[verdict.reason]
    words = f"“{link.anchor}”" if link.anchor else "A link without words"
    place = link.placement.value.replace("_", " ")
    said = f"{words} ({link.rel.value}, {place}) leads to {link.url}."
    changes = " ".join(REASON_SENTENCES[change] for change in verdict.changes)
    return f"Found on {backlink.referring_domain}: {said} {changes}".rstrip()


def _sentence_of_failure(session: Session, backlink: Backlink, verdict: Verdict) -> str:
    again = "The link is kept as expected, and the page is looked at again."
    if verdict.family is CheckFamily.CANNOT_TELL:
        return f"{REASON_SENTENCES[verdict.reason]} {again}"
    wanted = sorted(own_domains(session) | {backlink.target_url} - {""})
    looked_for = f"We looked for a link to {' or '.join(wanted)}."
    return f"{REASON_SENTENCES[verdict.reason]} {looked_for} {again}"
