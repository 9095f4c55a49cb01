"""What a person writes in a conversation: queued at once, in the thread it belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlmodel import select

from outreach.activity.services import Subject, record
from outreach.contacts.models import Contact
from outreach.core.addresses import MailAddress, parse_mail_address
from outreach.core.business_days import time_zone
from outreach.core.errors import Invalid
from outreach.core.tokens import derived_key, new_token
from outreach.mail.conversations import get_conversation, latest_inbound, thread_ids
from outreach.mail.mailboxes import get_mailbox
from outreach.mail.mime import MailDraft, build_message, header_text, message_id
from outreach.mail.outbox import NewMail, enqueue
from outreach.mail.text_html import html_of
from outreach.suppression.rules import person_key

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.mail.models import Conversation, Mailbox, OutboxMessage


def queue_manual(
    session: Session,
    conversation_id: int,
    text: str,
    *,
    key: str,
    now: datetime,
    recipient: str = "",
) -> OutboxMessage:
    """Queue an answer a person wrote; it goes to whoever wrote last, before all planned mail.

    Args:
        session: Open session of the workspace.
        conversation_id: Where it belongs.
        text: The words; a signature is the writer's own affair.
        key: The installation's secret key.
        now: When.
        recipient: Another address of the conversation, if wanted.

    Raises:
        NotFound: There is no such conversation.
        Invalid: There is nothing to say, or nobody to say it to.
    """
    if not text.strip():
        raise Invalid("Write something first.")
    conversation = get_conversation(session, conversation_id)
    to, name = _recipient(session, conversation, recipient)
    mailbox = get_mailbox(session, conversation.mailbox_id)
    token, domain = new_token(), mailbox.address.partition("@")[2]
    named = message_id(derived_key(key, "message-id"), "manual", token, domain)
    draft = _draft(conversation, mailbox, (to.text, name), named, at=now)
    draft = replace(draft, text=text.strip(), html=html_of(text))
    mail = NewMail(
        mailbox_id=mailbox.key,
        conversation_id=conversation.key,
        contact_id=conversation.contact_id,
        idempotency_key=f"manual:{token}",
        message_id=draft.message_id,
        recipient=to,
        person_key=person_key(key, to),
        subject=draft.subject,
        body_text=draft.text,
        raw=_in_thread(session, conversation.key, draft),
        send_after=now,
        is_first=False,
    )
    message, about = enqueue(session, mail), Subject("conversation", conversation.key)
    record(session, "answered", about, f"Answered {to.shown}.", now=now)
    return message


def _draft(
    conversation: Conversation,
    mailbox: Mailbox,
    to: tuple[str, str],
    named: str,
    *,
    at: datetime,
) -> MailDraft:
    """Begin an answer: everything but its words and its thread."""
    address, name = to
    return MailDraft(
        from_address=mailbox.address,
        from_name=header_text(mailbox.display_name),
        to_address=address,
        to_name=header_text(name),
        subject=_answer_subject(conversation.subject),
        text="",
        message_id=named,
        sent_at=at.astimezone(time_zone(mailbox.time_zone)),
    )


def _in_thread(session: Session, conversation_id: int, draft: MailDraft) -> bytes:
    """Build the bytes of an answer to the last mail of a conversation."""
    said = thread_ids(session, conversation_id)
    references = said or (draft.message_id,)
    return build_message(
        replace(draft, in_reply_to=said[-1] if said else "", references=references)
    )


def _answer_subject(subject: str) -> str:
    clean = header_text(subject) or "your mail"
    return clean if clean.lower().startswith("re:") else f"Re: {clean}"


def _recipient(
    session: Session, conversation: Conversation, wanted: str
) -> tuple[MailAddress, str]:
    """Choose the address asked for, else the last that wrote, else the contact's."""
    inbound = latest_inbound(session, conversation.key)
    contact = session.exec(select(Contact).where(Contact.id == conversation.contact_id)).first()
    for text, name in (
        (wanted, ""),
        (inbound.from_address if inbound else "", inbound.from_name if inbound else ""),
        ((contact.address or "") if contact else "", contact.name if contact else ""),
    ):
        address = parse_mail_address(text) if text else None
        if address is not None:
            return address, name
    raise Invalid("This conversation has nobody to write to.")
