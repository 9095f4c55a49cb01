"""The collision guard as badges: who here wrote to a site or person lately, or must never.

Any page that shows sites or people asks once for all it shows, and hands each its guard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.suppression.queries import latest_touches, suppressed_among
from outreach.suppression.rules import COOL_DOWN, comparable_domain, days_ago
from outreach.suppression.words import TouchOutcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.suppression.models import ContactTouch
    from outreach.suppression.words import SuppressionReason

_CAME_OF_IT = {
    TouchOutcome.AWAITING: "no answer",
    TouchOutcome.REPLIED: "they replied",
    TouchOutcome.DECLINED: "they declined",
    TouchOutcome.WON: "link won",
    TouchOutcome.BOUNCED: "it bounced",
    TouchOutcome.UNKNOWN: "outcome unknown",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """What one badge says: "Ann, 12 days ago, no answer", and until when the site rests."""

    text: str
    tone: str  # as badges have them: "warn", or "bad" for who is never written to
    at: datetime | None = None
    rests_until: datetime | None = None


def guards_of_sites(session: Session, domains: Iterable[str], *, now: datetime) -> dict[str, Guard]:
    """Return the guard of each of these domains that has one, in two statements for a page."""
    known = {domain: comparable_domain(domain) for domain in domains}
    found = _guards(session, set(known.values()), (), now)
    return {domain: found[name] for domain, name in known.items() if name in found}


def guards_of_people(
    session: Session, people: Collection[tuple[str, str]], *, now: datetime
) -> dict[tuple[str, str], Guard]:
    """Return the guard of each person, given by key and company domain; their own comes first."""
    keys = {key for key, _ in people}
    found = _guards(session, {comparable_domain(domain) for _, domain in people}, keys, now)
    guards = {
        person: found.get(person[0]) or found.get(comparable_domain(person[1])) for person in people
    }
    return {person: guard for person, guard in guards.items() if guard is not None}


def _guards(
    session: Session, domains: Collection[str], keys: Collection[str], now: datetime
) -> dict[str, Guard]:
    """Return guards by domain and by person key; a suppression outranks a touch."""
    found: dict[str, Guard] = {}
    for touch, who in latest_touches(session, domains=domains, person_keys=keys, now=now):
        guard = _of_touch(touch, who, now)
        found |= {name: guard for name in (touch.domain, touch.person_key) if name}
    for name, reason in suppressed_among(session, person_keys=keys, domains=domains).items():
        found[name] = _of_suppression(reason)
    return found


def _of_touch(touch: ContactTouch, who: str, now: datetime) -> Guard:
    text = f"{who or 'another team'}, {days_ago(touch.at, now)}, {_CAME_OF_IT[touch.outcome]}"
    return Guard(text, "warn", at=touch.at, rests_until=touch.at + COOL_DOWN)


def _of_suppression(reason: SuppressionReason) -> Guard:
    return Guard(f"never written to: {reason.value}", "bad")
