"""What an SMTP reply or an enhanced status code says about the address it is about."""

from __future__ import annotations

import re
from enum import StrEnum

# RFC 3463 codes under which the address itself is dead, wherever they come from.
_HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
# Codes about the sender: quota, sending rights, its domain's authentication.
_SENDER = frozenset(
    {"5.7.60", "5.7.26", "5.7.515", "5.7.9", "5.7.57", "5.7.64", "5.4.5", "5.7.708"}
)
# Words that outrank the number: servers say 5.1.1 and 5.1.0 for blocks, too.
_BLOCK_WORDS = re.compile(
    r"spamhaus|spamcop|barracuda|block(?:ed|list)|black ?list|\bdnsbl|\brbl\b|reputation|\bspam|"
    r"polic(?:y|ies)|dmarc|\bspf\b|\bdkim\b|authenticat|rejected due to|content reject|virus|"
    r"too many|rate.?limit|throttl|quota|over ?quota|mailbox (?:is )?full|grey.?list|try again",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")


class Stage(StrEnum):
    """Where in the SMTP dialogue a reply came."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


_BEFORE_RECIPIENT = frozenset({Stage.CONNECT, Stage.EHLO, Stage.STARTTLS, Stage.AUTH, Stage.MAIL})


def enhanced_status(text: str) -> str:
    """Return the first enhanced status code in a reply, "" when it has none."""
    found = _ENHANCED.search(text[:2000])
    return found[1] if found else ""


def is_hard_status(status: str, text: str = "") -> bool:
    """Tell whether the address itself is dead; on doubt it is not, and the words decide."""
    return status in _HARD and not _BLOCK_WORDS.search(text[:2000])


def is_mailbox_trouble(stage: Stage, code: int, text: str) -> bool:
    """Tell whether a refusal or delay is about the sending mailbox, not about the recipient."""
    if stage in _BEFORE_RECIPIENT:
        return True
    status = enhanced_status(text)
    if 400 <= code < 500:
        return code in {421, 450} or status.startswith("4.7.") or status == "4.3.2"
    return status in _SENDER


def is_dead_address(stage: Stage, code: int, text: str) -> bool:
    """Tell whether a reply means that this recipient will never be reached."""
    if stage in _BEFORE_RECIPIENT or not 500 <= code < 600:
        return False
    return is_hard_status(enhanced_status(text), text)
