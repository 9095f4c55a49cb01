"""A scripted web server on loopback: raw sockets, so it can misbehave in every way.

    with WebServer() as server:
        server.pages["/"] = Page("<p>Hello</p>")
        server.pages["/moved"] = redirect("/")
        ...
        assert server.paths == ["/robots.txt", "/"]

A page is looked up by "host/path" first (the Host header without its port), then by "/path".
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Page:
    """A well-behaved answer."""

    body: str | bytes = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"
    delay_s: float = 0.0


@dataclass(frozen=True)
class Raw:
    """Bytes written as they are, piece by piece, with a pause after each; any HTTP or none."""

    pieces: Callable[[], Iterator[bytes]]
    pause_s: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    at: float
    host: str
    path: str
    head: bytes

    def header(self, name: str) -> str:
        """Return a header of the request, "" when it was not sent."""
        prefix = name.lower().encode() + b":"
        for line in self.head.split(b"\r\n")[1:]:
            if line.lower().startswith(prefix):
                return line.split(b":", 1)[1].strip().decode("latin-1")
        return ""


Answer = Page | Raw | Callable[[Asked], "Page | Raw"]


def redirect(location: str, status: int = 302) -> Page:
    """Answer with a redirect."""
    return Page("moved", status, (("Location", location),))


def raw(*pieces: bytes, pause_s: float = 0.0) -> Raw:
    """Answer with exactly these bytes."""
    return Raw(lambda: iter(pieces), pause_s)


def hang() -> Raw:
    """Accept, read the request, and say nothing."""

    def silence() -> Iterator[bytes]:
        while True:
            yield b""

    return Raw(silence, pause_s=0.02)


def endless(head: bytes, piece: bytes, pause_s: float = 0.0) -> Raw:
    """Write the head, then the same piece for ever."""

    def pieces() -> Iterator[bytes]:
        yield head
        while True:
            yield piece

    return Raw(pieces, pause_s)


@dataclass
class WebServer:
    """Serves `pages` from a thread; `asked` lists what came in, `accepted` counts connections."""

    address: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    accepted: int = 0

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self._socket = socket.create_server((self.address, self.port), backlog=256)
        self.port = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        """Where the server's pages begin, without a slash."""
        return f"http{'s' if self.tls else ''}://{self.address}:{self.port}"

    @property
    def authority(self) -> str:
        """The server as an operator's allow-list names it."""
        return f"{self.address}:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [asked.path for asked in self.asked]

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            connection.settimeout(5)
            stack.enter_context(connection)
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                stack.enter_context(connection)
            head = b""
            while b"\r\n\r\n" not in head:
                if not (data := connection.recv(65536)):
                    return
                head += data
            self._answer(connection, _parse(head.split(b"\r\n\r\n", 1)[0]))

    def _answer(self, connection: socket.socket, asked: Asked) -> None:
        self.asked.append(asked)
        answer = self.pages.get(asked.host + asked.path) or self.pages.get(asked.path)
        answer = answer or Page("nothing here", 404)
        if callable(answer):
            answer = answer(asked)
        if isinstance(answer, Page):
            time.sleep(answer.delay_s)
            connection.sendall(_as_bytes(answer))
            return
        for piece in answer.pieces():
            if piece:
                connection.sendall(piece)
            elif _is_gone(connection):
                return
            if self._stopping.wait(answer.pause_s) if answer.pause_s else self._stopping.is_set():
                return


def _parse(head: bytes) -> Asked:
    first = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    path = first[1] if len(first) > 1 else ""
    host = Asked(0, "", "", head).header("host")
    return Asked(time.monotonic(), host.rsplit(":", 1)[0], path, head)


def _as_bytes(page: Page) -> bytes:
    body = page.body.encode() if isinstance(page.body, str) else page.body
    lines = [f"HTTP/1.1 {page.status} Scripted", f"Content-Length: {len(body)}"]
    if page.content_type:
        lines.append(f"Content-Type: {page.content_type}")
    lines += [f"{name}: {value}" for name, value in page.headers]
    if page.status == 304:
        body = b""
        lines.pop(1)
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def _is_gone(connection: socket.socket) -> bool:
    """Whether the other side has hung up."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(5)
