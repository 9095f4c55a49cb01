"""Reads mail over IMAP and leaves no trace: read-only folders, BODY.PEEK, no flags."""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from outreach.adapters.dialling import Dialler, ForbiddenAddress
from outreach.ports.mail import (
    FolderCursor,
    IncomingMail,
    MailboxUnreadable,
    MailSecurity,
    MailServer,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

MAX_MAIL_BYTES = 10 * 1024 * 1024  # more is cut; a reply fits many times over
MAX_BATCH_BYTES = 8 * 1024 * 1024
MAX_BATCH = 50
_SIZES_AT_ONCE = 500
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
# For servers without SPECIAL-USE marks: last parts of folder names, whatever the hierarchy.
_SENT_NAMES = (
    "sent",
    "sent items",
    "sent mail",
    "sent messages",
    "gesendet",
    "envoyés",
    "enviados",
)
_JUNK_NAMES = ("junk", "spam", "junk e-mail", "junk mail", "bulk mail", "courrier indésirable")


class ImapReader:
    """One mailbox's way in; connects when first asked and belongs to one thread."""

    def __init__(
        self,
        server: MailServer,
        *,
        allow_private: bool = False,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self._dialler = Dialler(server, allow_private=allow_private, tls=tls)
        self._timeout_s = timeout_s
        self._mailbox: _MailBox | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Log out and let go of the socket, whatever state it is in."""
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
                mailbox.logout()
            mailbox.hang_up()

    def new_mail(self, folder: str, cursor: FolderCursor) -> Iterator[IncomingMail]:
        """Yield what came after the cursor in batches, oldest first; see `MailReader.new_mail`."""
        with self._talking() as mailbox:
            uidvalidity = mailbox.examine(folder)
            if uidvalidity is None:
                return
            last = cursor.last_uid if uidvalidity == cursor.uidvalidity else 0
            uids = mailbox.uids_after(last)
        for batch in self._batches(folder, uids):
            with self._talking_about(folder) as mailbox:
                found = mailbox.raw_mails(batch)
            for uid in batch:
                if uid in found:  # else deleted in the meantime
                    yield IncomingMail(folder, uidvalidity, uid, found[uid])

    def has_message(self, folder: str, message_id: str) -> bool:
        """Search a folder by Message-ID header; a folder that does not exist holds nothing."""
        if not re.fullmatch(r"<[!#-;=?-\[\]-~]+>", message_id):
            return False  # no id of ours, and not to be put into a command
        with self._talking() as mailbox:
            if mailbox.examine(folder) is None:
                return False
            return bool(mailbox.search("HEADER", "Message-ID", f'"{message_id}"'))

    def sent_folder(self) -> str | None:
        """Name the folder marked as Sent (RFC 6154), else one that is called so."""
        return self._marked("\\sent", _SENT_NAMES)

    def junk_folder(self) -> str | None:
        """Name the folder marked as Junk (RFC 6154), else one that is called so."""
        return self._marked("\\junk", _JUNK_NAMES)

    def _marked(self, mark: str, names: tuple[str, ...]) -> str | None:
        with self._talking() as mailbox:
            folders = list(mailbox.folder.list())
        for folder in folders:
            if any(flag.lower() == mark for flag in folder.flags):
                return str(folder.name)
        for folder in folders:
            last_part = folder.name.rpartition(folder.delim)[2] if folder.delim else folder.name
            if last_part.lower() in names:
                return str(folder.name)
        return None

    def check_sign_in(self) -> None:
        """Connect and sign in, to prove the settings work."""
        self.close()
        with self._talking():
            pass
        self.close()

    def _batches(self, folder: str, uids: list[int]) -> Iterator[list[int]]:
        """Group mails so that no batch is larger than we want to hold in memory."""
        for start in range(0, len(uids), _SIZES_AT_ONCE):
            chunk = uids[start : start + _SIZES_AT_ONCE]
            with self._talking_about(folder) as mailbox:
                sizes = mailbox.sizes(chunk)
            batch: list[int] = []
            held = 0
            for uid in chunk:
                size = min(sizes.get(uid, MAX_MAIL_BYTES), MAX_MAIL_BYTES)
                if batch and (len(batch) >= MAX_BATCH or held + size > MAX_BATCH_BYTES):
                    yield batch
                    batch, held = [], 0
                batch.append(uid)
                held += size
            yield batch

    @contextmanager
    def _talking(self) -> Iterator[_MailBox]:
        """Give the signed-in mailbox; any failure ends the connection and gets a plain sentence."""
        try:
            if self._mailbox is None:
                self._mailbox = _signed_in(self._dialler, self._timeout_s)
            yield self._mailbox
        except MailboxUnreadable:
            self.close()
            raise
        except (imaplib.IMAP4.error, ImapToolsError, OSError, ValueError) as error:
            self._abandon()
            said = f"The mail server broke off: {error}"[:500]
            raise MailboxUnreadable(said, needs_person=False) from error

    @contextmanager
    def _talking_about(self, folder: str) -> Iterator[_MailBox]:
        """Like `_talking`, in a folder; between two batches the caller may have used another."""
        with self._talking() as mailbox:
            if mailbox.folder.get() != folder:
                mailbox.examine(folder)
            yield mailbox

    def _abandon(self) -> None:
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            mailbox.hang_up()


class _Imap(imaplib.IMAP4):
    """imaplib's dialogue over a socket the dialler opened."""

    def __init__(self, dialler: Dialler, timeout_s: float) -> None:
        self._dialler = dialler
        super().__init__(dialler.server.host, dialler.server.port, timeout_s)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._dialler.connect(timeout or 30.0)


class _MailBox(BaseMailBox):
    """imap-tools' mailbox with the few questions we ask, raw bytes for an answer."""

    def __init__(self, dialler: Dialler, timeout_s: float) -> None:
        self._dialler, self._timeout_s = dialler, timeout_s
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _Imap(self._dialler, self._timeout_s)

    def hang_up(self) -> None:
        """Close the socket; a failed login and a logout both may leave it open."""
        with suppress(OSError):
            self.client.shutdown()

    def examine(self, folder: str) -> int | None:
        """Open a folder read-only; return its UIDVALIDITY, None when there is no such folder."""
        try:
            self.folder.set(folder, readonly=True)
        except MailboxFolderSelectError:
            return None
        _, values = self.client.response("UIDVALIDITY")
        return int(values[-1]) if values and values[-1] else 0

    def search(self, *criteria: str) -> list[int]:
        """Return the matching UIDs in order."""
        answer = self._asked("SEARCH", *criteria)
        return sorted(
            {int(uid) for part in answer if isinstance(part, bytes) for uid in part.split()}
        )

    def uids_after(self, last: int) -> list[int]:
        """Return UIDs beyond the last; `n:*` always names the newest message, so that is cut."""
        return [uid for uid in self.search("UID", f"{last + 1}:*") if uid > last]

    def sizes(self, uids: list[int]) -> dict[int, int]:
        """Return the size of each message the server still has."""
        found = {}
        for part in self._asked("FETCH", _set_of(uids), "(UID RFC822.SIZE)"):
            line = part[0] if isinstance(part, tuple) else part or b""
            uid, size = _UID.search(line), _SIZE.search(line)
            if uid and size:
                found[int(uid[1])] = int(size[1])
        return found

    def raw_mails(self, uids: list[int]) -> dict[int, bytes]:
        """Return the bytes of each message the server still has, cut at the cap."""
        wanted = f"(UID BODY.PEEK[]<0.{MAX_MAIL_BYTES}>)"
        answer = self._asked("FETCH", _set_of(uids), wanted)
        found = {}
        for place, part in enumerate(answer):
            if not isinstance(part, tuple):
                continue
            after = answer[place + 1] if place + 1 < len(answer) else b""
            # The UID stands before or after the literal, as the server likes.
            uid = _UID.search(part[0]) or _UID.search(after if isinstance(after, bytes) else b"")
            if uid:
                found[int(uid[1])] = part[1]
        return found

    def _asked(self, *command: str) -> list[bytes | tuple[bytes, bytes] | None]:
        status, answer = self.client.uid(*command)
        if status != "OK":
            raise imaplib.IMAP4.error(f"{command[0]} was answered with {status}")
        return list(answer)


def _set_of(uids: list[int]) -> str:
    return ",".join(map(str, uids))


def _signed_in(dialler: Dialler, timeout_s: float) -> _MailBox:
    try:
        mailbox = _MailBox(dialler, timeout_s)
    except ForbiddenAddress as error:
        raise MailboxUnreadable(str(error), needs_person=True) from error
    except ssl.SSLCertVerificationError as error:
        raise _untrusted(error) from error
    try:
        _sign_in(mailbox, dialler)
    except BaseException:
        mailbox.hang_up()
        raise
    return mailbox


def _sign_in(mailbox: _MailBox, dialler: Dialler) -> None:
    server = dialler.server
    try:
        if server.security is MailSecurity.STARTTLS:
            mailbox.client.starttls(dialler.context())
        if (server.username + server.password).isascii():
            mailbox.login(server.username, server.password, initial_folder=None)
        else:
            mailbox.login_utf8(server.username, server.password, initial_folder=None)
    except ssl.SSLCertVerificationError as error:
        raise _untrusted(error) from error
    except imaplib.IMAP4.abort:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        said = f"The mail server refused the sign-in: {error}"[:500]
        raise MailboxUnreadable(said, needs_person=True) from error


def _untrusted(error: ssl.SSLCertVerificationError) -> MailboxUnreadable:
    said = f"The server's certificate could not be trusted: {error.verify_message}"
    return MailboxUnreadable(said, needs_person=True)
