"""Mail from our own address: proof for the ledger, or written by hand, which ends a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.contacts.queries import find_contact_by_address
from outreach.core.addresses import parse_mail_address
from outreach.mail.conversations import note_message
from outreach.mail.inbox import handle_conversation
from outreach.mail.mailboxes import own_addresses
from outreach.mail.outbox import get_message, mark_as_sent
from outreach.mail.words import InboundState
from outreach.prospects.queries import find_prospect
from outreach.prospects.services import note_touch as note_prospect_touch
from outreach.sequences.services import stop_enrollments_at_company
from outreach.sequences.words import StopCause
from outreach.sites.queries import get_site
from outreach.suppression.rules import COOL_DOWN, TouchEntry, company_domain, person_key
from outreach.suppression.services import note_touch
from outreach.suppression.words import TouchOutcome
from outreach.workflows.note_outcome import note_outcome

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.addresses import MailAddress
    from outreach.core.db import Session
    from outreach.mail.models import InboundMessage

_MOST_RECIPIENTS = 20
# A mailbox that is read for the first time holds years of mail; only fresh mail stops a sequence.
_CONCERNS_TODAY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class _Recipient:
    """Whom a mail by hand went to, as far as we know them."""

    address: MailAddress
    contact_id: int | None
    prospect_id: int | None
    domain: str

    @property
    def is_known(self) -> bool:
        return self.contact_id is not None or self.prospect_id is not None


def note_own_mail(
    session: Session, message: InboundMessage, own_id: int | None, *, key: str, now: datetime
) -> None:
    """Draw the consequences of our own mail, found in a folder.

    Args:
        session: Open session of the mail's workspace.
        message: The mail as it was found; it waits for nobody.
        own_id: The outbox message it is a copy of; None when somebody wrote it by hand.
        key: The installation's key.
        now: When.
    """
    message.state = InboundState.HANDLED
    message.outbox_message_id = own_id or message.outbox_message_id
    session.add(message)
    if own_id is not None:
        _settle_doubt(session, own_id, now)
        return
    if message.conversation_id is not None:
        note_message(session, message.conversation_id, at=message.received_at)
        handle_conversation(session, message.conversation_id)
    for recipient in _recipients(session, message):
        _note_recipient(session, message, recipient, key, now)
    session.flush()


def _settle_doubt(session: Session, own_id: int, now: datetime) -> None:
    """A copy with our Message-ID proves that the mail was sent."""
    mail = get_message(session, own_id)
    if mark_as_sent(session, mail, because="A copy of it was found in the mailbox.", now=now):
        note_outcome(session, mail, now=now)


def _recipients(session: Session, message: InboundMessage) -> list[_Recipient]:
    """Return the recipients that concern us; private mail to strangers is none of our business."""
    ours = own_addresses(session)
    named = message.facts.get("to")
    found = []
    for text in named[:_MOST_RECIPIENTS] if isinstance(named, list) else []:
        address = parse_mail_address(str(text))
        if address is not None and address.key not in ours:
            found.append(_known(session, address))
    return [recipient for recipient in found if recipient.is_known]


def _known(session: Session, address: MailAddress) -> _Recipient:
    contact = find_contact_by_address(session, address.key)
    site = get_site(session, contact.site_id) if contact and contact.site_id is not None else None
    domain = company_domain(address, site.domain if site else "")
    prospect = find_prospect(session, domain) if domain else None
    return _Recipient(
        address=address,
        contact_id=contact.key if contact else None,
        prospect_id=prospect.key if prospect else None,
        domain=domain,
    )


def _note_recipient(
    session: Session, message: InboundMessage, recipient: _Recipient, key: str, now: datetime
) -> None:
    """Stop what would write to them next, and tell the collision guard."""
    if message.received_at > now - _CONCERNS_TODAY:
        stop_enrollments_at_company(
            session,
            domain=recipient.domain,
            contact_id=recipient.contact_id,
            cause=StopCause.MANUAL,
            now=now,
            message_id=message.key,
        )
    person = person_key(key, recipient.address)
    touch = TouchEntry(
        source_key=f"inbound:{message.key}:{person[:16]}",
        at=message.received_at,
        person_key=person,
        domain=recipient.domain,
        outcome=TouchOutcome.AWAITING,
    )
    if not note_touch(session, touch, now=now):
        return
    if recipient.domain:
        note_prospect_touch(session, recipient.domain, at=message.received_at, cool_down=COOL_DOWN)
    said = f"Wrote to {recipient.address.text} by hand: {message.subject}"
    for kind, subject_id in (
        ("prospect", recipient.prospect_id),
        ("contact", recipient.contact_id),
    ):
        if subject_id is not None:
            details: dict[str, object] = {"inbound_message_id": message.key}
            subject = Subject(kind, subject_id)
            record(session, "wrote", subject, said, now=message.received_at, details=details)
