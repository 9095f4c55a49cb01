"""Prove a mailbox: sign in to send and to read, for real, and keep what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from outreach.mail.mailboxes import note_proof
from outreach.ports.mail import MailboxUnreadable, MailDelayed, MailRefused

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database, Scope


@runtime_checkable
class SignsIn(Protocol):
    """A way out or in that can be tried without sending or reading anything."""

    def check_sign_in(self) -> None:
        """Connect and sign in; raise what a sender or reader raises when it fails."""
        ...


def prove_mailbox(
    database: Database,
    scope: Scope,
    mailbox_id: int,
    *,
    sender: object | None,
    reader: object | None,
    now: datetime,
) -> str:
    """Try both ways, as far as they sign in anywhere, and keep the result on the mailbox.

    Returns:
        What failed, in words; "" when everything works.
    """
    failure = " ".join(
        said for said in (_tried("Sending", sender), _tried("Reading", reader)) if said
    )
    with database.writing(scope) as session:
        note_proof(session, mailbox_id, failure=failure, now=now)
    return failure


def _tried(what: str, way: object | None) -> str:
    if not isinstance(way, SignsIn):
        return ""
    try:
        way.check_sign_in()
    except (MailRefused, MailDelayed) as problem:
        return f"{what} fails: {problem.reply}"
    except MailboxUnreadable as problem:
        return f"{what} fails: {problem.said}"
    return ""
