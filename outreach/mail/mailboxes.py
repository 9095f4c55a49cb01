"""The accounts we send from and read, and their secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.activity.services import Subject, record
from outreach.core.addresses import parse_mail_address
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.mail.models import Mailbox
from outreach.mail.words import Transport
from outreach.ports.mail import MailSecurity, MailServer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.core.tokens import SecretBox

MOST_PER_DAY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxFacts:
    """What a person says about a mailbox; an empty password keeps the one we have."""

    address: str
    display_name: str = ""
    signature: str = ""
    transport: Transport = Transport.CAPTURE
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: MailSecurity = MailSecurity.STARTTLS
    imap_host: str = ""
    imap_port: int = 993
    imap_security: MailSecurity = MailSecurity.TLS
    username: str = ""
    password: str = ""
    time_zone: str = "UTC"
    daily_cap: int = 40
    gap_minutes: int = 9


# What a changed value of makes an earlier proof worthless.
_PROVEN = ("smtp_host", "smtp_port", "smtp_security", "imap_host", "imap_port", "imap_security",
           "username")  # fmt: skip


def all_mailboxes(session: Session) -> Sequence[Mailbox]:
    """Return the mailboxes by address."""
    return session.exec(select(Mailbox).order_by(col(Mailbox.address))).all()


def get_mailbox(session: Session, mailbox_id: int) -> Mailbox:
    """Return one mailbox.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(Mailbox).where(Mailbox.id == mailbox_id)).first()
    if found is None:
        raise NotFound("There is no such mailbox in this workspace.")
    return found


def own_addresses(session: Session) -> set[str]:
    """Return the keys of our own addresses, to recognise our own copies."""
    parsed = (parse_mail_address(mailbox.address) for mailbox in all_mailboxes(session))
    return {address.key for address in parsed if address}


def save_mailbox(
    session: Session,
    facts: MailboxFacts,
    *,
    box: SecretBox,
    now: datetime,
    mailbox: Mailbox | None = None,
) -> Mailbox:
    """Add a mailbox or change one; changed ways in have to be proven again.

    Raises:
        Invalid: Something a person typed makes no sense.
        Conflict: The workspace has a mailbox of this address.
    """
    address = _checked(facts)
    _refuse_twin(session, address, mailbox)
    is_new = mailbox is None
    mailbox = mailbox or Mailbox(address=address)
    before = [getattr(mailbox, name) for name in _PROVEN]
    _apply(mailbox, facts, address)
    session.add(mailbox)
    session.flush()
    if facts.password:
        mailbox.sealed_password = box.seal(facts.password, owner=_owner(mailbox))
    if facts.password or before != [getattr(mailbox, name) for name in _PROVEN]:
        mailbox.proven_at, mailbox.proof_failure = None, ""
    verb, said = ("added", "Added") if is_new else ("changed", "Changed")
    record(session, verb, Subject("mailbox", mailbox.key), f"{said} the mailbox {address}.",
           now=now)  # fmt: skip
    session.flush()
    return mailbox


def set_paused(session: Session, mailbox: Mailbox, *, because: str, now: datetime) -> None:
    """Pause a mailbox for a reason, or let it send again with an empty one."""
    mailbox.is_paused, mailbox.paused_because = bool(because), because
    said = f"Paused {mailbox.address}: {because}" if because else f"Resumed {mailbox.address}."
    verb = "paused" if because else "resumed"
    record(session, verb, Subject("mailbox", mailbox.key), said, now=now)
    session.flush()


def note_proof(session: Session, mailbox_id: int, *, failure: str, now: datetime) -> None:
    """Keep whether signing in worked; a mailbox that was paused stays so until a person looks."""
    mailbox = get_mailbox(session, mailbox_id)
    mailbox.proof_failure = failure
    mailbox.proven_at = None if failure else now
    session.flush()


def smtp_server(mailbox: Mailbox, box: SecretBox) -> MailServer:
    """Return how to reach the mailbox's way out.

    Raises:
        Conflict: Its password cannot be read.
    """
    return MailServer(
        host=mailbox.smtp_host,
        port=mailbox.smtp_port,
        security=MailSecurity(mailbox.smtp_security),
        username=mailbox.username,
        password=_password(mailbox, box),
    )


def imap_server(mailbox: Mailbox, box: SecretBox) -> MailServer | None:
    """Return how to reach the mailbox's way in; None when it is not read.

    Raises:
        Conflict: Its password cannot be read.
    """
    if not mailbox.imap_host:
        return None
    return MailServer(
        host=mailbox.imap_host,
        port=mailbox.imap_port,
        security=MailSecurity(mailbox.imap_security),
        username=mailbox.username,
        password=_password(mailbox, box),
    )


def _password(mailbox: Mailbox, box: SecretBox) -> str:
    if not mailbox.sealed_password:
        return ""
    return box.open(mailbox.sealed_password, owner=_owner(mailbox))


def _owner(mailbox: Mailbox) -> str:
    return f"mailbox:{mailbox.key}"


def _checked(facts: MailboxFacts) -> str:
    address = parse_mail_address(facts.address)
    if address is None:
        raise Invalid(f"“{facts.address}” is not an e-mail address.")
    if not 1 <= facts.daily_cap <= MOST_PER_DAY:
        raise Invalid(f"A mailbox sends 1 to {MOST_PER_DAY} mails a day.")
    if not 0 <= facts.gap_minutes <= 24 * 60:
        raise Invalid("The gap between two mails is 0 minutes to a day.")
    if facts.transport is Transport.SMTP and not facts.smtp_host:
        raise Invalid("Name the SMTP server that sends this mailbox’s mail.")
    return address.text


def _refuse_twin(session: Session, address: str, mailbox: Mailbox | None) -> None:
    twin = session.exec(select(Mailbox.id).where(Mailbox.address == address)).first()
    if twin is not None and (mailbox is None or twin != mailbox.id):
        raise Conflict(f"There is a mailbox {address} already.")


def _apply(mailbox: Mailbox, facts: MailboxFacts, address: str) -> None:
    mailbox.address = address
    mailbox.display_name = facts.display_name.strip()
    mailbox.signature = facts.signature.strip()
    mailbox.transport = facts.transport
    mailbox.smtp_host = facts.smtp_host.strip().lower()
    mailbox.smtp_port = facts.smtp_port
    mailbox.smtp_security = facts.smtp_security.value
    mailbox.imap_host = facts.imap_host.strip().lower()
    mailbox.imap_port = facts.imap_port
    mailbox.imap_security = facts.imap_security.value
    mailbox.username = facts.username.strip()
    mailbox.time_zone = facts.time_zone
    mailbox.daily_cap = facts.daily_cap
    mailbox.gap_minutes = facts.gap_minutes
