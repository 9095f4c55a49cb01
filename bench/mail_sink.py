"""Mails a second into a local sink, each durable, beside what the pieces cost without a database.

Yardsticks of the same run: building the MIME alone, ours and the standard library's; and what a
mail merge does, which builds a message, opens a connection, sends it and remembers nothing.
"""

from __future__ import annotations

import random
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from outreach.accounts.models import User, Workspace
from outreach.accounts.services import MAIL_SENDING, set_switch
from outreach.adapters import migrations
from outreach.adapters.smtp import SmtpSender
from outreach.core.addresses import parse_mail_address
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Database, Scope, make_engine
from outreach.mail.conversations import Opening, open_conversation
from outreach.mail.mime import MailDraft, build_message
from outreach.mail.models import Mailbox
from outreach.mail.outbox import NewMail, enqueue
from outreach.mail.text_html import html_of
from outreach.mail.words import Transport
from outreach.ports.mail import MailSecurity, MailServer
from outreach.workflows.send_due import Post, send_due

if TYPE_CHECKING:
    from collections.abc import Callable

MAILS = 400
ROOT = Path(__file__).parents[1]
TEXT = "\n\n".join(
    ["Hello Nora, your page about soil names ten books and a map that is gone."] * 12
)


def main() -> None:
    started = datetime.now(UTC)
    drafts = [draft(number, started) for number in range(MAILS)]
    print(f"{MAILS} mails of {len(build_message(drafts[0])):,} bytes, text and HTML")
    show("build the MIME, ours", rate(lambda: [build_message(each) for each in drafts]))
    show("build the MIME, EmailMessage", rate(lambda: [plain(each).as_bytes() for each in drafts]))
    with sink() as port, tempfile.TemporaryDirectory() as folder:
        merge = rate(lambda: merge_naively(port, drafts))
        show("mail merge: build, connect, send, forget", merge)
        durable = send_durably(Path(folder), port, drafts)
        show("Outreach: claim, commit point, dot, ledger, all durable", durable)
        show("  with a database that may forget on power loss",
             send_durably(Path(folder), port, drafts, is_durable=False))  # fmt: skip
    print(f"durable / mail merge = {durable / merge:.2f}; providers take a few mails a second")


def show(what: str, per_second: float) -> None:
    print(f"  {what:<58} {per_second:>8,.0f}/s")


def rate(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return MAILS / (time.perf_counter() - began)


def draft(number: int, at: datetime) -> MailDraft:
    return MailDraft(
        from_address="jo@ours.example",
        from_name="Jo Meyer",
        to_address=f"reader{number}@site{number}.example",
        to_name=f"Reader {number}",
        subject=f"Your page about soil, part {number}",
        text=TEXT,
        html=html_of(TEXT),
        message_id=f"<bench{number}x{random.getrandbits(60)}@ours.example>",
        sent_at=at,
        unsubscribe_address="jo@ours.example",
    )


def plain(draft: MailDraft) -> EmailMessage:
    """The same mail, built by the standard library."""
    mail = EmailMessage()
    mail["From"], mail["To"] = draft.from_address, draft.to_address
    mail["Subject"], mail["Message-ID"] = draft.subject, draft.message_id
    mail.set_content(draft.text)
    mail.add_alternative(draft.html, subtype="html")
    return mail


def merge_naively(port: int, drafts: list[MailDraft]) -> None:
    for each in drafts:
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(plain(each))


class sink:  # noqa: N801 - reads as what it is in a with statement
    """A process that takes every mail and drops it."""

    def __enter__(self) -> int:
        command = [sys.executable, "-m", "tests.servers.smtp_server"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        socket.create_connection(("127.0.0.1", port), 5).close()
        return port

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)


def send_durably(
    folder: Path, port: int, drafts: list[MailDraft], *, is_durable: bool = True
) -> float:
    """Queue the mails in a fresh database and time the sending alone."""
    url = f"sqlite:///{folder / f'bench-{is_durable}.db'}"
    migrations.upgrade(url)
    database = Database(make_engine(url, durable=is_durable))
    scope, mailbox_id = fill(database, drafts)
    there = MailServer("127.0.0.1", port, MailSecurity.NONE)
    with SmtpSender(there, allow_private=True) as sender:
        post = Post(database=database, sender=sender, is_capture=False, clock=utc_now)
        began = time.perf_counter()
        sent = send_due(post, scope, mailbox_id, limit=MAILS)
        elapsed = time.perf_counter() - began
    if sent != MAILS:
        raise SystemExit(f"only {sent} of {MAILS} mails were sent")
    return MAILS / elapsed


def fill(database: Database, drafts: list[MailDraft]) -> tuple[Scope, int]:
    with database.writing(SYSTEM) as session:
        user = User(email="jo@ours.example", name="Jo", password_hash="!")
        workspace = Workspace(name="Bench")
        session.add_all([user, workspace])
        session.flush()
        set_switch(session, MAIL_SENDING, on=True)
        scope = Scope(workspace.key, user.key)
    with database.writing(scope) as session:
        mailbox = Mailbox(
            address="jo@ours.example", transport=Transport.SMTP, gap_minutes=0, daily_cap=MAILS * 2
        )
        session.add(mailbox)
        session.flush()
        for number, each in enumerate(drafts):
            to = parse_mail_address(each.to_address)
            assert to is not None
            opening = Opening(mailbox.key, None, None, None, each.subject)
            conversation = open_conversation(session, opening, now=each.sent_at)
            mail = NewMail(
                mailbox_id=mailbox.key,
                conversation_id=conversation.key,
                contact_id=None,
                idempotency_key=f"enrollment:{number}:step:1",
                message_id=each.message_id,
                recipient=to,
                person_key=str(number),
                subject=each.subject,
                body_text=each.text,
                raw=build_message(each),
                send_after=each.sent_at,
                is_first=True,
            )
            enqueue(session, mail)
        return scope, mailbox.key


if __name__ == "__main__":
    main()
