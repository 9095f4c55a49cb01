"""What is read into the bytes of one incoming mail, as it is kept beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outreach.mail.auto_replies import AutoReplyKind
from outreach.mail.classifying import Classified, MailKind, classify_mail
from outreach.mail.header_facts import HeaderFacts, read_facts
from outreach.mail.parts import read_parts
from outreach.mail.reply_text import body_text, visible_reply_of
from outreach.mail.words import InboundKind

if TYPE_CHECKING:
    from datetime import datetime

_MOST_KEPT = 50
_KINDS = {
    MailKind.DELAYED: InboundKind.BOUNCE_DELAYED,
    MailKind.COMPLAINT: InboundKind.COMPLAINT,
    MailKind.UNSUBSCRIBE: InboundKind.UNSUBSCRIBE,
    MailKind.REPLY: InboundKind.REPLY,
    MailKind.UNPARSED: InboundKind.UNPARSED,
}


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail's kind and words, and the facts that matching and its effects go by."""

    kind: InboundKind
    rule: str
    head: HeaderFacts = field(default_factory=HeaderFacts)
    visible_text: str = ""
    whole_text: str = ""  # history and signature included
    inside_ids: tuple[str, ...] = ()  # Message-IDs a returned mail carries
    failed: tuple[str, ...] = ()  # addresses a bounce names
    is_list: bool = False
    facts: dict[str, object] = field(default_factory=dict)


def read_incoming(raw: bytes) -> ReadMail:
    """Read a stranger’s mail; one we stumble over becomes UNPARSED and waits for a person."""
    try:
        mail = read_parts(raw)
        classified = classify_mail(mail, read_facts(mail))
        return ReadMail(
            kind=kind_of(classified),
            rule=classified.rule[:120],
            head=classified.facts,
            visible_text=visible_reply_of(mail),
            whole_text=body_text(mail).strip(),
            inside_ids=classified.original_message_ids,
            failed=tuple(each.address for each in classified.failed_recipients),
            is_list=mail.has("list-id") or mail.has("list-unsubscribe"),
            facts=_kept(classified),
        )
    except Exception as error:
        return ReadMail(InboundKind.UNPARSED, f"could not be read: {type(error).__name__}")


def kind_of(classified: Classified) -> InboundKind:
    """Say in our stored words what a classified mail is."""
    if classified.kind is MailKind.BOUNCE:
        return InboundKind.BOUNCE_HARD if classified.is_hard else InboundKind.BOUNCE_SOFT
    if classified.kind is MailKind.AUTO_REPLY:
        is_absence = classified.auto_reply is AutoReplyKind.OUT_OF_OFFICE
        return InboundKind.OUT_OF_OFFICE if is_absence else InboundKind.AUTO_REPLY
    return _KINDS[classified.kind]


def moment_of(head: HeaderFacts, stored_at: datetime) -> datetime:
    """Return when a mail was written, never later than it came; its own word is not trusted."""
    if head.date is None or head.date > stored_at or head.date.year < 1990:
        return stored_at
    return head.date.astimezone(stored_at.tzinfo)


def _kept(classified: Classified) -> dict[str, object]:
    """Keep what a later correction by a person needs; empty facts are left out."""
    until = classified.out_of_office_until
    head = classified.facts
    kept: dict[str, object] = {
        "to": list(head.to[:_MOST_KEPT]),
        "failed": [each.address for each in classified.failed_recipients[:_MOST_KEPT]],
        "status": classified.status,
        "diagnostic": classified.diagnostic[:500],
        "automatic": classified.auto_reply.value if classified.auto_reply else "",
        "until": until.isoformat() if until else "",
        "complained_about": classified.complained_about,
    }
    return {name: value for name, value in kept.items() if value}
