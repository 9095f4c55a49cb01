"""Which network addresses may be dialled.

An own table: `ipaddress.is_global` of Python 3.11.7 calls multicast, NAT64, 6to4 and others global.
Source: the IANA special-purpose address registries for IPv4 and IPv6.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

_REFUSED_V4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved and broadcast
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarking and the other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
# What an operator's allow-list may open: addresses of the own machine and the own network.
_PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)


def parse_ip(text: str) -> IPv4Address | IPv6Address | None:
    """Read a canonical IP address, without brackets; None for anything else."""
    try:
        return ip_address(text.split("%", 1)[0])
    except ValueError:
        return None


def is_public(text: str) -> bool:
    """Whether this is an address of the public internet, by our own table."""
    address = parse_ip(text)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_V4)
    if isinstance(address, IPv6Address):
        return address in _GLOBAL_V6 and not any(address in network for network in _REFUSED_V6)
    return False


def is_private(text: str) -> bool:
    """Whether this is an address of the own machine or network that an operator may open."""
    address = parse_ip(text)
    return address is not None and any(address in network for network in _PRIVATE)
