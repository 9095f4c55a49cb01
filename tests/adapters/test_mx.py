"""Mail routes from a DNS server of our own on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from outreach.adapters.mx import DnsMailRoutes
from outreach.ports.dns import MailRoute

ZONE = {
    ("mail.test.", "MX"): ["10 a.mail.test.", "20 b.mail.test."],
    ("null.test.", "MX"): ["0 ."],
    ("web.test.", "A"): ["192.0.2.1"],
    ("six.test.", "AAAA"): ["2001:db8::1"],
}
EXISTING = {name for name, _ in ZONE} | {"bare.test."}


@contextmanager
def dns_server() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(sock,))
        thread.start()
        port: int = sock.getsockname()[1]
        try:
            yield port
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(b"", ("127.0.0.1", port))
            thread.join(5)


def _serve(sock: socket.socket) -> None:
    while True:
        data, client = sock.recvfrom(2000)
        if not data:
            return
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(), question.rdtype.name
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name.startswith("broken."):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in EXISTING:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif (name, kind) in ZONE:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *ZONE[name, kind]))
        sock.sendto(answer.to_wire(), client)


@pytest.fixture(scope="module")
def routes() -> Iterator[DnsMailRoutes]:
    with dns_server() as port:
        yield DnsMailRoutes(nameservers=["127.0.0.1"], port=port, lifetime_s=0.3)


@pytest.mark.parametrize(
    ("domain", "route", "is_dead"),
    [
        ("mail.test", MailRoute.MX, False),
        ("null.test", MailRoute.NULL_MX, True),
        ("web.test", MailRoute.ADDRESS_ONLY, False),
        ("six.test", MailRoute.ADDRESS_ONLY, False),
        ("bare.test", MailRoute.NO_ROUTE, True),
        ("nowhere.test", MailRoute.NO_DOMAIN, True),
        ("broken.test", MailRoute.UNKNOWN, False),
        ("x" * 70 + ".test", MailRoute.UNKNOWN, False),
    ],
)
def test_a_domain_takes_mail_or_says_why_not(
    routes: DnsMailRoutes, domain: str, route: MailRoute, is_dead: bool
) -> None:
    found = routes.mail_route(domain)
    assert found is route
    assert found.is_dead is is_dead


def test_a_silent_name_server_is_never_a_reason_to_refuse() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        silent = DnsMailRoutes(nameservers=["127.0.0.1"], port=port, lifetime_s=0.2)
        assert silent.mail_route("mail.test") is MailRoute.UNKNOWN
