"""Real mail servers on loopback: SMTP takes what we send, IMAP holds what is answered."""

from __future__ import annotations

import asyncio
import imaplib
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from outreach.core.clock import monotonic, utc_now
from outreach.core.errors import Unavailable
from outreach.core.tokens import new_token
from outreach.demo.cast import CAST, COLLEAGUE, OUR_ADDRESS, STRANGER, Temper
from outreach.ports.mail import MailSecurity, MailServer
from outreach.workflows.sample_answers import delivery_report

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.demo.cast import Publisher

USERNAME = "robin"
_RUN_PYMAP = "import sys; from pymap.main import main; sys.exit(main())"
_START_TIMEOUT_S = 30.0
_STARTS = 3
_AWAY = timedelta(days=12)

_WORDS = {
    Temper.YES: "Hello Robin,\n\nwhat a beautiful thing. I have put it on our list, near the top."
    "\n\nNora",
    Temper.NO: "Hello,\n\nthank you for writing to Paul. We do not add maps to that page.\n\nMina",
    Temper.AWAY: "I am out of the office until {back} and will read my mail then.",
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """One mail the SMTP server took."""

    recipient: str
    raw: bytes

    @property
    def head(self) -> EmailMessage:
        """Its headers."""
        return message_from_bytes(self.raw, policy=default)


class PostOffice:
    """Both servers; a context manager."""

    def __init__(self) -> None:
        self.password = new_token()
        self.delivered: list[Delivered] = []
        self._answers_at_once = False
        self._stack = ExitStack()
        self._smtp_port = self._imap_port = 0
        self._answered = 0

    def __enter__(self) -> Self:
        try:
            self._start_smtp()
            self._start_imap()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def smtp(self) -> MailServer:
        """How our sender reaches it."""
        return self._server(self._smtp_port)

    @property
    def imap(self) -> MailServer:
        """How our reader reaches it."""
        return self._server(self._imap_port)

    def sent_to(self, who: Publisher) -> list[Delivered]:
        """Return what arrived for a publisher, in order."""
        return [mail for mail in self.delivered if mail.recipient == who.address]

    def answer(self, at: datetime, back: datetime) -> int:
        """Let every publisher with a temper answer what arrived since the last time."""
        new = self.delivered[self._answered :]
        self._answered = len(self.delivered)
        answers = [_answer_to(mail, at, back) for mail in new]
        found = [answer for answer in answers if answer is not None]
        for answer in found:
            self.put(answer)
        return len(found)

    def answer_at_once(self) -> None:
        """Let publishers answer as soon as mail arrives: after the play nobody turns the clock."""
        self._answered = len(self.delivered)
        self._answers_at_once = True

    def write_as_stranger(self, at: datetime) -> None:
        """Put a mail into the mailbox that answers nothing of ours."""
        mail = _mail(STRANGER, "May I print a map?", at)
        mail.set_content("Dear editors,\n\nmay I print one of your maps in a book?\n\nWilma")
        self.put(mail.as_bytes())

    def put(self, raw: bytes) -> None:
        """Deliver a mail into our mailbox, over IMAP."""
        client = self._signed_in()
        try:
            status, said = client.append("INBOX", "", "", raw)
        finally:
            client.logout()
        if status != "OK":
            raise Unavailable(f"The demo's IMAP server refused a mail: {said!r}")

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, _server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Let only those write who have signed in."""
        if not session.authenticated:
            return "530 5.7.0 Sign in first"
        envelope.mail_from, envelope.mail_options = address, options
        return "250 2.1.0 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail, as the SMTP library asks its handler to."""
        self.delivered += [Delivered(to, bytes(envelope.content)) for to in envelope.rcpt_tos]
        if self._answers_at_once:
            now = utc_now()
            await asyncio.to_thread(self.answer, now, now + _AWAY)
        return "250 2.0.0 Taken by the demo"

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, mechanism: str,
                      data: Any) -> AuthResult:  # fmt: skip
        is_known = isinstance(data, LoginPassword) and (
            data.login.decode(), data.password.decode()
        ) == (USERNAME, self.password)  # fmt: skip
        return AuthResult(success=is_known, handled=mechanism not in {"LOGIN", "PLAIN"})

    def _server(self, port: int) -> MailServer:
        return MailServer("127.0.0.1", port, MailSecurity.NONE, USERNAME, self.password)

    def _start_smtp(self) -> None:
        controller = Controller(
            self,
            hostname="127.0.0.1",
            port=_free_port(),
            auth_require_tls=False,
            authenticator=self._authenticate,
        )
        controller.start()
        self._stack.callback(controller.stop)
        self._smtp_port = controller.port

    def _start_imap(self) -> None:
        """Start it on a free port; should somebody else take the port first, on another."""
        for _ in range(_STARTS):
            self._imap_port = _free_port()
            command = [
                sys.executable, "-c", _RUN_PYMAP, "--host", "127.0.0.1",
                "--port", str(self._imap_port), "--no-tls", "dict", "--demo-data",
                "--demo-user", USERNAME, "--demo-password", self.password,
            ]  # fmt: skip
            process = subprocess.Popen(  # noqa: S603 - our own interpreter
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            self._stack.callback(_stop, process)
            if _answers(self._imap_port, process):
                self._empty()
                return
        raise Unavailable("The demo's IMAP server did not start.")

    def _empty(self) -> None:
        """Remove the mails the server brings with it."""
        client = self._signed_in()
        for folder in ("INBOX", "Sent"):
            client.select(folder)
            client.store("1:*", "+FLAGS", r"(\Deleted)")
            client.expunge()
        client.logout()

    def _signed_in(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self._imap_port, timeout=10)
        client.login(USERNAME, self.password)
        return client


def _answer_to(mail: Delivered, at: datetime, back: datetime) -> bytes | None:
    who = next((each for each in CAST if each.address == mail.recipient), None)
    if who is None or who.temper is Temper.SILENT:
        return None
    if who.temper is Temper.UNKNOWN:
        return delivery_report(mail.recipient, mail.raw, at=at)
    sender = COLLEAGUE if who.temper is Temper.NO else f"{who.name} <{who.address}>"
    answer = _mail(sender, f"Re: {mail.head['Subject']}", at)
    answer["In-Reply-To"] = answer["References"] = str(mail.head["Message-ID"])
    if who.temper is Temper.AWAY:
        answer["Auto-Submitted"] = "auto-replied"
    answer.set_content(_WORDS[who.temper].format(back=f"{back:%-d %B %Y}"))
    return answer.as_bytes()


def _mail(sender: str, subject: str, at: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, OUR_ADDRESS, subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{new_token()}@{sender.rpartition('@')[2].rstrip('>')}>"
    return mail


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until a server takes connections; False when it died instead, or takes too long."""
    deadline = monotonic() + _START_TIMEOUT_S
    while monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
