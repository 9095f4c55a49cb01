"""Rows of contacts, campaigns and opportunities for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign, Opportunity
from outreach.campaigns.tally import Shift, note_shifts, place_of
from outreach.contacts.rules import ContactDetails
from outreach.contacts.services import add_contact
from outreach.core.addresses import MailAddress, parse_mail_address
from outreach.mail.models import Conversation, Mailbox, OutboxMessage
from outreach.prospects.words import Review, Tactic
from tests import factories

if TYPE_CHECKING:
    from outreach.contacts.models import Contact
    from outreach.core.db import Session
    from outreach.prospects.models import Prospect

KEY = "a key of this installation, for tests only"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_serial = count(1)


def address(text: str) -> MailAddress:
    parsed = parse_mail_address(text)
    assert parsed is not None
    return parsed


def details(text: str = "", **given: Any) -> ContactDetails:
    """Details of a contact with this address, if any, found on a page."""
    values: dict[str, Any] = {"name": "Mia Hart"}
    if text:
        values |= {"address": address(text), "source_url": "https://blog.example/about"}
    return ContactDetails(**{**values, **given})


def make_contact(session: Session, text: str = "", **given: Any) -> Contact:
    text = text or f"person{next(_serial)}@firm.example"
    return add_contact(session, details(text, **given), key=KEY, now=NOW)


def make_asset(session: Session, **given: Any) -> Asset:
    number = next(_serial)
    values: dict[str, Any] = {
        "url": f"https://ours.example/guide-{number}",
        "url_key": f"ours.example/guide-{number}",
        "title": f"Guide {number}",
    }
    asset = Asset(**{**values, **given})
    factories.add(session, asset)
    return asset


def make_campaign(session: Session, **given: Any) -> Campaign:
    values: dict[str, Any] = {
        "name": f"Campaign {next(_serial)}",
        "tactic": Tactic.RESOURCE_PAGE,
    }
    if "asset_id" not in given:
        values["asset_id"] = make_asset(session).key
    campaign = Campaign(**{**values, **given})
    factories.add(session, campaign)
    return campaign


def make_approved(session: Session, *, domain: str = "", **given: Any) -> Prospect:
    return factories.make_prospect(session, domain=domain, review=Review.APPROVED, **given)


def make_opportunity(
    session: Session,
    *,
    campaign: Campaign | None = None,
    prospect: Prospect | None = None,
    **given: Any,
) -> Opportunity:
    values: dict[str, Any] = {
        "campaign_id": (campaign or make_campaign(session)).key,
        "prospect_id": (prospect or make_approved(session)).key,
        "stage_changed_at": NOW,
    }
    opportunity = Opportunity(**{**values, **given})
    factories.add(session, opportunity)
    shift = Shift(None, place_of(opportunity), 0, opportunity.value_cents)
    note_shifts(session, [shift])
    return opportunity


def make_mailbox(session: Session, **given: Any) -> Mailbox:
    values: dict[str, Any] = {"address": f"us{next(_serial)}@ours.example"}
    mailbox = Mailbox(**{**values, **given})
    factories.add(session, mailbox)
    return mailbox


def make_outbox_message(session: Session, contact: Contact, **given: Any) -> OutboxMessage:
    """A queued mail to a contact, in a conversation of its own."""
    number = next(_serial)
    mailbox = make_mailbox(session)
    conversation = Conversation(
        mailbox_id=mailbox.key,
        contact_id=contact.key,
        subject=f"A page for {contact.name}",
        last_message_at=NOW,
    )
    factories.add(session, conversation)
    values: dict[str, Any] = {
        "mailbox_id": mailbox.key,
        "conversation_id": conversation.key,
        "contact_id": contact.key,
        "idempotency_key": f"manual:{number}",
        "message_id": f"token{number}@ours.example",
        "recipient": contact.address,
        "recipient_key": contact.person_key,
        "recipient_domain": "firm.example",
        "subject": f"A page for {contact.name}",
        "body_text": f"Hello {contact.name}",
        "raw": f"To: {contact.address}\r\n\r\nHello {contact.name}".encode(),
        "send_after": NOW,
    }
    message = OutboxMessage(**{**values, **given})
    factories.add(session, message)
    return message
