"""The address table and the guard itself, without a network."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.adapters.http_pages.addresses import is_private, is_public
from outreach.adapters.http_pages.guard import Guard, SystemResolver
from outreach.adapters.http_pages.policy import FetchPolicy, Refused
from outreach.adapters.http_pages.target import Target, parse_target
from outreach.ports.pages import FailureKind
from tests.adapters.http_pages_tools import Names

SPECIAL = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255
198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1
2001:1ff:ffff::1 2001:db8::1 2002:7f00:1:: 2620:4f:8000::1 3fff::1 3fff:fff::1 fc00::1 fd00::1
fe80::1 fe80::1%1 fec0::1 ff02::1 4000::1 5f00::1
"""
ORDINARY = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 198.17.255.255 198.20.0.0 223.255.255.255
2001:200::1 2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001::200e 2620:4f:7fff::1
"""


@pytest.mark.parametrize("address", SPECIAL.split())
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ORDINARY.split())
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ["", "127.1", "0x7f.1", "2130706433", "localhost", "1.1.1.1 ", "[::1]"]
)
def test_what_is_no_canonical_address_is_not_public(text: str) -> None:
    assert not is_public(text)
    assert not is_private(text)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_no_address_that_python_calls_private_is_public(address: IPv4Address | IPv6Address) -> None:
    is_special = (
        address.is_private or address.is_loopback or address.is_multicast or address.is_link_local
    )
    assert not (is_special and is_public(str(address)))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_wrapped_in_ipv6_is_never_public(inner: IPv4Address) -> None:
    number = int(inner)
    for wrapped in (
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(number),
        IPv6Address((0x0064FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | number << 80),
    ):
        assert not is_public(str(wrapped))


@pytest.mark.parametrize("address", ["0.0.0.0", "169.254.169.254", "224.0.0.1", "fe80::1", "::"])
def test_an_allow_list_never_opens_more_than_private_addresses(address: str) -> None:
    assert not is_private(address)


def _target(url: str, **settings: object) -> Target:
    return parse_target(url, FetchPolicy(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://ok.test/",
        "javascript:alert(1)",
        "http://",
        "http://ok.test:8080/",
        "https://ok.test:22/",
        "http://user@ok.test/",
        "http://user:secret@ok.test/",
        "http://ok.test/a b",
        "http://ok.test/\r\nX: 1",
        "http:\\\\ok.test\\",
        "http://ok.test/" + "a" * 5000,
        "http://[::1",
        "/only/a/path",
    ],
)
def test_a_url_we_may_not_open_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        _target(url)
    assert refused.value.kind is FailureKind.BAD_URL


def test_a_url_is_read_as_a_browser_reads_it() -> None:
    target = _target("  HTTPS://Bücher.Example./a/../b?q=1#part ")
    assert target.href == "https://xn--bcher-kva.example./b?q=1"
    assert (target.host, target.port) == ("xn--bcher-kva.example", 443)
    assert target.authority == "xn--bcher-kva.example"


def test_an_allowed_port_counts_for_its_host_alone() -> None:
    allowed = frozenset({"demo.test:8080"})
    assert _target("http://demo.test:8080/", allowed_hosts=allowed).is_private_allowed
    assert not _target("http://demo.test/", allowed_hosts=allowed).is_private_allowed
    with pytest.raises(Refused):
        _target("http://other.test:8080/", allowed_hosts=allowed)


def test_an_allowed_host_without_a_port_opens_the_usual_ports_alone() -> None:
    allowed = frozenset({"demo.test"})
    assert _target("https://demo.test/", allowed_hosts=allowed).is_private_allowed
    with pytest.raises(Refused):
        _target("http://demo.test:8080/", allowed_hosts=allowed)


def _guard(answers: dict[str, list[str]] | None = None) -> Guard:
    names = Names({name: [list(ips)] for name, ips in (answers or {}).items()})
    return Guard(names, 0.1, is_public)


def _info(address: str, port: int) -> tuple[object, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port))


def test_no_socket_is_opened_to_an_address_that_was_not_approved() -> None:
    guard = _guard({"ok.test": ["8.8.8.8"]})
    guard.begin(_target("http://ok.test/"))
    asyncio.run(_resolve_and_open(guard, "8.8.8.8", 80))
    for address, port in (("8.8.4.4", 80), ("127.0.0.1", 80), ("8.8.8.8", 81)):
        with pytest.raises(Refused):
            asyncio.run(_resolve_and_open(guard, address, port))


async def _resolve_and_open(guard: Guard, address: str, port: int) -> None:
    guard.begin(_target("http://ok.test/"))
    await guard.resolve("ok.test", 80)
    guard.open_socket(_info(address, port)).close()


def test_a_name_other_than_the_checked_one_is_never_looked_up() -> None:
    guard = _guard({"other.test": ["8.8.8.8"]})

    async def look() -> None:
        guard.begin(_target("http://ok.test/"))
        await guard.resolve("other.test", 80)

    with pytest.raises(Refused):
        asyncio.run(look())


def test_a_connection_that_ends_elsewhere_is_refused_before_a_byte_is_sent() -> None:
    guard = _guard({"ok.test": ["8.8.8.8"]})

    async def look() -> None:
        guard.begin(_target("http://ok.test/"))
        await guard.resolve("ok.test", 80)
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            guard.open_socket(_info("8.8.8.8", 80)) as opened,
        ):
            opened.connect(server.getsockname())
            guard.check_peer()

    with pytest.raises(Refused) as refused:
        asyncio.run(look())
    assert refused.value.kind is FailureKind.FORBIDDEN_ADDRESS


def test_a_connection_past_the_guard_is_refused() -> None:
    guard = _guard()
    guard.begin(_target("http://ok.test/"))
    with pytest.raises(Refused):
        guard.check_peer()


def test_a_look_up_that_hangs_ends_as_a_dns_failure() -> None:
    class Hanging(Names):
        async def addresses_of(self, host: str) -> list[str]:
            await asyncio.sleep(60)
            return []

    async def look() -> None:
        guard = Guard(Hanging(), 0.05, is_public)
        guard.begin(_target("http://ok.test/"))
        await guard.resolve("ok.test", 80)

    with pytest.raises(Refused) as refused:
        asyncio.run(look())
    assert refused.value.kind is FailureKind.DNS


def test_the_system_resolver_gives_plain_addresses() -> None:
    resolver = SystemResolver(1)
    try:
        assert "127.0.0.1" in asyncio.run(_look_up(resolver, "127.0.0.1"))
    finally:
        resolver.close()


async def _look_up(resolver: SystemResolver, host: str) -> list[str]:
    return list(await resolver.addresses_of(host))
