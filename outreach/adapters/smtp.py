"""Hands mail to an SMTP submission server in two steps, the final dot on its own.

A refusal before the dot is safe to act on. After it only a clean three-digit reply counts;
everything else leaves the mail in doubt, because retrying could send it twice.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from outreach.adapters.dialling import Dialler, ForbiddenAddress
from outreach.adapters.smtp_dialogue import (
    SmtpClient,
    give_body,
    give_envelope,
    introduce,
    judged,
    lost,
    refuse_if_gone,
    strict_reply,
    untrusted,
)
from outreach.core import clock
from outreach.mail.statuses import Stage
from outreach.ports.mail import (
    BlameFor,
    MailDelayed,
    MailInDoubt,
    MailRefused,
    MailServer,
    OutgoingMail,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MAILS_PER_CONNECTION = 50
MAX_IDLE_S = 30.0
# RFC 5321 4.5.3.2.6 grants ten minutes for the dot; half of it catches all but broken servers.
DOT_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class SmtpTimeouts:
    """How long to wait for the server: for any reply, and for the one after the dot."""

    command_s: float = 30.0
    dot_s: float = DOT_TIMEOUT_S


class SmtpSender:
    """One mailbox's way out; reuses its connection and belongs to one thread."""

    def __init__(
        self,
        server: MailServer,
        *,
        allow_private: bool = False,
        tls: ssl.SSLContext | None = None,
        timeouts: SmtpTimeouts | None = None,
        ehlo_name: str = "[127.0.0.1]",  # submission servers ask for no more, and it leaks nothing
    ) -> None:
        self._dialler = Dialler(server, allow_private=allow_private, tls=tls)
        self._timeouts = timeouts or SmtpTimeouts()
        self._ehlo_name = ehlo_name
        self._client: SmtpClient | None = None
        self._mails_sent = 0
        self._last_used = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye to the server, if it still listens."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(smtplib.SMTPException, OSError):
                client.docmd("QUIT")
            client.close()

    def check_sign_in(self) -> None:
        """Connect and sign in without sending anything, to prove the settings work.

        Raises:
            MailRefused: The server does not want us.
            MailDelayed: It cannot be reached now.
        """
        self.close()
        self._client = self._connected()
        self.close()

    @contextmanager
    def offer(self, mail: OutgoingMail) -> Iterator[_Pending]:
        """Transmit everything but the dot; leaving without `accept` drops the connection."""
        client = self._transmitted(mail)
        pending = _Pending(client, self._timeouts)
        try:
            yield pending
        finally:
            if pending.is_settled:
                self._mails_sent += 1
                self._last_used = clock.monotonic()
            else:
                self._drop()

    def _transmitted(self, mail: OutgoingMail) -> SmtpClient:
        client = self._ready_client()
        try:
            give_envelope(client, mail)
            give_body(client, mail.raw)
        except (MailRefused, MailDelayed):
            self._reset()
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise lost(error) from error
        return client

    def _ready_client(self) -> SmtpClient:
        """Return a connection that answers: the kept one when it still does, else a new one."""
        if self._client is not None:
            idle = clock.monotonic() - self._last_used
            if self._mails_sent >= MAX_MAILS_PER_CONNECTION or idle > MAX_IDLE_S:
                self.close()
            elif not self._still_answers():
                self._drop()
        if self._client is None:
            self._client = self._connected()
            self._mails_sent = 0
        return self._client

    def _still_answers(self) -> bool:
        try:
            return self._client is not None and self._client.docmd("RSET")[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _connected(self) -> SmtpClient:
        try:
            client = SmtpClient(self._dialler, self._ehlo_name, self._timeouts.command_s)
        except ForbiddenAddress as error:
            raise MailRefused(str(error), code=0, blame=BlameFor.MAILBOX) from error
        except ssl.SSLCertVerificationError as error:
            raise untrusted(error) from error
        except smtplib.SMTPConnectError as error:
            raise judged(Stage.CONNECT, error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise lost(error) from error
        try:
            introduce(client)
        except ssl.SSLCertVerificationError as error:
            client.close()
            raise untrusted(error) from error
        except (smtplib.SMTPException, OSError) as error:
            client.close()
            raise lost(error) from error
        except BaseException:
            client.close()
            raise
        return client

    def _reset(self) -> None:
        """After a refusal the connection is still good for the next recipient."""
        if not self._still_answers():
            self._drop()
        self._last_used = clock.monotonic()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


class _Pending:
    """A mail whose body is with the server; only the dot is missing."""

    def __init__(self, client: SmtpClient, timeouts: SmtpTimeouts) -> None:
        self._client = client
        self._timeouts = timeouts
        self.is_settled = False

    def accept(self) -> str:
        """Send the dot; see `PendingMail.accept`."""
        sock = self._client.sock
        assert sock is not None
        refuse_if_gone(sock)
        sock.settimeout(self._timeouts.dot_s)
        try:
            sock.sendall(b".\r\n")
            code, text = strict_reply(self._client)
        except OSError as error:
            raise MailInDoubt(f"The connection broke after the dot: {error}") from error
        sock.settimeout(self._timeouts.command_s)
        if code // 100 not in {2, 4, 5}:
            raise MailInDoubt(f"The server answered the dot with {code}.")
        self.is_settled = True
        if code // 100 == 2:
            return f"{code} {text}"
        raise judged(Stage.DOT, code, text.encode())
