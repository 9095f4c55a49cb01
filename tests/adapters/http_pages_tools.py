"""Names and addresses for the fetcher's tests, and a canary that must never be reached."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from outreach.adapters.http_pages import FetchPolicy, HttpPageFetcher
from outreach.adapters.http_pages.addresses import is_public
from outreach.ports.pages import FetchFailure, PageFacts, PageRequest, PageResult
from tests.servers.web_server import Page, WebServer

PUBLIC = "127.9.9.9"  # stands in for a public address
INTERNAL = "127.0.0.1"
PAGE = Page("<html><title>Public page</title><body><p>Hello</p></body></html>")


@dataclass
class Names:
    """A resolver with fixed answers; a name's answers are given in turn, the last one for ever."""

    answers: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def addresses_of(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        turns = self.answers.get(host)
        if not turns:
            raise OSError(f"no such name: {host}")
        return turns.pop(0) if len(turns) > 1 else turns[0]

    def close(self) -> None:
        self.answers.clear()


@dataclass
class SmallWorld:
    """A public web server, an internal canary on the same port, and a fetcher between them."""

    web: WebServer
    canary: WebServer
    names: Names
    fetcher: HttpPageFetcher

    def url(self, path: str, host: str = "ok.test") -> str:
        return f"http://{host}:{self.web.port}{path}"

    def look(self, url: str) -> PageFacts | FetchFailure:
        (result,) = self.fetcher.fetch([PageRequest(url)])
        return result.outcome

    def look_at(self, url: str) -> PageResult:
        (result,) = self.fetcher.fetch([PageRequest(url)])
        return result


@contextmanager
def small_world(**limits: object) -> Iterator[SmallWorld]:
    """Set up the small world; 127.9.9.9 counts as public, everything else by our own table."""
    with _canary_and_web() as (canary, web):
        canary.pages["/x"] = web.pages["/x"] = web.pages["/ok"] = PAGE
        settings = {"spacing_s": 0.0, "deadline_s": 0.3, **limits}
        policy = FetchPolicy(ports=frozenset({80, 443, web.port}), **settings)  # type: ignore[arg-type]
        names = Names(
            {
                "ok.test": [[PUBLIC]],
                "internal.test": [[INTERNAL]],
                "rebind.test": [[PUBLIC], [INTERNAL]],
                "mixed.test": [[PUBLIC, INTERNAL]],
                "mapped.test": [["::ffff:127.0.0.1"]],
            }
        )
        fetcher = HttpPageFetcher(
            policy, names, is_public_address=lambda ip: ip == PUBLIC or is_public(ip)
        )
        yield SmallWorld(web, canary, names, fetcher)


@contextmanager
def _canary_and_web() -> Iterator[tuple[WebServer, WebServer]]:
    for _ in range(20):
        with WebServer(INTERNAL) as canary:
            try:
                web = WebServer(PUBLIC, canary.port).__enter__()
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    pytest.skip("this machine has no address 127.9.9.9")
                continue
            try:
                yield canary, web
            finally:
                web.__exit__()
            return
    pytest.fail("found no port free on both addresses")


def facts(outcome: PageFacts | FetchFailure) -> PageFacts:
    """Assert that there are facts."""
    assert isinstance(outcome, PageFacts), outcome
    return outcome


def failure(outcome: PageFacts | FetchFailure) -> FetchFailure:
    """Assert that there are none."""
    assert isinstance(outcome, FetchFailure), outcome.final_url
    return outcome
