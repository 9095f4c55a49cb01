"""Reads a Maildir behind the same port as IMAP.

Maildir has no numbers, so each folder gets a list of ours (`outreach-uidlist`) that gives every
file name its UID for ever, as Dovecot and Courier do. Nothing else is written.
"""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING

from outreach.ports.mail import FolderCursor, IncomingMail, MailboxUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_MAIL_BYTES = 10 * 1024 * 1024
UID_LIST = "outreach-uidlist"
_HEAD_BYTES = 65_536
_JUNK_NAMES = (".Junk", ".Spam", ".INBOX.Junk", ".INBOX.Spam")
_SENT_NAMES = (".Sent", ".INBOX.Sent", ".Sent Items", ".Sent Messages")


class MaildirReader:
    """One Maildir, its subfolders in Maildir++ style (`.Sent` beside `new` and `cur`)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def new_mail(self, folder: str, cursor: FolderCursor) -> Iterator[IncomingMail]:
        """Yield messages after the cursor in order of arrival; see `MailReader.new_mail`."""
        place = self._place(folder)
        if place is None:
            return
        uidvalidity, uids = self._numbered(place)
        last = cursor.last_uid if uidvalidity == cursor.uidvalidity else 0
        for name, uid in sorted(uids.items(), key=lambda item: item[1]):
            raw = self._read(place, name, MAX_MAIL_BYTES) if uid > last else None
            if raw is not None:
                yield IncomingMail(folder, uidvalidity, uid, raw)

    def has_message(self, folder: str, message_id: str) -> bool:
        """Look for the Message-ID in the head of every message of a folder."""
        place = self._place(folder)
        if place is None or not message_id:
            return False
        wanted = message_id.encode()
        for file in _files(place).values():
            with contextlib.suppress(FileNotFoundError), file.open("rb") as opened:
                head = opened.read(_HEAD_BYTES).replace(b"\r\n", b"\n").partition(b"\n\n")[0]
                unfolded = head.replace(b"\n ", b" ").replace(b"\n\t", b" ")
                if any(_names(line, wanted) for line in unfolded.split(b"\n")):
                    return True
        return False

    def sent_folder(self) -> str | None:
        """Name the Maildir++ folder that is called Sent."""
        return self._called(_SENT_NAMES)

    def junk_folder(self) -> str | None:
        """Name the Maildir++ folder that is called Junk or Spam."""
        return self._called(_JUNK_NAMES)

    def _called(self, names: tuple[str, ...]) -> str | None:
        for name in names:
            if (self._path / name / "cur").is_dir():
                return name.removeprefix(".")
        return None

    def close(self) -> None:
        """Nothing is held open."""

    def _place(self, folder: str) -> Path | None:
        """Return a folder's directory, None when there is none; a name never leads outside."""
        if not (self._path / "cur").is_dir():
            raise MailboxUnreadable("This is not a Maildir: it has no cur.", needs_person=True)
        if folder.upper() == "INBOX":
            return self._path
        if "/" in folder or "\\" in folder or folder.startswith("."):
            return None
        place = self._path / f".{folder}"
        return place if (place / "cur").is_dir() else None

    def _numbered(self, place: Path) -> tuple[int, dict[str, int]]:
        """Number what is new, forget what is gone, keep the list whole on disk."""
        uidvalidity, next_uid, uids = _read_list(place / UID_LIST)
        files = _files(place)
        kept = {name: uid for name, uid in uids.items() if name in files}
        for name in sorted(files.keys() - kept.keys(), key=lambda name: _arrival(files[name])):
            kept[name] = next_uid
            next_uid += 1
        if kept != uids or not uids:
            _write_list(place / UID_LIST, uidvalidity, next_uid, kept)
        return uidvalidity, kept

    def _read(self, place: Path, name: str, limit: int) -> bytes | None:
        """Read one message; it may have moved from new to cur since we looked, or be gone."""
        for _ in range(2):
            file = _files(place).get(name)
            if file is None:
                return None
            with contextlib.suppress(FileNotFoundError), file.open("rb") as opened:
                return opened.read(limit)
        return None


def _files(place: Path) -> dict[str, Path]:
    """Map each message's unique name, its flags cut off, to where it is now."""
    found = {}
    for part in ("new", "cur"):
        if (place / part).is_dir():
            for file in (place / part).iterdir():
                if not file.name.startswith("."):
                    found[file.name.partition(":")[0]] = file
    return found


def _arrival(file: Path) -> tuple[float, str]:
    try:
        return file.stat().st_mtime, file.name
    except FileNotFoundError:
        return 0.0, file.name


def _names(line: bytes, wanted: bytes) -> bool:
    return line[:11].lower() == b"message-id:" and line[11:].strip() == wanted


def _read_list(file: Path) -> tuple[int, int, dict[str, int]]:
    """Return UIDVALIDITY, next UID and the UIDs by name; fresh ones when there is no good list."""
    try:
        head, *lines = file.read_text("utf-8", "surrogateescape").splitlines()
        uidvalidity, next_uid = map(int, head.split())
        pairs = (line.partition(" ") for line in lines)
        return uidvalidity, next_uid, {name: int(uid) for uid, _, name in pairs}
    except (FileNotFoundError, ValueError):
        return secrets.randbelow(2**31 - 1) + 1, 1, {}


def _write_list(file: Path, uidvalidity: int, next_uid: int, uids: dict[str, int]) -> None:
    lines = [f"{uidvalidity} {next_uid}", *(f"{uid} {name}" for name, uid in uids.items())]
    draft = file.with_name(f"{file.name}.tmp")
    draft.write_text("\n".join(lines) + "\n", "utf-8", "surrogateescape")
    draft.replace(file)
