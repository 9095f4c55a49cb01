"""The SMTP dialogue up to the dot, and what each reply means."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from typing import TYPE_CHECKING

from outreach.mail.statuses import Stage, is_dead_address, is_mailbox_trouble
from outreach.ports.mail import (
    BlameFor,
    MailDelayed,
    MailInDoubt,
    MailRefused,
    MailSecurity,
    OutgoingMail,
)

if TYPE_CHECKING:
    import socket

    from outreach.adapters.dialling import Dialler

_MAX_REPLY_LINE = 2048
_MAX_REPLY_LINES = 100
_REPLY_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*?))?\r?\n")
_ENVELOPE_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class SmtpClient(smtplib.SMTP):
    """smtplib's dialogue over a socket the dialler opened."""

    def __init__(self, dialler: Dialler, ehlo_name: str, timeout_s: float) -> None:
        self.dialler = dialler
        server = dialler.server
        super().__init__(server.host, server.port, ehlo_name, timeout_s)

    def _get_socket(self, _host: str, _port: int, timeout: float) -> socket.socket:
        return self.dialler.connect(timeout)


def introduce(client: SmtpClient) -> None:
    """Say EHLO, STARTTLS where it is required, EHLO again, and sign in."""
    dialler, server = client.dialler, client.dialler.server
    _expect(Stage.EHLO, *client.ehlo())
    if server.security is MailSecurity.STARTTLS:
        if not client.has_extn("starttls"):
            raise MailRefused("The server offers no STARTTLS.", code=0, blame=BlameFor.MAILBOX)
        _expect(Stage.STARTTLS, *client.starttls(context=dialler.context()))
        _expect(Stage.EHLO, *client.ehlo())
    if server.username:
        _sign_in(client)


def _sign_in(client: SmtpClient) -> None:
    server = client.dialler.server
    offered = client.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        token = _base64(f"\0{server.username}\0{server.password}")
        _expect(Stage.AUTH, *client.docmd("AUTH", f"PLAIN {token}"))
    elif "LOGIN" in offered:
        _expect(Stage.AUTH, *client.docmd("AUTH", "LOGIN"), wanted=3)
        _expect(Stage.AUTH, *client.docmd(_base64(server.username)), wanted=3)
        _expect(Stage.AUTH, *client.docmd(_base64(server.password)))
    else:
        raise MailRefused(
            "The server offers no sign-in by password.", code=0, blame=BlameFor.MAILBOX
        )


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def give_envelope(client: SmtpClient, mail: OutgoingMail) -> None:
    """Say MAIL FROM and RCPT TO, with a request for proper bounces where it is understood."""
    _check_addresses(mail)
    mail_options, rcpt_options = [], []
    if client.has_extn("dsn"):  # RFC 3461: ask for bounces that name what they are about
        envelope_id = re.sub(r"[^a-z0-9]", "", mail.message_id.partition("@")[0].lower())[:60]
        mail_options = ["RET=HDRS", f"ENVID={envelope_id}"]
        rcpt_options = ["NOTIFY=FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(mail.recipient)}"]
    _expect(Stage.MAIL, *client.mail(mail.envelope_from, mail_options))
    _expect(Stage.RCPT, *client.rcpt(mail.recipient, rcpt_options))


def _check_addresses(mail: OutgoingMail) -> None:
    said = "The address cannot stand in SMTP."
    if not _ENVELOPE_ADDRESS.fullmatch(mail.envelope_from):
        raise MailRefused(said, code=0, blame=BlameFor.MAILBOX)
    if not _ENVELOPE_ADDRESS.fullmatch(mail.recipient):
        raise MailRefused(said, code=0, blame=BlameFor.RECIPIENT)


def _xtext(address: str) -> str:
    return re.sub(r"[+=]", lambda found: f"+{ord(found[0]):02X}", address)


def give_body(client: SmtpClient, raw: bytes) -> None:
    """Say DATA and transmit the lines, leading dots doubled, without the final one."""
    _expect(Stage.DATA, *client.docmd("DATA"), wanted=3)
    wire = _LINE_END.sub(b"\r\n", raw)
    if not wire.endswith(b"\r\n"):
        wire += b"\r\n"
    if wire.startswith(b"."):
        wire = b"." + wire
    assert client.sock is not None
    client.sock.sendall(wire.replace(b"\r\n.", b"\r\n.."))


def _expect(stage: Stage, code: int, text: bytes, *, wanted: int = 2) -> None:
    """Go on if the reply has the wanted class, else raise what it means."""
    if code // 100 != wanted:
        raise judged(stage, code, text)


def judged(stage: Stage, code: int, reply: bytes | str) -> MailRefused | MailDelayed:
    """Turn a reply that is not the wished one into what it means."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    said = f"{code} {text}"[:500]
    is_mailbox = is_mailbox_trouble(stage, code, text)
    blame = BlameFor.MAILBOX if is_mailbox else BlameFor.RECIPIENT
    if 500 <= code < 600:
        is_hard = not is_mailbox and is_dead_address(stage, code, text)
        return MailRefused(said, code=code, blame=blame, is_hard=is_hard)
    return MailDelayed(said, code=code if 400 <= code < 500 else None, blame=blame)


def lost(error: Exception) -> MailDelayed:
    """Turn a failure before the dot into a delay: the mail is surely not sent."""
    said = f"The connection failed before the mail was handed over: {error}"
    return MailDelayed(said[:500], code=None, blame=BlameFor.MAILBOX)


def untrusted(error: ssl.SSLCertVerificationError) -> MailRefused:
    """Turn a bad certificate into a refusal: somebody must look at it."""
    said = f"The server's certificate could not be trusted: {error.verify_message}"
    return MailRefused(said, code=0, blame=BlameFor.MAILBOX)


def refuse_if_gone(sock: socket.socket) -> None:
    """Notice before the dot that the server has hung up or spoken out of turn: surely not sent."""
    try:
        sock.settimeout(0)
        heard = sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return
    except OSError as error:
        raise lost(error) from error
    said = "hung up" if not heard else "spoke out of turn"
    raise MailDelayed(f"The server {said} before the dot.", code=None, blame=BlameFor.MAILBOX)


def strict_reply(client: SmtpClient) -> tuple[int, str]:
    """Read one whole reply; smtplib's own reader takes a truncated `25` for a code.

    Raises:
        MailInDoubt: It is not one clean reply.
    """
    assert client.file is not None
    texts, code = [], b""
    for _ in range(_MAX_REPLY_LINES):
        line = client.file.readline(_MAX_REPLY_LINE + 1)
        found = _REPLY_LINE.fullmatch(line)
        if found is None or code not in {b"", found[1]}:
            raise MailInDoubt(f"The reply to the dot was not clean: {line[:80]!r}")
        code = found[1]
        texts.append((found[3] or b"").decode("utf-8", "replace"))
        if found[2] != b"-":
            return int(code), " ".join(texts)[:500]
    raise MailInDoubt("The reply to the dot did not end.")
