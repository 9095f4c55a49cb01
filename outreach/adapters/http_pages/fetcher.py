"""The fetcher: a plain iterator outside, one asyncio loop in a thread of its own inside.

The loop runs on while the caller works on a result, so a slow caller never makes a healthy server
look late; it stops asking for more when too many results lie unread.
"""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
from typing import TYPE_CHECKING

from outreach.adapters.http_pages.addresses import is_public
from outreach.adapters.http_pages.client import PageClient
from outreach.adapters.http_pages.guard import Guard, Resolver, SystemResolver
from outreach.adapters.http_pages.journey import Journey, Stepper, begin
from outreach.adapters.http_pages.policy import FetchPolicy
from outreach.adapters.http_pages.robots import RobotsBook
from outreach.adapters.http_pages.schedule import HostQueue
from outreach.core.clock import monotonic, utc_now
from outreach.ports.pages import FailureKind, FetchFailure, PageRequest, PageResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_UNREAD_PER_SLOT = 2
_BACKLOG_PAUSE_S = 0.005
_STOP_CHECK_S = 0.25


class HttpPageFetcher:
    """The door to the web: guarded, polite, bounded in time and size.

    `resolver` and `is_public_address` are for tests, which have no public addresses to dial.
    """

    def __init__(
        self,
        policy: FetchPolicy | None = None,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        is_public_address: Callable[[str], bool] = is_public,
    ) -> None:
        self._policy = policy or FetchPolicy()
        self._resolver = resolver
        self._tls = tls
        self._is_public = is_public_address
        self._robots = RobotsBook(self._policy.robots_age_s)

    def fetch(self, requests: Sequence[PageRequest]) -> Iterator[PageResult]:
        """Look at each page once, politely, and yield results as they come, in any order."""
        waiting: HostQueue[Journey] = HostQueue()
        for request in requests:
            journey = begin(request, self._policy)
            if isinstance(journey, PageResult):
                yield journey
            else:
                waiting.add(journey.target.authority, journey)
        if len(waiting):
            self._tls = self._tls or ssl.create_default_context()
            yield from _Run(self._policy, self._robots, waiting).results(self._open_client)

    def _open_client(self, resolver: Resolver) -> PageClient:
        assert self._tls is not None
        guard = Guard(self._resolver or resolver, self._policy.lookup_s, self._is_public)
        return PageClient(self._policy, guard, self._tls)


class SwitchedOffFetcher:
    """The closed door: answers every request without touching the network."""

    def fetch(self, requests: Sequence[PageRequest]) -> Iterator[PageResult]:
        """Say of each page that web access is switched off."""
        for request in requests:
            failure = FetchFailure(request.url, FailureKind.SWITCHED_OFF)
            yield PageResult(request, failure, utc_now())


class _Run:
    """One call of `fetch`: the loop's thread and the results it hands over."""

    def __init__(
        self, policy: FetchPolicy, robots: RobotsBook, waiting: HostQueue[Journey]
    ) -> None:
        self._policy = policy
        self._robots = robots
        self._waiting = waiting
        self._results: queue.SimpleQueue[PageResult | BaseException | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._running: dict[asyncio.Task[None], tuple[str, Journey]] = {}

    def results(self, open_client: Callable[[Resolver], PageClient]) -> Iterator[PageResult]:
        thread = threading.Thread(
            target=self._work, args=(open_client,), name="outreach-fetch", daemon=True
        )
        thread.start()
        try:
            while (result := self._results.get()) is not None:
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            self._stop.set()
            thread.join()

    def _work(self, open_client: Callable[[Resolver], PageClient]) -> None:
        resolver = SystemResolver(self._policy.concurrency)
        try:
            asyncio.run(self._run_all(open_client(resolver)))
        except BaseException as error:  # handed to the caller's thread
            self._results.put(error)
        else:
            self._results.put(None)
        finally:
            resolver.close()

    async def _run_all(self, client: PageClient) -> None:
        async with client:
            stepper = Stepper(client, self._policy, self._robots)
            while (len(self._waiting) or self._running) and not self._stop.is_set():
                self._start_ready(stepper)
                await self._wait()
                self._collect()
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _start_ready(self, stepper: Stepper) -> None:
        slots = self._policy.concurrency
        if self._results.qsize() >= slots * _UNREAD_PER_SLOT:
            return
        while len(self._running) < slots:
            taken = self._waiting.take(monotonic())
            if taken is None:
                return
            host, journey = taken
            self._running[asyncio.create_task(stepper.step(journey))] = (host, journey)

    async def _wait(self) -> None:
        """Sleep until a request ends or a host is free again, never long enough to miss a stop."""
        timeout = _STOP_CHECK_S
        free_at = self._waiting.next_free_at()
        if len(self._running) < self._policy.concurrency and free_at is not None:
            timeout = min(timeout, max(_BACKLOG_PAUSE_S, free_at - monotonic()))
        if self._running:
            await asyncio.wait(self._running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(timeout)

    def _collect(self) -> None:
        """Hand over the looks that ended and queue the others for their next step."""
        for task in [task for task in self._running if task.done()]:
            host, journey = self._running.pop(task)
            task.result()
            self._waiting.done(host, monotonic() + journey.rest_s)
            if journey.outcome is None:
                self._waiting.add(journey.target.authority, journey, is_next=True)
            else:
                self._results.put(journey.result())
