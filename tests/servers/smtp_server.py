"""A scripted SMTP server on loopback: any reply, loss or delay at any stage, and a true record.

In a test: `with SmtpServer() as server: server.plan("rcpt", Fault(reply="451 4.3.0 later"))`.
As a process: `python -m tests.servers.smtp_server --log accepted.jsonl --faults 0.3 --seed 7`
prints its port on the first line. What it accepted is on disk before the sender hears of it.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import socket
import ssl
import sys
import threading
import time
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

STAGES = ("connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "dot", "accepted")


class _HungUp(Exception):
    """The script or the client ended the connection."""


@dataclass(frozen=True)
class Fault:
    """What happens once at one stage, instead of the usual.

    `body` strikes after the first body octets, `dot` when the dot came but before the mail is
    recorded, `accepted` when it is recorded but not yet confirmed.
    """

    reply: str | bytes = ""  # bytes go out raw, so a reply may be truncated
    drop: bool = False
    delay_s: float = 0.0


@dataclass(frozen=True)
class AcceptedMail:
    """One mail the server took responsibility for."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes  # dots unstuffed

    @property
    def message_id(self) -> str:
        """The Message-ID with its brackets, "" when there is none."""
        head = self.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        for line in head.replace("\r\n ", " ").split("\r\n"):
            if line.lower().startswith("message-id:"):
                return line.partition(":")[2].strip()
        return ""


