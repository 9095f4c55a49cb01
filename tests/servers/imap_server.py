"""A real IMAP server (pymap) as a process on loopback, and a client to put mail into it."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
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

    @property
    def settings(self) -> MailServer:
        """How our own reader reaches it."""
        return MailServer("127.0.0.1", self.port, MailSecurity.NONE, USERNAME, PASSWORD)

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Give the signed-in client, no folder left open."""
        if self._client is None:
            self._client = imaplib.IMAP4("127.0.0.1", self.port, timeout=5)
            self._client.login(USERNAME, PASSWORD)
        yield self._client
        if self._client.state == "SELECTED":
            self._client.close()

    def close(self) -> None:
        """Sign out: pymap stops cleanly only when all have left."""
        if self._client is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                self._client.logout()

    def append(self, raw: bytes, folder: str = "INBOX") -> None:
        """Deliver a message."""
        with self.client() as client:
            status, answer = client.append(f'"{folder}"', "", "", raw)
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
        with self.client() as client:
            assert client.create(f'"{folder}"')[0] == "OK"

    def drop(self, folder: str) -> None:
        """Remove a folder with all its messages."""
        with self.client() as client:
            assert client.delete(f'"{folder}"')[0] == "OK"


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """Run pymap for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port),
        "--no-tls", "dict", "--demo-data", "--demo-user", USERNAME, "--demo-password", PASSWORD,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = ImapServer(port)
    try:
        _wait_for(port, process)
        for folder in ("INBOX", "Sent"):
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
