"""One request to one checked place: no cookies, no proxies, no following of redirects."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import aiohttp

from outreach.adapters.http_pages.body import read_body
from outreach.adapters.http_pages.policy import FetchPolicy, Refused
from outreach.ports.pages import FailureKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multidict import CIMultiDictProxy

    from outreach.adapters.http_pages.guard import Guard
    from outreach.adapters.http_pages.target import Target

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERROR_BODY = 64 << 10  # enough of an error page to tell a challenge by
_MAX_HEADERS = 100
_MAX_HEADER = 8190


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request brought."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    is_truncated: bool

    @property
    def location(self) -> str:
        """Where a redirect points, "" when this is none."""
        return self.headers.get("Location", "") if self.status in _REDIRECTS else ""


class PageClient:
    """The HTTP client behind the fetcher; use as an async context manager."""

    def __init__(self, policy: FetchPolicy, guard: Guard, tls: ssl.SSLContext) -> None:
        self._policy = policy
        self._guard = guard
        self._tls = tls
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=self._guard,
            socket_factory=self._guard.open_socket,
            ssl=self._tls,
            use_dns_cache=False,
            force_close=True,
            limit=self._policy.concurrency,
            # With a delay aiohttp swallows a refusal and tries the next address.
            happy_eyeballs_delay=None,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            trace_configs=[_peer_check(self._guard)],
            auto_decompress=False,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=_MAX_HEADER,
            max_field_size=_MAX_HEADER,
            max_headers=_MAX_HEADERS,
            timeout=aiohttp.ClientTimeout(total=None),  # the caller holds the one deadline
            headers={
                "User-Agent": self._policy.user_agent,
                "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
                "Accept-Encoding": "gzip, deflate",
            },
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(
        self, target: Target, headers: Mapping[str, str], *, max_body: int | None = None
    ) -> Answer:
        """Ask once and read the answer within the caps; the beginning only for error pages.

        Raises:
            Refused: with the named reason why there is no answer.
        """
        self._guard.begin(target)
        try:
            async with self._session.get(
                target.url, headers=dict(headers), allow_redirects=False
            ) as response:
                return await self._read(response, max_body)
        except (aiohttp.ClientError, ValueError, OSError) as error:
            if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
                raise
            raise _as_refusal(error) from None

    async def _read(self, response: aiohttp.ClientResponse, max_body: int | None) -> Answer:
        status = response.status
        if status in _REDIRECTS or status in (204, 304):
            return Answer(status, response.headers, b"", is_truncated=False)
        is_cut = status >= 400 or max_body is not None
        limit = max_body or (_ERROR_BODY if is_cut else self._policy.max_body)
        body, is_truncated = await read_body(
            response, max_wire=self._policy.max_wire, max_body=limit, is_cut=is_cut
        )
        return Answer(status, response.headers, body, is_truncated)


def _peer_check(guard: Guard) -> aiohttp.TraceConfig:
    async def check(*_: object) -> None:
        try:
            guard.check_peer()
        except Refused:
            guard.hang_up()
            await asyncio.sleep(0)  # the transport meets the end and closes itself
            raise

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(check)
    return trace


def _as_refusal(error: Exception) -> Refused:
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return Refused(FailureKind.TLS, str(error)[:200])
    if isinstance(error, aiohttp.ClientOSError) or not isinstance(
        error, aiohttp.ClientError | ValueError
    ):
        return Refused(FailureKind.CONNECT, str(error)[:200])
    if isinstance(error, aiohttp.InvalidURL):
        return Refused(FailureKind.BAD_URL, "unreadable")
    return Refused(FailureKind.BAD_RESPONSE, type(error).__name__)
