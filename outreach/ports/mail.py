"""What we ask of mail servers: hand over one message in two steps, read what came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


class MailSecurity(StrEnum):
    """How the connection to a mail server is protected."""

    TLS = "tls"  # implicit TLS (465, 993)
    STARTTLS = "starttls"  # required, never opportunistic (587)
    NONE = "none"  # loopback only: tests and the demo


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and how to reach one mail server as one user."""

    host: str
    port: int
    security: MailSecurity
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Leave the password out of every log and traceback."""
        return f"MailServer({self.host}:{self.port}, {self.security})"


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """The very bytes that will be sent, and to whom."""

    envelope_from: str
    recipient: str
    raw: bytes
    message_id: str  # with angle brackets, as in the header


class BlameFor(StrEnum):
    """Whose problem a refusal is."""

    RECIPIENT = "recipient"
    MAILBOX = "mailbox"


class MailRefused(Exception):
    """Permanent: the same mail would be refused again (5xx before or at the dot)."""

    def __init__(self, reply: str, *, code: int, blame: BlameFor, is_hard: bool = False) -> None:
        super().__init__(reply)
        self.reply, self.code, self.blame, self.is_hard = reply, code, blame, is_hard


class MailDelayed(Exception):
    """Temporary: surely not sent; try the same mail later (4xx, or lost before the dot)."""

    def __init__(self, reply: str, *, code: int | None, blame: BlameFor) -> None:
        super().__init__(reply)
        self.reply, self.code, self.blame = reply, code, blame


class MailInDoubt(Exception):
    """The dot went out and no clear answer came: it may have been sent."""


class PendingMail(Protocol):
    """A mail whose body the server has, without the final dot."""

    def accept(self) -> str:
        """Send the dot; return the server's 2xx text.

        Raises:
            MailRefused: 5xx to the dot.
            MailDelayed: 4xx to the dot.
            MailInDoubt: Anything else, a time-out or a lost connection.
        """
        ...


class MailSender(Protocol):
    """Hands over mail so that a commit can stand between the body and the dot."""

    def offer(self, mail: OutgoingMail) -> AbstractContextManager[PendingMail]:
        """Connect and transmit everything but the dot; leaving without `accept` sends nothing.

        Raises:
            MailRefused: Refused for good.
            MailDelayed: Not now.
        """
        ...


@dataclass(frozen=True, slots=True)
class FolderCursor:
    """How far a folder has been read."""

    uidvalidity: int = 0
    last_uid: int = 0


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """One message as the server holds it, unparsed."""

    folder: str
    uidvalidity: int
    uid: int
    raw: bytes


class MailboxUnreadable(Exception):
    """Incoming mail cannot be read; `needs_person` says that waiting will not help."""

    def __init__(self, said: str, *, needs_person: bool) -> None:
        super().__init__(said)
        self.said, self.needs_person = said, needs_person


class MailReader(Protocol):
    """Reads a mailbox without changing anything in it.

    Every method raises `MailboxUnreadable` when the mailbox cannot be reached or says no.
    """

    def new_mail(self, folder: str, cursor: FolderCursor) -> Iterator[IncomingMail]:
        """Yield messages after the cursor, oldest first, all of them when UIDVALIDITY changed.

        A folder that does not exist has no messages.
        """
        ...

    def has_message(self, folder: str, message_id: str) -> bool:
        """Tell whether a folder holds a message with this Message-ID."""
        ...

    def sent_folder(self) -> str | None:
        """Name the folder marked as Sent, if the server has one."""
        ...

    def junk_folder(self) -> str | None:
        """Name the folder marked as Junk, if the server has one: replies land there, too."""
        ...

    def close(self) -> None:
        """Let go of the server; the next question connects anew."""
        ...
