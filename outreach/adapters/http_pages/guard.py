"""The guard on every connection: look a name up once, judge all answers, dial only what passed.

One `Dial` travels with the request in a context variable, so a socket can only be opened to an
address that was approved for this very hop, whatever the HTTP client does in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp.abc import AbstractResolver, ResolveResult

from outreach.adapters.http_pages.addresses import is_private, parse_ip
from outreach.adapters.http_pages.policy import Refused
from outreach.ports.pages import FailureKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from outreach.adapters.http_pages.target import Target


class Resolver(Protocol):
    """Turns a host name into the IP addresses it stands for."""

    async def addresses_of(self, host: str) -> Sequence[str]:
        """Return every address of the name, as text; raise OSError when there is none."""
        ...

    def close(self) -> None:
        """Give back what the resolver holds."""
        ...


class SystemResolver:
    """The machine's own name look-up, in a pool of its own so a slow one blocks nobody else."""

    def __init__(self, threads: int = 8) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="outreach-names")

    async def addresses_of(self, host: str) -> Sequence[str]:
        """Return every address of the name, IPv4 first: fewer machines lack that route."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._pool, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        )
        found.sort(key=lambda info: info[0] != socket.AF_INET)
        return list(dict.fromkeys(str(info[4][0]) for info in found))

    def close(self) -> None:
        """Let waiting look-ups go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True)
class Dial:
    """What one hop may connect to, and the socket it opened."""

    target: Target
    approved: set[str] = field(default_factory=set)
    opened: socket.socket | None = None


_current: ContextVar[Dial] = ContextVar("outreach_dial")


class Guard(AbstractResolver):
    """Resolver, socket factory and peer check of the HTTP client."""

    def __init__(
        self, resolver: Resolver, lookup_s: float, is_public_address: Callable[[str], bool]
    ) -> None:
        self._resolver = resolver
        self._lookup_s = lookup_s
        self._is_public = is_public_address

    def begin(self, target: Target) -> None:
        """Start one hop; an IP literal is judged here because no look-up will follow."""
        dial = Dial(target)
        if target.is_literal:
            self._check(target, target.host)
            dial.approved.add(_canonical(target.host))
        _current.set(dial)

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - aiohttp's signature
    ) -> list[ResolveResult]:
        """Look the name up once and refuse it when any of its addresses is refused."""
        dial = _current.get()
        if host.rstrip(".").lower() != dial.target.host:
            raise Refused(FailureKind.FORBIDDEN_ADDRESS, "another host than the one checked")
        answers = await self._answers(dial.target.host)
        for address in answers:
            self._check(dial.target, address)
        dial.approved.update(_canonical(address) for address in answers)
        return [_resolved(host, port, address) for address in answers]

    async def close(self) -> None:
        """Nothing to give back; the resolver belongs to the fetcher."""

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Open a socket to an address that was approved for this hop, and to no other."""
        dial = _current.get()
        if _canonical(info[4][0]) not in dial.approved or info[4][1] != dial.target.port:
            raise Refused(FailureKind.FORBIDDEN_ADDRESS, f"{info[4][0]} was not checked")
        dial.opened = socket.socket(info[0], info[1], info[2])
        return dial.opened

    def check_peer(self) -> None:
        """Refuse, before a byte is sent, when the other end is not the address we dialled."""
        dial = _current.get()
        if dial.opened is None:
            raise Refused(FailureKind.FORBIDDEN_ADDRESS, "connected past the guard")
        peer = dial.opened.getpeername()
        if _canonical(peer[0]) not in dial.approved or peer[1] != dial.target.port:
            raise Refused(FailureKind.FORBIDDEN_ADDRESS, f"connected to {peer[0]} instead")

    def hang_up(self) -> None:
        """End the connection of this hop; the client does not, for one that it never took over."""
        dial = _current.get()
        if dial.opened is not None:
            with contextlib.suppress(OSError):
                dial.opened.shutdown(socket.SHUT_RDWR)

    async def _answers(self, host: str) -> Sequence[str]:
        try:
            async with asyncio.timeout(self._lookup_s):
                answers = await self._resolver.addresses_of(host)
        except TimeoutError:
            raise Refused(FailureKind.DNS, "the look-up took too long") from None
        except (OSError, UnicodeError) as error:
            raise Refused(FailureKind.DNS, str(error)) from None
        if not answers:
            raise Refused(FailureKind.DNS, "no address")
        return answers

    def _check(self, target: Target, address: str) -> None:
        if self._is_public(address) or (target.is_private_allowed and is_private(address)):
            return
        raise Refused(FailureKind.FORBIDDEN_ADDRESS, f"{target.host} leads to {address}")


def _canonical(address: str) -> str:
    parsed = parse_ip(address)
    return str(parsed) if parsed else ""


def _resolved(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=family,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
