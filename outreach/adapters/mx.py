"""Looks up in the DNS whether a domain takes mail; the recipient's server is never asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dns.exception
import dns.name
import dns.resolver

from outreach.ports.dns import MailRoute

if TYPE_CHECKING:
    from collections.abc import Sequence


class DnsMailRoutes:
    """Asks the machine's own resolvers, or the given ones."""

    def __init__(
        self, *, nameservers: Sequence[str] = (), port: int = 53, lifetime_s: float = 3.0
    ) -> None:
        self._resolver = dns.resolver.Resolver(configure=not nameservers)
        if nameservers:
            self._resolver.nameservers = list(nameservers)
            self._resolver.port = port
        self._resolver.lifetime = lifetime_s
        self._resolver.search = []

    def mail_route(self, domain: str) -> MailRoute:
        """Look for MX, then for an address; see `MailRoutes.mail_route`."""
        try:
            name = dns.name.from_text(domain)
            answer = self._resolver.resolve(name, "MX")
        except dns.resolver.NXDOMAIN:
            return MailRoute.NO_DOMAIN
        except dns.resolver.NoAnswer:
            return self._address_route(domain)
        except (dns.exception.DNSException, OSError):
            return MailRoute.UNKNOWN
        if all(record.exchange == dns.name.root for record in answer):
            return MailRoute.NULL_MX
        return MailRoute.MX

    def _address_route(self, domain: str) -> MailRoute:
        for kind in ("A", "AAAA"):
            try:
                self._resolver.resolve(dns.name.from_text(domain), kind)
            except dns.resolver.NoAnswer:
                continue
            except dns.resolver.NXDOMAIN:
                return MailRoute.NO_DOMAIN
            except (dns.exception.DNSException, OSError):
                return MailRoute.UNKNOWN
            return MailRoute.ADDRESS_ONLY
        return MailRoute.NO_ROUTE
