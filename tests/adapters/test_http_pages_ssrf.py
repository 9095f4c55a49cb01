"""The 35 ways to lead the fetcher astray; the internal canary must never see a connection."""

from __future__ import annotations

import resource
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from functools import cache

import pytest

from outreach.ports.pages import FailureKind, FetchFailure, PageFacts
from tests.adapters.http_pages_tools import SmallWorld, facts, failure, small_world
from tests.servers.web_server import endless, hang, raw, redirect

OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
GROWTH_KB = 32 << 10
DEADLINE_S = 0.3


@pytest.fixture(scope="module")
def world() -> Iterator[SmallWorld]:
    with small_world(deadline_s=DEADLINE_S) as world:
        _script(world)
        yield world


@cache
def _bomb(layers: int) -> bytes:
    """Return a gigabyte of zeros, gzipped once per layer."""
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    data = b"".join(packer.compress(zeros) for _ in range(1024)) + packer.flush()
    for _ in range(layers - 1):
        packer = zlib.compressobj(9, wbits=31)
        data = packer.compress(data) + packer.flush()
    return data


def _script(world: SmallWorld) -> None:
    port, pages = world.web.port, world.web.pages
    pages["/to-literal"] = redirect(f"http://127.0.0.1:{port}/x")
    pages["/to-file"] = redirect("file:///etc/passwd")
    pages["/to-rebind"] = redirect(f"http://rebind.test:{port}/x")
    pages["/loop"] = redirect("/loop")
    bomb = _bomb(1)
    pages["/bomb"] = raw(OK_HEAD + b"Content-Encoding: gzip\r\n\r\n" + bomb)
    pages["/gzgz"] = raw(OK_HEAD + b"Content-Encoding: gzip, gzip\r\n\r\n" + _bomb(2))
    pages["/drip"] = endless(OK_HEAD + b"\r\n", b"x", 0.1)
    pages["/driphead"] = endless(b"HTTP/1.1 200 OK\r\n", b"X", 0.1)
    pages["/hang"] = hang()
    pages["/endless"] = endless(OK_HEAD + b"\r\n", b"x" * 65536)
    pages["/heads"] = endless(OK_HEAD, b"X-Filler: " + b"y" * 200 + b"\r\n")
    pages["/badhead"] = raw(OK_HEAD + b"X-Bad: a\0b\r\n\r\n<p>Hello</p>")
    pages["/garbage"] = raw(b"\x16\x03\x01 this is not HTTP at all\r\n\r\n")
    pages["/short"] = raw(OK_HEAD + b"Content-Length: 5000\r\n\r\n<p>Hello</p>")
    pages["/chunk"] = raw(
        OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFF\r\nabc\r\n"
    )


def _timed(world: SmallWorld, url: str) -> PageFacts | FetchFailure:
    """Look at the page; whatever happens takes no more than the deadline and a second."""
    started = time.monotonic()
    outcome = world.look(url)
    assert time.monotonic() - started <= DEADLINE_S + 1
    return outcome