@dataclass
class SmtpServer:
    """Listens at once; every connection has a thread of its own."""

    username: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    extensions: tuple[str, ...] = ("SIZE 10000000", "8BITMIME", "ENHANCEDSTATUSCODES")
    refused_recipients: dict[str, str] = field(default_factory=dict)  # address -> reply
    on_accept: Callable[[AcceptedMail], None] | None = None
    log: Path | None = None
    port: int = 0
    accepted: list[AcceptedMail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._plans: dict[str, deque[Fault]] = defaultdict(deque)
        self._random: tuple[random.Random, float] | None = None
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._closing = False
        self._main = threading.Thread(target=self._listen, daemon=True)
        self._main.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up on everybody and wait for the threads."""
        self._closing = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            sockets = list(self._sockets)
        for sock in sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in (self._main, *self._threads):
            thread.join(5)

    def plan(self, stage: str, *faults: Fault) -> None:
        """Let the next visits of a stage go wrong, one fault each."""
        assert stage in STAGES
        self._plans[stage].extend(faults)

    def go_wrong_at_random(self, rate: float, seed: int) -> None:
        """Let every visit of a stage go wrong in some way with this probability."""
        self._random = (random.Random(seed), rate)

    def times_accepted(self, message_id: str) -> int:
        """Count how often a message was taken."""
        with self._lock:
            return sum(mail.message_id == message_id for mail in self.accepted)

    def next_fault(self, stage: str) -> Fault | None:
        """Return what happens at this visit of a stage."""
        with self._lock:
            if self._plans[stage]:
                return self._plans[stage].popleft()
            if self._random is None or self._random[0].random() >= self._random[1]:
                return None
            return random_fault(self._random[0], stage)

    def record(self, mail: AcceptedMail) -> None:
        """Take a mail, on disk first when there is a log."""
        with self._lock:
            if self.log is not None:
                with self.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(_as_line(mail)) + "\n")
                    log.flush()
                    os.fsync(log.fileno())
            self.accepted.append(mail)
        if self.on_accept is not None:
            self.on_accept(mail)

    def _listen(self) -> None:
        while not self._closing:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            with self._lock:
                self._sockets.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        session = _Session(self, sock)
        with suppress(_HungUp, OSError):
            session.run()
        session.close()
        with self._lock:
            self._sockets.discard(sock)


class _Session:
    """One connection."""

    def __init__(self, server: SmtpServer, sock: socket.socket) -> None:
        self._server = server
        self._sock = sock
        self._buffer = b""
        self._is_signed_in = not server.username
        self._sender = ""
        self._recipients: list[str] = []

    def run(self) -> None:
        """Talk until QUIT or loss."""
        if self._server.implicit_tls:
            self._encrypt()
        if not self._strike("connect"):
            self._say("220 loopback ESMTP")
        handlers: dict[str, Callable[[str], None]] = {
            "EHLO": self._ehlo, "HELO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth,
            "MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data, "RSET": self._rset,
            "NOOP": lambda _: self._say("250 2.0.0 ok"),
        }  # fmt: skip
        while True:
            line = self._line().decode("utf-8", "replace").rstrip("\r\n")
            self._server.commands.append(line)
            verb = line[:8].split(" ")[0].upper()
            if verb == "QUIT":
                self._say("221 2.0.0 bye")
                return
            handlers.get(verb, self._unknown)(line)

    def close(self) -> None:
        """Let go of the socket, telling the other side at once."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _unknown(self, _: str) -> None:
        self._say("500 5.5.1 what?")

    def _ehlo(self, _: str) -> None:
        if self._strike("ehlo"):
            return
        offered = ["loopback", *self._server.extensions]
        if self._server.tls is not None and not isinstance(self._sock, ssl.SSLSocket):
            offered.append("STARTTLS")
        if self._server.username:
            offered.append("AUTH PLAIN LOGIN")
        for word in offered[:-1]:
            self._say(f"250-{word}")
        self._say(f"250 {offered[-1]}")

    def _starttls(self, _: str) -> None:
        if not self._strike("starttls"):
            self._say("220 2.0.0 go ahead")
            self._encrypt()

    def _auth(self, line: str) -> None:
        if self._strike("auth"):
            return
        words = line.split(" ")
        if words[1].upper() == "PLAIN":
            given = base64.b64decode(words[2]).decode().split("\0")[1:]
        else:
            given = [self._asked("VXNlcm5hbWU6"), self._asked("UGFzc3dvcmQ6")]
        if given == [self._server.username, self._server.password]:
            self._is_signed_in = True
            self._say("235 2.7.0 welcome")
        else:
            self._say("535 5.7.8 wrong name or password")

    def _asked(self, prompt: str) -> str:
        self._say(f"334 {prompt}")
        return base64.b64decode(self._line()).decode()

    def _mail(self, line: str) -> None:
        if self._strike("mail"):
            return
        if not self._is_signed_in:
            self._say("530 5.7.0 sign in first")
            return
        self._sender, self._recipients = _bracketed(line), []
        self._say("250 2.1.0 ok")

    def _rcpt(self, line: str) -> None:
        recipient = _bracketed(line)
        if self._strike("rcpt"):
            return
        if recipient in self._server.refused_recipients:
            self._say(self._server.refused_recipients[recipient])
            return
        self._recipients.append(recipient)
        self._say("250 2.1.5 ok")

    def _rset(self, _: str) -> None:
        self._sender, self._recipients = "", []
        self._say("250 2.0.0 ok")

    def _data(self, _: str) -> None:
        if not self._recipients:
            self._say("503 5.5.1 nobody to send to")
            return
        if self._strike("data"):
            return
        self._say("354 go")
        raw = self._body()
        mail = AcceptedMail(self._sender, tuple(self._recipients), raw)
        self._sender, self._recipients = "", []
        if self._strike("dot"):
            return
        self._server.record(mail)
        if not self._strike("accepted"):
            self._say("250 2.0.0 queued")

    def _body(self) -> bytes:
        """Read up to the dot; a client that leaves before it has sent nothing."""
        lines = [self._line()]
        if lines[0] != b".\r\n":
            self._strike("body")
        while lines[-1] != b".\r\n":
            lines.append(self._line())
        return b"".join(line[1:] if line.startswith(b".") else line for line in lines[:-1])

    def _strike(self, stage: str) -> bool:
        """Do what the script says for this visit; True when it replaced the usual reply."""
        fault = self._server.next_fault(stage)
        if fault is None:
            return False
        if fault.delay_s:
            time.sleep(fault.delay_s)
        if isinstance(fault.reply, bytes):
            self._sock.sendall(fault.reply)
        elif fault.reply:
            self._say(fault.reply)
        if fault.drop:
            raise _HungUp
        return bool(fault.reply)

    def _encrypt(self) -> None:
        assert self._server.tls is not None
        plain = self._sock
        self._sock = self._server.tls.wrap_socket(plain, server_side=True)
        self._buffer = b""
        with self._server._lock:
            self._server._sockets.discard(plain)
            self._server._sockets.add(self._sock)

    def _say(self, reply: str) -> None:
        self._sock.sendall(reply.encode() + b"\r\n")

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            data = self._sock.recv(65_536)
            if not data:
                raise _HungUp
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line + b"\n"


def random_fault(chance: random.Random, stage: str) -> Fault:
    """Draw a fault that makes sense at a stage."""
    loss, slow = Fault(drop=True), Fault(delay_s=chance.uniform(0.0, 0.05))
    if stage == "body":
        return chance.choice([loss, slow])
    if stage == "accepted":  # the mail counts; only its confirmation may go wrong
        return chance.choice([loss, slow, Fault(reply=b"25", drop=True), Fault(b"2", drop=True)])
    later = Fault(reply=chance.choice(["421 4.3.2 busy", "451 4.3.0 later"]), drop=False)
    never = Fault(reply=chance.choice(["550 5.7.1 no", "554 5.5.0 failed"]))
    unknown = Fault(reply="550 5.1.1 unknown") if stage == "rcpt" else never
    return chance.choice([loss, slow, later, never, unknown])


def _bracketed(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


def _as_line(mail: AcceptedMail) -> dict[str, object]:
    return {
        "message_id": mail.message_id,
        "sender": mail.sender,
        "recipients": mail.recipients,
        "raw": base64.b64encode(mail.raw).decode("ascii"),
    }


def main() -> None:
    """Serve until standard input ends or a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--faults", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--username", default="")
    parser.add_argument("--password", default="")
    given = parser.parse_args()
    server = SmtpServer(
        port=given.port, log=given.log, username=given.username, password=given.password
    )
    with server:
        if given.faults:
            server.go_wrong_at_random(given.faults, given.seed)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            sys.stdin.read()


if __name__ == "__main__":
    main()
