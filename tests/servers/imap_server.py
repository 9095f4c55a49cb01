"""A real IMAP server (pymap) as a process on loopback, and a client to put mail into it."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from outreach.ports.mail import MailSecurity, MailServer

if TYPE_CHECKING:
    from collections.abc import Iterator

USERNAME = "me"
PASSWORD = "pw"


class ImapServer:
    """A running server with an empty INBOX and an empty Sent folder.

    One client stays signed in, because pymap takes its time over passwords.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._client: imaplib.IMAP4 | None = None
        self._stack = ExitStack()

    @property
    def settings(self) -> MailServer:
        """How our own reader reaches it."""
        return MailServer("127.0.0.1", self.port, MailSecurity.NONE, USERNAME, PASSWORD)

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Give a client of one's own, which may open folders."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=5)
        try:
            client.login(USERNAME, PASSWORD)
            yield client
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()
            with suppress(OSError):
                client.shutdown()

    def close(self) -> None:
        """Sign out: pymap stops cleanly only when all have left."""
        self._stack.close()

    def _kept(self) -> imaplib.IMAP4:
        if self._client is None:
            self._client = self._stack.enter_context(self.client())
        return self._client

    def append(self, raw: bytes, folder: str = "INBOX") -> None:
        """Deliver a message."""
        status, answer = self._kept().append(f'"{folder}"', "", "", raw)
        assert status == "OK", answer

    def flags(self, folder: str = "INBOX") -> bytes:
        """Return the flags of all messages as the server writes them."""
        with self.client() as client:
            client.select(f'"{folder}"', readonly=True)
            _, answer = client.fetch("1:*", "(FLAGS)")
            return b" ".join(part for part in answer if isinstance(part, bytes))

    def delete(self, uid: int, folder: str = "INBOX") -> None:
        """Remove one message."""
        with self.client() as client:
            client.select(f'"{folder}"')
            client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
            client.expunge()

    def create(self, folder: str) -> None:
        """Make a folder; one deleted and made again has a new UIDVALIDITY."""
        assert self._kept().create(f'"{folder}"')[0] == "OK"

    def drop(self, folder: str) -> None:
        """Remove a folder with all its messages, if it is there."""
        self._kept().delete(f'"{folder}"')


@contextmanager
def imap_server(certificate: Path | None = None) -> Iterator[ImapServer]:
    """Run pymap for as long as the block lasts; with a certificate it offers STARTTLS."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    tls = ["--cert", str(certificate)] if certificate else ["--no-tls"]
    command = [
        str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port),
        *tls, "dict", "--demo-data", "--demo-user", USERNAME, "--demo-password", PASSWORD,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = ImapServer(port)
    try:
        _wait_for(port, process)
        for folder in ("INBOX", "Sent") if certificate is None else ():
            _empty(server, folder)
        yield server
    finally:
        server.close()
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError("pymap did not start")


def _empty(server: ImapServer, folder: str) -> None:
    with server.client() as client:
        client.select(folder)
        client.store("1:*", "+FLAGS", r"(\Deleted)")
        client.expunge()
