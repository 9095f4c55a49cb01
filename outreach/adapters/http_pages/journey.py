"""One look at one page: robots.txt, the page, and each redirect are steps of their own.

Between two steps the look waits in the queue of the host it goes to next, so redirects and
robots.txt obey the same manners as pages do. Waiting does not use up the deadline.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from outreach.adapters.http_pages.policy import FetchPolicy, Refused
from outreach.adapters.http_pages.robots import RobotsBook, fetch_rules, unanswered
from outreach.adapters.http_pages.target import Target, parse_target
from outreach.adapters.http_pages.verdicts import failure_of, outcome_of
from outreach.core.clock import monotonic, utc_now
from outreach.ports.pages import FailureKind, FetchFailure, PageFacts, PageRequest, PageResult

if TYPE_CHECKING:
    from outreach.adapters.http_pages.client import PageClient

_ROBOTS_SHARE = 0.5  # of the deadline, so that a slow robots.txt leaves a named reason


@dataclass(slots=True)
class Journey:
    """A look under way; `outcome` is set when it has ended."""

    request: PageRequest
    target: Target
    left_s: float
    redirects: list[str] = field(default_factory=list)
    spent_s: float = 0.0
    rest_s: float = 0.0  # how long the host just asked must be left alone
    outcome: PageFacts | FetchFailure | None = None

    def result(self) -> PageResult:
        """Return the ended look as a result."""
        assert self.outcome is not None
        return PageResult(self.request, self.outcome, utc_now(), self.spent_s)

    def refuse(self, refused: Refused) -> None:
        """End the look with a named reason."""
        final_url = self.target.href
        self.outcome = failure_of(self.request, refused, final_url, tuple(self.redirects))


def begin(request: PageRequest, policy: FetchPolicy) -> Journey | PageResult:
    """Start a look, or answer at once when the URL is none we may open."""
    try:
        target = parse_target(request.url, policy)
    except Refused as refused:
        failure = failure_of(request, refused, "", ())
        return PageResult(request, failure, utc_now())
    return Journey(request, target, policy.deadline_s)


class Stepper:
    """Takes a look one request further."""

    def __init__(self, client: PageClient, policy: FetchPolicy, robots: RobotsBook) -> None:
        self._client = client
        self._policy = policy
        self._robots = robots
        self._closed: dict[str, tuple[float, FetchFailure]] = {}  # hosts that asked for a long wait

    async def step(self, journey: Journey) -> None:
        """Make one request for the journey; afterwards it has ended or has its next target."""
        started = monotonic()
        journey.rest_s = self._policy.spacing_s
        try:
            async with asyncio.timeout(journey.left_s):
                await self._advance(journey)
        except TimeoutError:
            journey.refuse(Refused(FailureKind.TIMEOUT, f"{self._policy.deadline_s:g} seconds"))
        except Refused as refused:
            journey.refuse(refused)
        spent = monotonic() - started
        journey.left_s -= spent
        journey.spent_s += spent

    async def _advance(self, journey: Journey) -> None:
        authority = journey.target.authority
        if self._is_closed(journey):
            return
        rules = self._robots.get(authority, monotonic())
        if rules is None:
            await self._fetch_robots(journey)
            return
        try:
            rules.check(journey.target.href)
        except Refused:
            journey.rest_s = 0.0  # nothing was asked of the host
            raise
        delay = rules.crawl_delay_s(self._policy.max_crawl_delay_s)
        journey.rest_s = max(self._policy.spacing_s, delay)
        await self._fetch_page(journey)

    async def _fetch_robots(self, journey: Journey) -> None:
        try:
            async with asyncio.timeout(self._policy.deadline_s * _ROBOTS_SHARE):
                rules = await fetch_rules(self._client, journey.target, self._policy)
        except TimeoutError:
            rules = unanswered()
        self._robots.put(journey.target.authority, rules, monotonic())
        rules.check(journey.target.href)  # a closed site is known at once, without the wait

    async def _fetch_page(self, journey: Journey) -> None:
        target, request = journey.target, journey.request
        answer = await self._client.get(target, _conditions(request))
        if not answer.location:
            journey.outcome = outcome_of(
                request, answer, target.href, tuple(journey.redirects), utc_now()
            )
            self._heed_retry_after(journey)
            return
        journey.redirects.append(target.href)
        if len(journey.redirects) > self._policy.max_redirects:
            raise Refused(FailureKind.TOO_MANY_REDIRECTS, answer.location[:200])
        journey.target = parse_target(answer.location, self._policy, base=target.href)

    def _heed_retry_after(self, journey: Journey) -> None:
        """Leave a host alone that asked for it: a short wait is waited, a long one ends the run."""
        outcome = journey.outcome
        if not isinstance(outcome, FetchFailure) or outcome.retry_after_s is None:
            return
        if outcome.retry_after_s <= self._policy.max_crawl_delay_s:
            journey.rest_s = max(journey.rest_s, outcome.retry_after_s)
        else:
            until = monotonic() + outcome.retry_after_s
            self._closed[journey.target.authority] = (until, outcome)

    def _is_closed(self, journey: Journey) -> bool:
        """Answer for a host that asked us to come back later, without asking it again."""
        until, outcome = self._closed.get(journey.target.authority, (0.0, None))
        if outcome is None or until <= monotonic():
            return False
        journey.rest_s = 0.0
        journey.outcome = replace(
            outcome,
            url=journey.request.url,
            detail=f"{outcome.status}; the host asked us to come back later",
            final_url=journey.target.href,
            retry_after_s=int(until - monotonic()) + 1,
            redirects=tuple(journey.redirects),
        )
        return True


def _conditions(request: PageRequest) -> dict[str, str]:
    """Ask only for a changed page, where an earlier look left us the means."""
    pairs = (("If-None-Match", request.etag), ("If-Modified-Since", request.last_modified))
    return {
        name: value for name, value in pairs if value and value.isascii() and value.isprintable()
    }
