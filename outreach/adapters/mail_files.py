"""Reads mails out of files: one mail (.eml), many in an mbox, or a Maildir."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.ports.mail import IncomingMail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_MAIL_BYTES = 10 * 1024 * 1024  # more is cut, as when reading over IMAP
FOLDER = "files"
# "From somebody Wed Nov 18 12:00:00 2026": an address or a dash, and a year somewhere after it.
_SEPARATOR = re.compile(rb"From \S* .*\b(?:19|20)\d\d\b")
_QUOTED_SEPARATOR = re.compile(rb">+From ")
_HEADER = re.compile(rb"[!-9;-~]{1,60}[ \t]*:")


def mails_in(path: Path) -> Iterator[IncomingMail]:
    """Yield the mails of a file or Maildir, in the order they stand there.

    A mail's number is made of its bytes, so that no two runs ever give one number to two mails.

    Raises:
        Invalid: There is no such file, or there is no mail in it.
    """
    if path.is_dir():
        raws = _maildir(path)
    elif path.is_file():
        raws = _file(path)
    else:
        raise Invalid(f"There is no file “{path.name}”.")
    for raw in raws:
        digest = hashlib.sha256(raw).hexdigest()
        yield IncomingMail(FOLDER, 1, int(digest[:15], 16), raw)


def _maildir(path: Path) -> Iterator[bytes]:
    if not (path / "cur").is_dir():
        raise Invalid(f"“{path.name}” is a folder, but not a Maildir: it has no cur.")
    places = [path / part for part in ("cur", "new") if (path / part).is_dir()]
    files = [file for place in places for file in place.iterdir() if not file.name.startswith(".")]
    for file in sorted(files, key=lambda file: file.name):
        with file.open("rb") as stream:
            yield stream.read(MAX_MAIL_BYTES)


def _file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        start = stream.read(65_536)
    if _SEPARATOR.match(start):
        yield from _mbox(path)
        return
    first_line = start.lstrip(b"\r\n").split(b"\n", 1)[0]
    if not _HEADER.match(first_line) or b"\x00" in start:
        raise Invalid(f"“{path.name}” is neither a mail nor an mbox of mails.")
    with path.open("rb") as stream:
        yield stream.read(MAX_MAIL_BYTES)


def _mbox(path: Path) -> Iterator[bytes]:
    """Cut at separator lines after an empty line; undo the quoting of lines that look like one."""
    lines: list[bytes] = []
    size, is_after_blank, has_begun = 0, True, False
    with path.open("rb") as stream:
        for line in stream:
            if is_after_blank and _SEPARATOR.match(line):
                if has_begun:
                    yield _joined(lines)
                lines, size, has_begun = [], 0, True
                is_after_blank = False
                continue
            is_after_blank = line in {b"\n", b"\r\n"}
            if size < MAX_MAIL_BYTES:
                lines.append(line[1:] if _QUOTED_SEPARATOR.match(line) else line)
                size += len(line)
    if has_begun:
        yield _joined(lines)


def _joined(lines: list[bytes]) -> bytes:
    """Put a mail together without the empty line that ends it in an mbox."""
    if lines and lines[-1] in {b"\n", b"\r\n"}:
        lines = lines[:-1]
    return b"".join(lines)[:MAX_MAIL_BYTES]
