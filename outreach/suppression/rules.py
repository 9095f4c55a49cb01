"""Who counts as one person or one company, and what a collision says to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from outreach.core.tokens import keyed_hash
from outreach.core.urls import registrable_domain
from outreach.suppression.words import SuppressionReason, TouchOutcome

if TYPE_CHECKING:
    from outreach.core.addresses import MailAddress

COOL_DOWN = timedelta(days=100)

# A person said no, or the law did: nobody here overrules it.
LASTING_REASONS = frozenset(
    {SuppressionReason.UNSUBSCRIBED, SuppressionReason.COMPLAINED, SuppressionReason.ERASED}
)

# Mail hosts of the public: people with addresses there have nothing in common.
PUBLIC_MAIL_HOSTS = frozenset(
    {
        "163.com", "126.com", "aol.com", "bluewin.ch", "btinternet.com", "comcast.net",
        "duck.com", "fastmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch",
        "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.co.uk",
        "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com",
        "laposte.net", "libero.it", "live.co.uk", "live.com", "live.fr", "live.nl", "mac.com",
        "mail.com", "mail.de", "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr",
        "outlook.com", "outlook.de", "outlook.fr", "pm.me", "posteo.de", "proton.me",
        "protonmail.com", "qq.com", "rediffmail.com", "seznam.cz", "t-online.de", "tuta.com",
        "tutanota.com", "verizon.net", "wanadoo.fr", "web.de", "wp.pl", "yahoo.ca",
        "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.es",
        "yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
    }
)  # fmt: skip

OUTCOME_WORDS = {
    TouchOutcome.AWAITING: "awaiting answer",
    TouchOutcome.REPLIED: "they replied",
    TouchOutcome.DECLINED: "they declined",
    TouchOutcome.WON: "link won",
    TouchOutcome.BOUNCED: "it bounced",
    TouchOutcome.UNKNOWN: "outcome unknown",
}


@dataclass(frozen=True, slots=True)
class SuppressionEntry:
    """One address or domain to suppress, as a file, a form or a workflow names it.

    Exactly one of `address` and `domain` is given.
    """

    address: MailAddress | None = None
    domain: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TouchEntry:
    """One past contact: `source_key` makes it one row however often it is told."""

    source_key: str  # "outbox:7" or "import:3:214"
    at: datetime
    person_key: str = ""
    domain: str = ""
    outcome: TouchOutcome = TouchOutcome.UNKNOWN


@dataclass(frozen=True, slots=True)
class Collision:
    """Somebody here wrote to the same person or company within the cool-down.

    For another workspace's touch `who` is empty and `is_same_person` None: it is told only that
    another team wrote, when, and with what outcome.
    """

    at: datetime
    outcome: TouchOutcome
    is_ours: bool
    who: str = ""
    is_same_person: bool | None = None

    def sentence(self, now: datetime) -> str:
        """Say it as a badge does: "another team, 12 days ago, awaiting answer"."""
        who = (self.who or "this workspace") if self.is_ours else "another team"
        return f"{who}, {days_ago(self.at, now)}, {OUTCOME_WORDS[self.outcome]}"


def person_key(key: str, address: MailAddress) -> str:
    """Keyed hash under which one person is known across spellings of their address."""
    return keyed_hash(key, "suppression", address.suppression_key)


def company_domain(address: MailAddress | None, site_domain: str = "") -> str:
    """Return the registrable domain a mail is counted under, "" where there is no company.

    The site comes first: a journalist who writes from a public mail host belongs to the outlet.
    """
    if site_domain:
        return comparable_domain(site_domain)
    found = comparable_domain(address.domain) if address else ""
    return "" if found in PUBLIC_MAIL_HOSTS else found


def comparable_domain(domain: str) -> str:
    """Return the registrable domain of a host, or the host itself where it has none."""
    host = domain.strip().rstrip(".").lower()
    return registrable_domain(host) or host


def is_liftable(reason: SuppressionReason) -> bool:
    """True unless the person themselves, a complaint or an erasure asked for silence."""
    return reason not in LASTING_REASONS


def days_ago(at: datetime, now: datetime) -> str:
    """Say how long ago, in whole days."""
    days = max(0, (now - at).days)
    if days == 0:
        return "today"
    return "1 day ago" if days == 1 else f"{days} days ago"
