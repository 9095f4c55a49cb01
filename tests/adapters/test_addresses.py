"""The table that decides which addresses we may dial."""

from __future__ import annotations

import pytest

from outreach.adapters.addresses import is_loopback, is_public


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "100.64.0.1", "169.254.169.254", "172.31.255.255",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.19.255.255", "198.51.100.7",
        "203.0.113.9", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8",
        "::127.0.0.1", "64:ff9b::7f00:1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1",
        "2620:4f:8000::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
        "2606:4700::1%eth0", "", "localhost", "0x7f.1", "8.8.8.8 ",
    ],
)  # fmt: skip
def test_an_address_off_the_public_internet_is_refused(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip",
    ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "2001:4860::8"],
)
def test_a_public_address_is_accepted(ip: str) -> None:
    assert is_public(ip)


def test_only_this_machine_is_loopback() -> None:
    assert is_loopback("127.8.9.1")
    assert is_loopback("::1")
    assert not is_loopback("10.0.0.1")
    assert not is_loopback("::2")
    assert not is_loopback("localhost")
