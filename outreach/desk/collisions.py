"""The collision guard as badges: who here wrote to a site or person lately, or must never.

Any page that shows sites or people asks once for all it shows, and hands each its guard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.suppression.queries import latest_touches, suppressed_among
from outreach.suppression.rules import COOL_DOWN, OUTCOME_WORDS, comparable_domain, days_ago

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.suppression.models import ContactTouch
    from outreach.suppression.words import SuppressionReason


@dataclass(frozen=True, slots=True)
class Guard:
    """What one badge says: "Ann, 12 days ago, awaiting answer", and until when the site rests."""

    text: str
    tone: str  # as badges have them: "warn", or "bad" for who is never written to
    at: datetime | None = None
    rests_until: datetime | None = None

    @property
    def sentence(self) -> str:
        """Say it where there is no badge."""
        said = (
            f"Written to lately: {self.text}"
            if self.at
            else f"{self.text[:1].upper()}{self.text[1:]}"
        )
        return f"{said}."


@dataclass(frozen=True, slots=True)
class Guards:
    """The guards of all the sites and people that one page shows."""

    touched: dict[str, Guard]  # by comparable domain, and by person key
    refusals: dict[str, SuppressionReason]

    def of_site(self, domain: str) -> Guard | None:
        """Return the guard of a site, if it has one."""
        return self._of(comparable_domain(domain))

    def of_person(self, person_key: str, domain: str = "") -> Guard | None:
        """Return the guard of a person, or else of their company."""
        own = self._of(person_key)
        return own or self._of(comparable_domain(domain)) if domain else own

    def _of(self, name: str) -> Guard | None:
        """A refusal outranks a touch."""
        reason = self.refusals.get(name)
        return self.touched.get(name) if reason is None else _of_suppression(reason)


def guards_of(
    session: Session, domains: Iterable[str], person_keys: Iterable[str] = (), *, now: datetime
) -> Guards:
    """Gather the guards of everybody a page shows, in two statements."""
    sites = {comparable_domain(domain) for domain in domains} - {""}
    people = set(person_keys) - {""}
    touched: dict[str, Guard] = {}
    for touch, who in latest_touches(session, domains=sites, person_keys=people, now=now):
        guard = _of_touch(touch, who, now)
        touched |= {name: guard for name in (touch.domain, touch.person_key) if name}
    if not sites and not people:
        return Guards(touched, {})
    return Guards(touched, suppressed_among(session, person_keys=people, domains=sites))


def guards_of_sites(session: Session, domains: Iterable[str], *, now: datetime) -> dict[str, Guard]:
    """Return the guard of each of these domains that has one."""
    known = set(domains)
    guards = guards_of(session, known, now=now)
    return {domain: guard for domain in known if (guard := guards.of_site(domain))}


def guards_of_people(
    session: Session, people: Collection[tuple[str, str]], *, now: datetime
) -> dict[tuple[str, str], Guard]:
    """Return the guard of each person, given by key and company domain; their own comes first."""
    guards = guards_of(
        session, {domain for _, domain in people}, {key for key, _ in people}, now=now
    )
    return {person: guard for person in people if (guard := guards.of_person(*person))}


def _of_touch(touch: ContactTouch, who: str, now: datetime) -> Guard:
    text = f"{who or 'another team'}, {days_ago(touch.at, now)}, {OUTCOME_WORDS[touch.outcome]}"
    return Guard(text, "warn", at=touch.at, rests_until=touch.at + COOL_DOWN)


def _of_suppression(reason: SuppressionReason) -> Guard:
    return Guard(f"never written to: {reason.value}", "bad")
