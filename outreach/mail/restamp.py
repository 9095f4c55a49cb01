"""The one header of a frozen mail that is written when it leaves: its date."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

_NAME = b"Date: "


def with_date(raw: bytes, at: datetime, zone_name: str) -> bytes:
    """Return a mail of ours dated at a moment, in the mailbox's own time zone."""
    if not raw.startswith(_NAME):
        raise ValueError("A mail of ours begins with its date.")
    _, _, rest = raw.partition(b"\r\n")
    date = format_datetime(at.astimezone(ZoneInfo(zone_name)))
    return _NAME + date.encode("ascii") + b"\r\n" + rest
