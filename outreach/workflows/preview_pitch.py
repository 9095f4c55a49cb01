"""Show a pitch as it would leave, before anybody is enrolled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.accounts.queries import get_workspace_row
from outreach.core.addresses import parse_mail_address
from outreach.core.errors import OutreachError
from outreach.mail.mailboxes import all_mailboxes, get_mailbox
from outreach.mail.mime import message_id
from outreach.mail.models import Mailbox
from outreach.pitches.rendering import PitchSubject, pitch_subject
from outreach.pitches.rules import Place
from outreach.sequences.queries import steps_of
from outreach.workflows.compose_pitch import Envelope, Letterhead, Thread, compose, fill_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.addresses import MailAddress
    from outreach.core.db import Session
    from outreach.pitches.models import PitchTemplate

STAND_IN = "reader@example.org"  # where no contact is chosen yet


@dataclass(frozen=True, slots=True)
class Preview:
    """One mail as it would leave; only its ids, its link and its date are stand-ins.

    `problem` says what keeps it from being written; the other fields are then empty.
    """

    label: str
    subject: str = ""
    text: str = ""
    head: str = ""
    raw: bytes = b""
    warnings: tuple[str, ...] = ()
    problem: str = ""


def preview_sequence(
    session: Session, opportunity_id: int, letterhead: Letterhead, now: datetime
) -> list[Preview]:
    """Show every step of the campaign's sequence as it would leave."""
    about = pitch_subject(session, opportunity_id)
    if about.campaign.sequence_id is None:
        return []
    steps = steps_of(session, about.campaign.sequence_id)
    labels = [_label(step.position, step.wait_business_days) for step, _ in steps]
    waits = [step.wait_business_days for step, _ in steps]
    templates = [template for _, template in steps]
    return _previews(
        session, about, letterhead, now, list(zip(labels, waits, templates, strict=True))
    )


def preview_template(
    session: Session,
    template: PitchTemplate,
    opportunity_id: int,
    letterhead: Letterhead,
    now: datetime,
) -> Preview:
    """Show one template, filled in for an opportunity, as a first mail."""
    about = pitch_subject(session, opportunity_id)
    return _previews(session, about, letterhead, now, [("First mail", 0, template)])[0]


def _label(position: int, wait: int) -> str:
    if position == 0:
        return "First mail"
    days = "business day" if wait == 1 else "business days"
    return f"Follow-up {position}, after {wait} {days}"


def _previews(
    session: Session,
    about: PitchSubject,
    letterhead: Letterhead,
    now: datetime,
    steps: Sequence[tuple[str, int, PitchTemplate]],
) -> list[Preview]:
    mailbox = _mailbox(session, about)
    postal_address = get_workspace_row(session, session.workspace_id).postal_address
    shown: list[Preview] = []
    first_subject, days = "", 0
    for position, (label, wait, template) in enumerate(steps):
        days += wait
        place = Place(first_subject, days) if position else Place()
        envelope = Envelope(
            mailbox=mailbox,
            to=_recipient(about),
            to_name=about.contact.name if about.contact else "",
            postal_address=postal_address,
            unsubscribe_url=letterhead.unsubscribe_url("the-link-of-this-person"),
            thread=_thread(letterhead, about, mailbox, position),
            at=now,
        )
        preview = _one(label, template, about, place, envelope)
        first_subject = first_subject or preview.subject or "the first subject"
        shown.append(preview)
    return shown


def _one(
    label: str, template: PitchTemplate, about: PitchSubject, place: Place, envelope: Envelope
) -> Preview:
    try:
        pitch = fill_in(template, about, envelope.mailbox, place)
        mail = compose(pitch, envelope)
    except OutreachError as error:
        return Preview(label, problem=str(error))
    head = mail.raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return Preview(label, mail.subject, mail.text, head, mail.raw, pitch.warnings)


def _thread(letterhead: Letterhead, about: PitchSubject, mailbox: Mailbox, position: int) -> Thread:
    domain = mailbox.address.partition("@")[2]
    names = [
        message_id(letterhead.message_key, f"preview-{about.opportunity.key}", step, domain)
        for step in range(position + 1)
    ]
    return Thread(message_id=names[-1], said=tuple(names[:-1]))


def _mailbox(session: Session, about: PitchSubject) -> Mailbox:
    """Return the campaign's mailbox, else any, else a stand-in."""
    if about.campaign.mailbox_id is not None:
        return get_mailbox(session, about.campaign.mailbox_id)
    known = all_mailboxes(session)
    return known[0] if known else Mailbox(address="you@example.org", display_name="You")


def _recipient(about: PitchSubject) -> MailAddress:
    text = (about.contact.address if about.contact else "") or STAND_IN
    address = parse_mail_address(text) or parse_mail_address(STAND_IN)
    assert address is not None
    return address
