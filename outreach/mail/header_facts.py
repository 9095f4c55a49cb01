"""The few facts of a mail's head that matching, storing and showing need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from outreach.mail.parts import Part, decoded_words

MAX_IDS = 200
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f-\uffff]{1,896}>")
_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]{1,64}@[^\s<>()\[\]\\,;:\"@]{1,255}")
_REPLY_MARK = re.compile(
    r"\s*(?:\[[^\]]{1,40}\]\s*)?(?:re|aw|antw|antwort|sv|vs|rv|ref|rif|odp|tr|fw|fwd|wg|vl|ynt|res|enc"
    r"|回复|答复|回覆|转发|返信)\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,2})?\s*[:：]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the head of a mail says; nothing in it is trustworthy."""

    from_address: str = ""  # lower-case
    from_name: str = ""
    reply_to: str = ""
    to: tuple[str, ...] = ()  # To, Cc and the delivery headers, lower-case
    subject: str = ""
    date: datetime | None = None  # aware
    message_id: str = ""  # with brackets, as all ids here
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def read_facts(mail: Part) -> HeaderFacts:
    """Collect the facts of a mail's head."""
    sender = mail.raw_header("from")
    receivers: dict[str, None] = {}
    for name in ("delivered-to", "x-original-to", "to", "cc"):
        receivers.update(dict.fromkeys(addresses_in(mail.raw_header(name))))
    return HeaderFacts(
        from_address=next(iter(_sender_addresses(sender)), ""),
        from_name=_display_name(sender),
        reply_to=next(iter(addresses_in(mail.raw_header("reply-to"))), ""),
        to=tuple(receivers)[:100],
        subject=" ".join(mail.header("subject").split())[:500],
        date=_date(mail.raw_header("date")),
        message_id=next(iter(ids_in(mail.raw_header("message-id"))), ""),
        in_reply_to=ids_in(mail.raw_header("in-reply-to")),
        references=ids_in(mail.raw_header("references")),
    )


def ids_in(value: str) -> tuple[str, ...]:
    """Return the message ids of a header value in order, each once, the last ones if too many."""
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(value)))[-MAX_IDS:]


def addresses_in(value: str) -> tuple[str, ...]:
    """Return everything in a header value that looks like an address, in lower case."""
    return tuple(dict.fromkeys(found.lower().rstrip(".") for found in _ADDRESS.findall(value)))


def thread_subject(subject: str) -> str:
    """Return a subject without its marks of replying and forwarding, for comparing."""
    for _ in range(10):
        mark = _REPLY_MARK.match(subject)
        if mark is None:
            break
        subject = subject[mark.end() :]
    return " ".join(subject.split()).casefold()


def _sender_addresses(value: str) -> tuple[str, ...]:
    """Prefer what stands in brackets: a display name may itself look like an address."""
    bracketed = value.rpartition("<")[2].partition(">")[0] if "<" in value else ""
    return addresses_in(bracketed) or addresses_in(value)


def _display_name(value: str) -> str:
    name = value.rpartition("<")[0].strip() if "<" in value else ""
    if name.startswith('"'):
        name = re.sub(r"\\(.)", r"\1", name.strip('"'))
    return " ".join(decoded_words(name).split())[:200]


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value[:100])
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
