"""Who may do what, what a password must be, how guessing is slowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from outreach.accounts.words import Role

SESSION_IDLE = timedelta(hours=12)
SESSION_AGE = timedelta(days=30)
LAST_SEEN_EVERY = timedelta(minutes=5)
LINK_AGE = {"setup": timedelta(days=7), "invitation": timedelta(days=7)}
RESET_AGE = timedelta(hours=1)

PASSWORD_LENGTH = range(12, 129)
_COMMON = frozenset(
    {
        "abcdefghijkl", "administrator", "changeme", "correcthorsebatterystaple", "iloveyou",
        "letmein", "linkbuilding", "outreach", "password", "password1234", "passwordpassword",
        "passwort", "qwerty123456", "qwertyqwerty", "qwertyuiop", "welcome", "111111111111",
        "123456789012",
    }
)  # fmt: skip

_RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.MANAGER: 2, Role.OWNER: 3}

# The whole policy: what each kind of thing may be seen, worked on, managed by. Every route names
# one entry of this table; a route without one does not start.
POLICY: dict[tuple[str, str], Role] = {
    ("today", "view"): Role.VIEWER,
    ("search", "view"): Role.VIEWER,
    ("profile", "edit"): Role.VIEWER,
    ("workspace", "view"): Role.VIEWER,
    ("workspace", "manage"): Role.OWNER,
    ("member", "manage"): Role.MANAGER,
    ("property", "view"): Role.VIEWER,
    ("property", "edit"): Role.MANAGER,
    ("asset", "view"): Role.VIEWER,
    ("asset", "edit"): Role.MEMBER,
    ("import", "view"): Role.VIEWER,
    ("import", "edit"): Role.MEMBER,
    ("prospect", "view"): Role.VIEWER,
    ("prospect", "edit"): Role.MEMBER,
    ("contact", "view"): Role.VIEWER,
    ("contact", "edit"): Role.MEMBER,
    ("contact", "erase"): Role.MANAGER,
    ("suppression", "view"): Role.VIEWER,
    ("suppression", "edit"): Role.MEMBER,
    ("suppression", "lift"): Role.MANAGER,
    ("campaign", "view"): Role.VIEWER,
    ("campaign", "edit"): Role.MEMBER,
    ("opportunity", "view"): Role.VIEWER,
    ("opportunity", "edit"): Role.MEMBER,
    ("template", "view"): Role.VIEWER,
    ("template", "edit"): Role.MEMBER,
    ("sequence", "view"): Role.VIEWER,
    ("sequence", "edit"): Role.MEMBER,
    ("mailbox", "view"): Role.VIEWER,
    ("mailbox", "edit"): Role.MANAGER,
    ("outbox", "view"): Role.VIEWER,
    ("outbox", "edit"): Role.MEMBER,
    ("conversation", "view"): Role.VIEWER,
    ("conversation", "edit"): Role.MEMBER,
    ("link", "view"): Role.VIEWER,
    ("link", "edit"): Role.MEMBER,
    ("reminder", "view"): Role.VIEWER,
    ("reminder", "edit"): Role.MEMBER,
    ("tag", "view"): Role.VIEWER,
    ("tag", "edit"): Role.MEMBER,
    ("tag", "merge"): Role.MANAGER,
    ("field", "view"): Role.VIEWER,
    ("field", "fill"): Role.MEMBER,
    ("field", "edit"): Role.MANAGER,
    ("note", "view"): Role.VIEWER,
    ("note", "edit"): Role.MEMBER,
    ("note", "manage"): Role.MANAGER,
    ("list", "view"): Role.VIEWER,  # and each as what it shows: its own "export", else its "view"
    ("opportunity", "export"): Role.MEMBER,  # people's addresses leave with these four
    ("contact", "export"): Role.MEMBER,
    ("suppression", "export"): Role.MEMBER,
    ("outbox", "export"): Role.MEMBER,
    ("job", "view"): Role.VIEWER,
    ("job", "edit"): Role.MEMBER,
}


def may(role: Role, thing: str, action: str) -> bool:
    """Tell whether a role may do something; unknown things nobody may."""
    needed = POLICY.get((thing, action))
    return needed is not None and _RANK[role] >= _RANK[needed]


def roles_one_may_give(role: Role) -> list[Role]:
    """List the roles a person may hand out: none above their own, owner only by owners."""
    return [other for other in Role if _RANK[other] <= _RANK[role]]


def problems_with_password(password: str, *, about: str = "") -> list[str]:
    """List what keeps a password from being accepted; `about` is the person's name and address."""
    problems = []
    if len(password) not in PASSWORD_LENGTH:
        problems.append("Use 12 to 128 characters.")
    plain = re.sub(r"[\W_]", "", password.lower())
    if password.lower() in _COMMON or plain in _COMMON or len(set(password)) < 5:
        problems.append("This password is among the first that anyone would try.")
    if any(len(word) > 4 and word in plain for word in re.split(r"[\W_]+", about.lower())):
        problems.append("Leave your name and address out of it.")
    return problems


def is_time_zone(name: str) -> bool:
    """Tell whether a name is a time zone of the tz database."""
    return name in available_timezones()


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket: `size` tries at once, one more every `refill`."""

    size: float
    refill: timedelta


PER_ACCOUNT = Bucket(size=10, refill=timedelta(minutes=2))
PER_NETWORK = Bucket(size=30, refill=timedelta(seconds=20))


def tokens_after(bucket: Bucket, tokens: float, filled_at: datetime, now: datetime) -> float:
    """Tokens in a bucket at `now`, given what it held at `filled_at`."""
    elapsed = max(timedelta(0), now - filled_at)
    return min(bucket.size, tokens + elapsed / bucket.refill)


def network_of(ip: str) -> str:
    """The network an address is throttled with: a /24 in IPv4, a /64 in IPv6."""
    if ":" in ip:
        return ":".join(ip.split(":")[:4]) + "::/64"
    return ".".join(ip.split(".")[:3]) + ".0/24"
