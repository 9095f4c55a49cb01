"""What a note may say, whom it calls, how it is shown, and what a file may be called."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.core.urls import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_NOTE = 20_000
LONGEST_FILENAME = 150
_NAMELESS = "file"
_LINK = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
_AFTER_LINK = ".,;:!?)]}'’»"
_BEFORE_CALL = re.compile(r"(?<![\w@./+-])@(?=\w)")
_NAME_GOES_ON = re.compile(r"[\w@]|[.-]\w")
_UNSAFE = re.compile(r'[<>:"/\\|?*%]')

# What browsers may be told a file is; all else, and all they would run, is only bytes.
MEDIA_TYPES = {
    "csv": "text/csv", "doc": "application/msword", "gif": "image/gif", "jpeg": "image/jpeg",
    "jpg": "image/jpeg", "pdf": "application/pdf", "png": "image/png", "txt": "text/plain",
    "webp": "image/webp", "xls": "application/vnd.ms-excel", "zip": "application/zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
ANY_MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Mentionable:
    """Somebody a note may call with an @."""

    id: int
    name: str
    email: str

    @property
    def handle(self) -> str:
        """The local part of the address, which is what the autocomplete writes."""
        return self.email.split("@", 1)[0]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a note: words, a call (`is_call`), or a link (`href`)."""

    text: str
    href: str = ""
    is_call: bool = False


def tidy_body(text: str) -> str:
    """Make a note's text as it is kept: no control characters, line ends as one.

    Raises:
        Invalid: Nothing is left, or it is too long.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body = "\n".join(_shown(line).rstrip() for line in lines).strip("\n")
    if not body.strip():
        raise Invalid("Write something first.")
    if len(body) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE:,} characters; this has {len(body):,}.")
    return body


def called_in(body: str, people: Sequence[Mentionable]) -> set[int]:
    """Return whom a note calls: @ and a whole name, a first name nobody shares, or a handle."""
    return {person_id for _, _, person_id in _calls(body, people)}


def pieces_of(body: str, called: Sequence[Mentionable]) -> list[Piece]:
    """Cut a note into words, links and the calls of those it really called."""
    marks = [(start, end, Piece(body[start:end], is_call=True))
             for start, end, _ in _calls(body, called)]  # fmt: skip
    taken = [(start, end) for start, end, _ in marks]
    for start, end, href in _links(body):
        if not any(start < other_end and other < end for other, other_end in taken):
            marks.append((start, end, Piece(body[start:end], href=href)))
    pieces, at = [], 0
    for start, end, piece in sorted(marks, key=lambda mark: mark[0]):
        if start > at:
            pieces.append(Piece(body[at:start]))
        pieces.append(piece)
        at = end
    if at < len(body):
        pieces.append(Piece(body[at:]))
    return pieces


def first_line(body: str, limit: int = 120) -> str:
    """Return how a note begins, on one line."""
    line = " ".join(body.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def safe_filename(given: str) -> str:
    """Return a name no system reads as a path, a device or something else than it seems."""
    bare = given.replace("\\", "/").rsplit("/", 1)[-1]
    name = _UNSAFE.sub("_", _shown(unicodedata.normalize("NFC", bare)))
    name = " ".join(name.split()).strip(" .")
    if not name or not re.search(r"\w", name):
        return _NAMELESS
    if len(name) > LONGEST_FILENAME:
        stem, dot, ending = name.rpartition(".")
        keeps = dot and len(ending) <= 10
        room = LONGEST_FILENAME - (len(ending) + 1 if keeps else 0)
        name = (stem if keeps else name)[:room].rstrip(" .") + (f".{ending}" if keeps else "")
    return name


def media_type_of(filename: str) -> str:
    """Return the type a file is handed out as, by its name's ending only."""
    _, dot, ending = filename.rpartition(".")
    return MEDIA_TYPES.get(ending.lower(), ANY_MEDIA_TYPE) if dot else ANY_MEDIA_TYPE


def _shown(text: str) -> str:
    """Leave out what has no glyph: controls, marks that turn the direction of writing."""
    return "".join(
        char
        for char in text
        if char == "\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
    )


def _links(body: str) -> Iterable[tuple[int, int, str]]:
    for match in _LINK.finditer(body):
        text = match.group().rstrip(_AFTER_LINK)
        address = parse_address(text)
        if address is not None:
            yield match.start(), match.start() + len(text), address.url


def _calls(body: str, people: Sequence[Mentionable]) -> list[tuple[int, int, int]]:
    names = _names(people)
    folded = body.casefold()
    if len(folded) != len(body):  # a letter that folds to two: positions would not agree
        folded = body.lower() if len(body.lower()) == len(body) else body
    found = []
    for match in _BEFORE_CALL.finditer(body):
        rest = folded[match.end() :]
        for name, person_id in names:
            if rest.startswith(name) and not _NAME_GOES_ON.match(rest, len(name)):
                found.append((match.start(), match.end() + len(name), person_id))
                break
    return found


def _names(people: Sequence[Mentionable]) -> list[tuple[str, int]]:
    """Return what people may be called by, the longest first, without what two of them share."""
    by_name: dict[str, set[int]] = {}
    for person in people:
        first = person.name.split(" ", 1)[0]
        for name in {person.name, first, person.handle}:
            if name.strip():
                by_name.setdefault(name.strip().casefold(), set()).add(person.id)
    certain = [(name, ids.pop()) for name, ids in by_name.items() if len(ids) == 1]
    return sorted(certain, key=lambda item: (-len(item[0]), item[0]))
