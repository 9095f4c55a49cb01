"""How long a mail waits: after a server put it off, between two mails, and for a free place."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

BACKOFF = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
_JITTER_SHARE = 0.1
MAILBOX_REST = timedelta(minutes=15)

DAY = timedelta(hours=24)
RECIPIENT_DOMAIN_CAP = 20  # mails to one recipient domain in 24 hours
_GAP_SPREAD = 5 / 9  # the default gap is 9 minutes and up to 5 more


def has_given_up(delay_count: int) -> bool:
    """Tell whether a mail put off so often is no longer worth a try."""
    return delay_count > len(BACKOFF)


def retry_at(delay_count: int, now: datetime, *, jitter: float) -> datetime:
    """Return when a mail that was just put off is tried again.

    Args:
        delay_count: How often it was put off, this time included; at least 1.
        now: When it was.
        jitter: Anything from 0 to 1, so that many mails do not come back at once.
    """
    wait = BACKOFF[min(delay_count, len(BACKOFF)) - 1]
    return now + wait * (1 + _JITTER_SHARE * jitter)


def gap_after(message_id: str, gap_minutes: int) -> timedelta:
    """Return how long a mailbox waits after a mail: the gap and up to five ninths more.

    The random part comes from the mail's own id, so every process that asks hears the same.
    """
    chance = int.from_bytes(hashlib.sha256(message_id.encode()).digest()[:4]) / 2**32
    return timedelta(minutes=gap_minutes) * (1 + _GAP_SPREAD * chance)
