"""Look into a workbook before it is read: refuse archives that would fill memory or disk.

A zip archive's own figures may lie, so every member is inflated and counted; nothing is kept.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from outreach.core.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE = 50 << 20
_MOST_MEMBERS = 200
_MOST_INFLATED = 1 << 30
_MOST_RATIO = 200
_RATIO_FROM = 8 << 20  # small members may be packed as well as they like
_LARGEST_DIRECTORY = 1 << 20
_MOST_CELLS = 16_000_000  # rows times columns, which is what reading a sheet takes room for
_LARGEST_ROW, _LARGEST_COLUMN = 1_048_576, 702  # ZZ
_CHUNK = 1 << 18
_TAIL = 65_557  # the longest end record: 22 bytes and a comment
_LOCAL = struct.Struct("<4s22xHH")
_END = struct.Struct("<4s8xII")
_REFERENCE = re.compile(rb' r="([A-Z]{1,3})(\d{1,7})"')
_STORED_DEFLATED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def check_workbook(path: Path) -> None:
    """Let a workbook pass whose members, inflated, are of a size that can be read.

    Raises:
        Invalid: It is damaged, locked, or grows too large.
    """
    name = path.name
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise Invalid(
            f"“{name}” is larger than the {LARGEST_FILE >> 20} MB we read of a workbook: "
            "save it as CSV and import that."
        )
    with path.open("rb") as file:
        members = _members(file, name, size)
        ends = [*(member.header_offset for member in members[1:]), size]
        total = 0
        for member, end in zip(members, ends, strict=True):
            total += _inflated(file, member, end, name, room=_MOST_INFLATED - total)


def _members(file: IO[bytes], name: str, size: int) -> list[zipfile.ZipInfo]:
    _check_directory(file, name, size)
    try:
        members = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise Invalid(_damaged(name)) from error
    if len(members) > _MOST_MEMBERS:
        raise Invalid(f"“{name}” has over {_MOST_MEMBERS} parts, so it is no plain workbook.")
    for member in members:
        if member.flag_bits & 1:
            raise Invalid(f"“{name}” is locked with a password: save it without one.")
        odd_name = ".." in member.filename.split("/") or member.filename.startswith("/")
        if odd_name or member.compress_type not in _STORED_DEFLATED:
            raise Invalid(_damaged(name))
    return sorted(members, key=lambda member: member.header_offset)


def _check_directory(file: IO[bytes], name: str, size: int) -> None:
    """Refuse a table of contents so long that reading it would take seconds."""
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise Invalid(_damaged(name))
    _, directory_size, _ = _END.unpack_from(tail, at)
    if directory_size > _LARGEST_DIRECTORY:
        raise Invalid(f"“{name}” has over {_MOST_MEMBERS} parts, so it is no plain workbook.")


def _inflated(file: IO[bytes], member: zipfile.ZipInfo, end: int, name: str, *, room: int) -> int:
    """Return a member's true size; parts may not overlap, so none is counted only once."""
    file.seek(member.header_offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise Invalid(_damaged(name))
    _, name_size, extra_size = _LOCAL.unpack(head)
    start = member.header_offset + 30 + name_size + extra_size
    if start + member.compress_size > end:
        raise Invalid(_damaged(name))
    file.seek(start)
    counter = _Counter(member, name, room)
    left = member.compress_size
    while left > 0 and (packed := file.read(min(_CHUNK, left))):
        left -= len(packed)
        counter.feed(packed)
    return counter.size


class _Counter:
    """Counts a member's bytes while they are inflated, and how far a sheet's cells reach."""

    def __init__(self, member: zipfile.ZipInfo, name: str, room: int) -> None:
        self.size = 0
        self._name, self._room, self._packed = name, room, 0
        is_deflated = member.compress_type == zipfile.ZIP_DEFLATED
        self._inflate = zlib.decompressobj(-15) if is_deflated else None
        self._is_sheet = member.filename.startswith("xl/worksheets/")
        self._rest = b""
        self._row = self._column = 0

    def feed(self, packed: bytes) -> None:
        self._packed += len(packed)
        if self._inflate is None:
            self._count(packed)
            return
        while packed:
            try:
                self._count(self._inflate.decompress(packed, _CHUNK))
            except zlib.error as error:
                raise Invalid(_damaged(self._name)) from error
            packed = self._inflate.unconsumed_tail

    def _count(self, chunk: bytes) -> None:
        self.size += len(chunk)
        is_bomb = self.size > _RATIO_FROM and self.size > _MOST_RATIO * self._packed
        if self.size > self._room or is_bomb:
            raise Invalid(
                f"“{self._name}” unpacks to far more than it holds, so it is not read. "
                "If it is a true export, save it as CSV and import that."
            )
        if self._is_sheet and chunk:
            self._reach(chunk)

    def _reach(self, chunk: bytes) -> None:
        chunk = self._rest + chunk
        self._rest = chunk[-24:]
        for letters, digits in set(_REFERENCE.findall(chunk)):
            self._row = max(self._row, int(digits))
            self._column = max(self._column, _column_number(letters))
        if self._row > _LARGEST_ROW or self._column > _LARGEST_COLUMN:
            raise Invalid(f"“{self._name}” has a sheet too wide or too long to be a table.")
        if self._row * self._column > _MOST_CELLS:
            raise Invalid(
                f"“{self._name}” has a sheet of {self._row:,} rows and {self._column:,} columns: "
                "save it as CSV and import that."
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _damaged(name: str) -> str:
    return f"“{name}” is damaged, or is no workbook: open it, save it again, and import that."
