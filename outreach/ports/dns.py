"""What we ask of the domain name system about mail."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class MailRoute(StrEnum):
    """Whether mail to a domain has anywhere to go."""

    MX = "mx"
    ADDRESS_ONLY = "address_only"  # no MX record: its own address counts, RFC 5321 5.1
    NULL_MX = "null_mx"  # it says that it takes no mail, RFC 7505
    NO_DOMAIN = "no_domain"
    NO_ROUTE = "no_route"  # the domain exists without MX and without address
    UNKNOWN = "unknown"  # no answer; never a reason to refuse for good

    @property
    def is_dead(self) -> bool:
        """Whether mail to the domain can surely not arrive."""
        return self in {MailRoute.NULL_MX, MailRoute.NO_DOMAIN, MailRoute.NO_ROUTE}


class MailRoutes(Protocol):
    """Finds out where a domain's mail goes."""

    def mail_route(self, domain: str) -> MailRoute:
        """Look up a domain given in ASCII form."""
        ...
