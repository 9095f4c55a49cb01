"""What robots.txt of each host says, remembered for a while.

Source: RFC 9309. A missing file (4xx) allows everything; one that cannot be had (5xx, 429, no
answer) allows nothing until we can read it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protego import Protego

from outreach.adapters.http_pages.policy import ROBOT_NAME, Refused
from outreach.adapters.http_pages.target import Target, parse_target
from outreach.ports.pages import FailureKind

if TYPE_CHECKING:
    from outreach.adapters.http_pages.client import Answer, PageClient
    from outreach.adapters.http_pages.policy import FetchPolicy

MAX_ROBOTS = 500 << 10  # the size RFC 9309 asks a crawler to read at least
_UNKNOWN_AGE_S = 600.0
_MAX_HOSTS = 2_000
_UNANSWERED = {FailureKind.TIMEOUT, FailureKind.BAD_RESPONSE, FailureKind.TOO_LARGE}


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """One host's rules, or why we could not read them."""

    parsed: Protego | None = None
    refusal: Refused | None = None

    def check(self, url: str) -> None:
        """Refuse a URL that the rules close, or any URL while they cannot be read."""
        if self.refusal is not None:
            raise self.refusal
        if self.parsed is not None and not self.parsed.can_fetch(url, ROBOT_NAME):
            raise Refused(FailureKind.ROBOTS, "disallowed")

    def crawl_delay_s(self, longest: float) -> float:
        """How long the host asks us to wait between two pages, within reason."""
        delay = self.parsed.crawl_delay(ROBOT_NAME) if self.parsed is not None else None
        return min(float(delay or 0.0), longest)


class RobotsBook:
    """The rules of the hosts met lately."""

    def __init__(self, age_s: float) -> None:
        self._age_s = age_s
        self._known: OrderedDict[str, tuple[float, RobotsRules]] = OrderedDict()

    def get(self, authority: str, now: float) -> RobotsRules | None:
        """Return the host's rules, None when they must be fetched (again)."""
        until, rules = self._known.get(authority, (now, None))
        return rules if until > now else None

    def put(self, authority: str, rules: RobotsRules, now: float) -> None:
        """Remember the host's rules; an unreadable answer is asked for again much sooner."""
        age = self._age_s if rules.refusal is None else min(self._age_s, _UNKNOWN_AGE_S)
        self._known[authority] = (now + age, rules)
        self._known.move_to_end(authority)
        if len(self._known) > _MAX_HOSTS:
            self._known.popitem(last=False)


async def fetch_rules(client: PageClient, target: Target, policy: FetchPolicy) -> RobotsRules:
    """Fetch the robots.txt that governs the target, following up to five redirects."""
    try:
        here = parse_target("/robots.txt", policy, base=target.href)
        for _ in range(policy.max_redirects + 1):
            answer = await client.get(here, {}, max_body=MAX_ROBOTS)
            if not answer.location:
                return _rules_of(answer)
            here = parse_target(answer.location, policy, base=here.href)
    except Refused as refused:
        return RobotsRules(refusal=_unreadable(refused))
    return RobotsRules()


def unanswered() -> RobotsRules:
    """Return the rules of a host whose robots.txt did not come in time."""
    return RobotsRules(refusal=Refused(FailureKind.ROBOTS, "robots.txt did not answer in time"))


def _rules_of(answer: Answer) -> RobotsRules:
    if 200 <= answer.status < 300:
        return RobotsRules(parsed=Protego.parse(answer.body.decode("utf-8", "replace")))
    if 400 <= answer.status < 500 and answer.status != 429:
        return RobotsRules()
    return RobotsRules(refusal=Refused(FailureKind.ROBOTS, f"robots.txt answered {answer.status}"))


def _unreadable(refused: Refused) -> Refused:
    if refused.kind in _UNANSWERED:
        return Refused(FailureKind.ROBOTS, f"robots.txt: {refused.detail}")
    return refused