REFUSED_URLS = {
    "an internal literal": ("http://127.0.0.1:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "a name of an internal address": (
        "http://internal.test:{port}/x",
        FailureKind.FORBIDDEN_ADDRESS,
    ),
    "several addresses, one internal": (
        "http://mixed.test:{port}/x",
        FailureKind.FORBIDDEN_ADDRESS,
    ),
    "an IPv4-mapped answer": ("http://mapped.test:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "a redirect to a literal": ("http://ok.test:{port}/to-literal", FailureKind.FORBIDDEN_ADDRESS),
    "a redirect to a file": ("http://ok.test:{port}/to-file", FailureKind.BAD_URL),
    "a redirect loop": ("http://ok.test:{port}/loop", FailureKind.TOO_MANY_REDIRECTS),
    "a mapped IPv6 literal": (
        "http://[::ffff:127.0.0.1]:{port}/x",
        FailureKind.FORBIDDEN_ADDRESS,
    ),
    "a mapped IPv6 literal in hex": (
        "http://[::ffff:7f00:1]:{port}/x",
        FailureKind.FORBIDDEN_ADDRESS,
    ),
    "decimal IPv4": ("http://2130706433:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "octal IPv4": ("http://0177.0.0.1:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "hexadecimal IPv4": ("http://0x7f000001:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "short IPv4": ("http://127.1:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "zero": ("http://0:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "full-width digits": ("http://１２７.0.0.1:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "enclosed digits": ("http://①②⑦.⓪.⓪.①:{port}/x", FailureKind.FORBIDDEN_ADDRESS),
    "a user name before an internal host": (
        "http://ok.test@127.0.0.1:{port}/x",
        FailureKind.BAD_URL,
    ),
    "a backslash before an internal host": (
        "http://ok.test\\@127.0.0.1:{port}/x",
        FailureKind.BAD_URL,
    ),
    "a fragment that looks like a host": (
        "http://127.0.0.1:{port}#@ok.test/",
        FailureKind.FORBIDDEN_ADDRESS,
    ),
    "another port": ("http://ok.test:25/ok", FailureKind.BAD_URL),
}


@pytest.mark.parametrize("case", REFUSED_URLS)
def test_a_way_to_an_internal_address_is_refused_by_name(world: SmallWorld, case: str) -> None:
    url, kind = REFUSED_URLS[case]
    outcome = _timed(world, url.format(port=world.web.port))
    assert failure(outcome).kind is kind, outcome
    assert world.canary.accepted == 0


HOSTILE_ANSWERS = {
    "a gzip bomb": ("/bomb", FailureKind.TOO_LARGE),
    "a bomb in two layers": ("/gzgz", FailureKind.BAD_RESPONSE),
    "a dripping body": ("/drip", FailureKind.TIMEOUT),
    "a dripping header": ("/driphead", FailureKind.TIMEOUT),
    "a server that hangs": ("/hang", FailureKind.TIMEOUT),
    "an endless body": ("/endless", FailureKind.TOO_LARGE),
    "endless headers": ("/heads", FailureKind.BAD_RESPONSE),
    "a NUL in a header": ("/badhead", FailureKind.BAD_RESPONSE),
    "garbage": ("/garbage", FailureKind.BAD_RESPONSE),
    "a chunk size past all numbers": ("/chunk", FailureKind.BAD_RESPONSE),
}


@pytest.mark.parametrize("case", HOSTILE_ANSWERS)
def test_a_hostile_answer_ends_within_the_limits_under_its_name(
    world: SmallWorld, case: str
) -> None:
    path, kind = HOSTILE_ANSWERS[case]
    world.look(world.url("/ok"))  # robots.txt is known, what was loaded late is loaded
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = _timed(world, world.url(path))
    assert failure(outcome).kind is kind, outcome
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH_KB
    assert world.canary.accepted == 0


def test_a_public_page_is_fetched(world: SmallWorld) -> None:
    assert facts(_timed(world, world.url("/ok"))).title == "Public page"


def test_a_rebinding_name_is_never_dialled_at_its_internal_address() -> None:
    with small_world() as world:
        outcome = _timed(world, world.url("/x", "rebind.test"))
        # The first look-up was for robots.txt, the second one for the page met the internal answer.
        assert failure(outcome).kind is FailureKind.FORBIDDEN_ADDRESS
        assert world.names.asked == ["rebind.test", "rebind.test"]
        assert world.canary.accepted == 0


def test_each_request_looks_a_name_up_once_and_dials_that_answer() -> None:
    with small_world() as world:
        world.names.answers["rebind.test"] = [["127.9.9.9"], ["127.9.9.9"], ["127.0.0.1"]]
        assert facts(_timed(world, world.url("/x", "rebind.test"))).title == "Public page"
        assert world.names.asked == ["rebind.test", "rebind.test"]
        assert world.canary.accepted == 0


def test_a_redirect_to_a_rebinding_name_is_refused() -> None:
    with small_world() as world:
        _script(world)
        outcome = _timed(world, world.url("/to-rebind"))
        assert failure(outcome).kind is FailureKind.FORBIDDEN_ADDRESS
        assert world.canary.accepted == 0


def test_line_breaks_in_a_path_stay_encoded(world: SmallWorld) -> None:
    outcome = _timed(world, world.url("/%0d%0aX:1/ok"))
    assert failure(outcome).status == 404
    asked = world.web.asked[-1]
    assert asked.path == "/%0d%0aX:1/ok"
    assert asked.header("X") == ""


def test_a_body_shorter_than_promised_is_marked(world: SmallWorld) -> None:
    page = facts(_timed(world, world.url("/short")))
    assert page.is_truncated
    assert page.body == b"<p>Hello</p>"


def test_the_canary_would_notice_a_connection(world: SmallWorld) -> None:
    with small_world() as other:
        with socket.create_connection(("127.0.0.1", other.canary.port)) as connection:
            connection.sendall(b"GET /x HTTP/1.0\r\n\r\n")
            assert connection.recv(20).startswith(b"HTTP/1.1 200")
        assert other.canary.accepted == 1


def test_a_fetch_leaves_no_thread_behind(world: SmallWorld) -> None:
    world.look(world.url("/ok"))
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("outreach-fetch")]
