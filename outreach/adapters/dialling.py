"""Opens connections to mail servers people name, never to a network they must not reach.

The name is resolved once, every address it has is judged, and exactly a judged one is dialled, so
an answer that changes in between (DNS rebinding) meets nothing.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

from outreach.adapters.addresses import is_loopback, is_public
from outreach.ports.mail import MailSecurity, MailServer


class ForbiddenAddress(Exception):
    """The server's name leads where we may not go."""


@dataclass(frozen=True, slots=True)
class Dialler:
    """How to reach one mail server; `allow_private` is the administrator's switch."""

    server: MailServer
    allow_private: bool = False
    tls: ssl.SSLContext | None = None

    def connect(self, timeout_s: float) -> socket.socket:
        """Open a socket to the server, already encrypted when its security is TLS.

        Raises:
            ForbiddenAddress: One of its addresses is off limits.
            OSError: No address answered, or TLS could not be verified.
        """
        last: OSError | None = None
        for address in self._judged_addresses():
            try:
                sock = socket.create_connection((address, self.server.port), timeout_s)
            except OSError as error:
                last = error
                continue
            # The dot is a small write after a large one; Nagle would hold it back for 40 ms.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._encrypted(sock) if self.server.security is MailSecurity.TLS else sock
        raise last or OSError("The name has no address.")

    def context(self) -> ssl.SSLContext:
        """Return the TLS settings: certificates and names are always verified."""
        return self.tls or ssl.create_default_context()

    def _encrypted(self, sock: socket.socket) -> socket.socket:
        try:
            return self.context().wrap_socket(sock, server_hostname=self.server.host)
        except BaseException:
            sock.close()
            raise

    def _judged_addresses(self) -> list[str]:
        found = socket.getaddrinfo(self.server.host, self.server.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not all(map(self._is_allowed, addresses)):
            raise ForbiddenAddress("The server's name leads to a private or reserved network.")
        return addresses

    def _is_allowed(self, address: str) -> bool:
        if self.server.security is MailSecurity.NONE:
            return self.allow_private and is_loopback(address)
        return self.allow_private or is_public(address)
