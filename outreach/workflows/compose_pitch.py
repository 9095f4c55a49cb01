"""From a template to the very bytes of one mail; previews and sending go through here alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from outreach.core.business_days import time_zone
from outreach.core.tokens import derived_key
from outreach.mail.mime import MailDraft, build_message, header_text
from outreach.mail.text_html import html_of
from outreach.pitches.rendering import merge_values
from outreach.pitches.rules import Place, Sender, render_pitch, reply_subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.addresses import MailAddress
    from outreach.mail.models import Mailbox
    from outreach.pitches.models import PitchTemplate
    from outreach.pitches.rendering import PitchSubject
    from outreach.pitches.rules import Pitch

REPLY_NO = "If you would rather not hear from me again, reply “no” and I will not write any more."
REPLY_NO_OR_LINK = (
    "If you would rather not hear from me again, reply “no” or follow this link: {url}"
)
UNSUBSCRIBE_PATH = "/u/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What the installation puts on every mail.

    Attributes:
        key: The installation's secret key; Message-IDs are made with it.
        public_url: Where the world reaches this installation, "" when it does not.
    """

    key: str
    public_url: str = ""

    @property
    def message_key(self) -> bytes:
        """The key under which Message-IDs are made."""
        return derived_key(self.key, "message-id")

    def unsubscribe_url(self, token: str) -> str:
        """Return where a token unsubscribes, "" without a public address."""
        if not self.public_url:
            return ""
        return f"{self.public_url.rstrip('/')}{UNSUBSCRIBE_PATH}{token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """What a mail answers: ids said so far, oldest first; none for a first mail."""

    message_id: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Everything around the words of one mail."""

    mailbox: Mailbox
    to: MailAddress
    to_name: str
    postal_address: str
    unsubscribe_url: str
    thread: Thread
    at: datetime


@dataclass(frozen=True, slots=True)
class ComposedMail:
    """One mail, ready for the outbox."""

    subject: str
    text: str
    raw: bytes


def sender_of(mailbox: Mailbox) -> Sender:
    """Return a mailbox as merge fields know it."""
    name = mailbox.display_name or mailbox.address.partition("@")[0]
    return Sender(name=name, email=mailbox.address, signature=mailbox.signature)


def fill_in(
    template: PitchTemplate,
    about: PitchSubject,
    mailbox: Mailbox,
    place: Place,
) -> Pitch:
    """Fill a template in for one opportunity; a follow-up carries the first mail's subject.

    Raises:
        UnresolvedField: A field that would be printed is empty; the message names it.
    """
    values = merge_values(about, sender_of(mailbox), place)
    pitch = render_pitch(template.subject, template.body, values)
    subject = reply_subject(place.first_subject) if place.first_subject else pitch.subject
    return replace(pitch, subject=header_text(subject))


def fill_in_all(
    steps: Sequence[tuple[int, PitchTemplate]], about: PitchSubject, mailbox: Mailbox
) -> list[Pitch]:
    """Fill in every step of a sequence as it would read; each is (business days waited, template).

    Raises:
        UnresolvedField: A field of any step is empty.
    """
    pitches: list[Pitch] = []
    days = 0
    for wait, template in steps:
        days += wait
        place = Place(pitches[0].subject, days) if pitches else Place()
        pitches.append(fill_in(template, about, mailbox, place))
    return pitches


def compose(pitch: Pitch, envelope: Envelope) -> ComposedMail:
    """Put a pitch into the bytes that go over the wire.

    Raises:
        Invalid: A value cannot stand in a mail.
    """
    text = f"{pitch.text}\n\n{_footer(envelope)}"
    thread, mailbox = envelope.thread, envelope.mailbox
    draft = MailDraft(
        from_address=mailbox.address,
        from_name=header_text(mailbox.display_name),
        to_address=envelope.to.text,
        to_name=header_text(envelope.to_name),
        subject=pitch.subject,
        text=text,
        html=html_of(text),
        message_id=thread.message_id,
        sent_at=envelope.at.astimezone(time_zone(mailbox.time_zone)),
        in_reply_to=thread.said[-1] if thread.said else "",
        # Some relays replace the Message-ID; our own in References survives them.
        references=thread.said or (thread.message_id,),
        unsubscribe_url=envelope.unsubscribe_url,
        unsubscribe_address=mailbox.address,
    )
    return ComposedMail(pitch.subject, text, build_message(draft))


def _footer(envelope: Envelope) -> str:
    url = envelope.unsubscribe_url
    lines = [REPLY_NO_OR_LINK.format(url=url) if url else REPLY_NO]
    if envelope.postal_address.strip():
        lines.append(", ".join(envelope.postal_address.split("\n")).replace("\r", ""))
    return "\n".join(lines)
