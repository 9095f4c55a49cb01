"""Open any text file a person may drop on us, or say in one sentence why it is not text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal

from charset_normalizer import from_bytes

from outreach.core.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_BYTES = 65_536
_CHUNK_BYTES = 1 << 20
_LONGEST_LINE_CHUNKS = 8

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "shift_jis",
    "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip
_SEPARATORS = re.compile(rb"[\s,;\"]+")
_BINARY = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive; unpack it and import the file inside"),
    (b"PK\x03\x04", "a zip archive; unpack it and import the file inside"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it and import the file inside"),
    (b"SQLite format 3", "an SQLite database"),
)


@dataclass(frozen=True, slots=True)
class TextFile:
    """How to read a file as text."""

    path: Path
    encoding: str
    size_bytes: int
    has_nul: bool

    def open(self) -> IO[str]:
        """Open for reading, line ends as they are, undecodable bytes shown as U+FFFD."""
        return self.path.open(encoding=self.encoding, errors="replace", newline="")

    def sample(self) -> str:
        """Return the first 64 K characters without NULs."""
        with self.open() as file:
            return file.read(SAMPLE_BYTES).replace("\0", "")

    def estimate_lines(self) -> int:
        """Guess the number of lines from the first 64 KB, for a progress bar."""
        with self.path.open("rb") as file:
            head = file.read(SAMPLE_BYTES)
        lines = max(1, head.count(b"\n") or head.count(b"\r"))
        return max(1, round(lines * self.size_bytes / len(head)))

    def tail(self) -> str:
        """Return about the last 64 K characters of a UTF-16 file."""
        with self.path.open("rb") as file:
            mark = file.read(2)
            file.seek(max(0, self.size_bytes - 2 * SAMPLE_BYTES) // 2 * 2)
            big = mark == codecs.BOM_UTF16_BE or self.encoding == "utf-16-be"
            return file.read().decode("utf-16-be" if big else "utf-16-le", errors="replace")


def read_head(path: Path) -> bytes:
    """Return a file's first bytes.

    Raises:
        Invalid: It is missing or empty.
    """
    if not path.is_file():
        raise Invalid(f"There is no file “{path.name}”.")
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if not head.strip():
        raise Invalid(f"“{path.name}” is empty.")
    return head


def open_text(path: Path) -> TextFile:
    """Find out how to read a file as text.

    Raises:
        Invalid: It is missing, empty, cut off inside a character, or not text at all.
    """
    head = read_head(path)
    size = path.stat().st_size
    _refuse_binary(path.name, head)
    encoding = _marked_encoding(head) or _unmarked_utf16(head)
    if encoding and encoding.startswith("utf-16") and size % 2:
        raise Invalid(
            f"“{path.name}” ends in the middle of a character, so its download was cut off: "
            "download it again."
        )
    if encoding and not encoding.startswith("utf-8"):
        _check_line_ends(path, encoding, head)
        return TextFile(path, encoding, size, has_nul=False)
    return _scan(path, encoding or "utf-8", size)


def _refuse_binary(name: str, head: bytes) -> None:
    for magic, kind in _BINARY:
        if head.startswith(magic):
            raise Invalid(f"“{name}” is {kind}.")


def _marked_encoding(head: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def _unmarked_utf16(head: bytes) -> str | None:
    """Recognise UTF-16 without a mark by its zero bytes: every second one, in Latin text."""
    half = len(head) // 2
    if half < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _check_line_ends(path: Path, encoding: str, head: bytes) -> None:
    """Refuse a file of wide characters with a line that would fill memory."""
    unit = 4 if encoding == "utf-32" else 2
    is_big = head.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)) or encoding[-2:] == "be"
    order: Literal["big", "little"] = "big" if is_big else "little"
    ends = [ord(end).to_bytes(unit, order) for end in "\n\r"]
    lineless = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            has_end = any(_aligned(chunk, end) for end in ends)
            lineless = 0 if has_end else lineless + 1
            if lineless >= _LONGEST_LINE_CHUNKS:
                raise Invalid(_endless(path.name))


def _aligned(chunk: bytes, mark: bytes) -> bool:
    """Tell whether a wide character stands in a chunk, and not astride of two others."""
    at = chunk.find(mark)
    while at % len(mark) and at > 0:
        at = chunk.find(mark, at + 1)
    return at >= 0


def _endless(name: str) -> str:
    return f"“{name}” has a line of over 8 MB, so it is not a table."


def _scan(path: Path, encoding: str, size: int) -> TextFile:
    """Read the whole file once as bytes: is it UTF-8 to the end, is it text, are its lines sane?"""
    decoder = codecs.getincrementaldecoder("utf-8")()
    nuls = controls = lineless = read = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            nuls += chunk.count(0)
            controls += sum(chunk.count(byte) for byte in (1, 2, 3, 4, 5, 6, 7, 8))
            lineless = 0 if b"\n" in chunk or b"\r" in chunk else lineless + 1
            if lineless >= _LONGEST_LINE_CHUNKS:
                raise Invalid(_endless(path.name))
            read += len(chunk)
            if nuls + controls > max(_CHUNK_BYTES // 100, read // 2):
                raise Invalid(f"“{path.name}” is not a text file.")
            if encoding != "cp1252":
                encoding = _still_utf8(decoder, chunk, encoding)
    if nuls + controls > max(8, size // 100):
        raise Invalid(f"“{path.name}” is not a text file.")
    if encoding == "cp1252":
        encoding = _guess_legacy(path)
    return TextFile(path, encoding, size, has_nul=nuls > 0)


def _still_utf8(decoder: codecs.IncrementalDecoder, chunk: bytes, encoding: str) -> str:
    """Keep the encoding while every byte fits; a last character cut off is forgiven."""
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return "cp1252"
    return encoding


def _guess_legacy(path: Path) -> str:
    """Choose an encoding by the words that are not ASCII; Western unless they clearly say other."""
    matches = from_bytes(_foreign_words(path), cp_isolation=_CANDIDATES)
    best = matches.best()
    if best is None or not best.coherence:
        return "cp1252"
    western = any(found.encoding == "cp1252" and found.chaos <= best.chaos for found in matches)
    return "cp1252" if western else best.encoding


def _foreign_words(path: Path) -> bytes:
    words: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < SAMPLE_BYTES and (chunk := file.read(SAMPLE_BYTES)):
            if not chunk.isascii():
                found = [word for word in _SEPARATORS.split(chunk) if not word.isascii()]
                words += found
                size += sum(len(word) + 1 for word in found)
    return b" ".join(words)[:SAMPLE_BYTES]
