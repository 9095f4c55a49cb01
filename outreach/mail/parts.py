"""Reads the bytes of a stranger's mail into parts: linear time, capped, and never an error.

Not the standard library's parser, which takes seconds for a megabyte of parts or parameters and
gives up on deep nesting; what it would refuse, this reads as well as it can.
"""

from __future__ import annotations

import binascii
import codecs
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 10 * 1024 * 1024
MAX_HEADER_BYTES = 256 * 1024
MAX_HEADERS = 1_000
MAX_PARTS = 300
MAX_DEPTH = 10
MAX_TEXT_BYTES = 512 * 1024
MAX_VALUE = 16 * 1024

_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_-]{1,40})\*?(?:0\*?)?\s*=\s*(?:"([^"]*)"|([^;\s]*))')
_HEADER_NAME = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Text codecs that are no charsets of mail, or slow on purpose-made input.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})


@dataclass(frozen=True)
class Part:
    """One part of a mail, or the whole; header names are lower-case, values unfolded."""

    headers: tuple[tuple[str, str], ...]
    content_type: str
    parameters: dict[str, str]
    body: bytes = b""  # transfer encoding undone; empty when there are parts inside
    parts: tuple[Part, ...] = field(default=())

    def raw_header(self, name: str) -> str:
        """Return the first header of this name as it is written, "" when there is none."""
        return self._by_name.get(name.lower(), "")

    def header(self, name: str) -> str:
        """Return the first header of this name, its encoded words read."""
        return decoded_words(self.raw_header(name))

    def has(self, name: str) -> bool:
        """Tell whether there is a header of this name."""
        return name.lower() in self._by_name

    def walk(self) -> Iterator[Part]:
        """Yield this part and all inside it, first things first."""
        yield self
        for part in self.parts:
            yield from part.walk()

    @cached_property
    def text(self) -> str:
        """The body as text with plain line ends, cut at the cap."""
        text = decoded(self.body[:MAX_TEXT_BYTES], self.parameters.get("charset", ""))
        return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))

    @property
    def is_attachment(self) -> bool:
        """Whether it is meant to be saved, not shown."""
        return self.raw_header("content-disposition").lstrip().lower().startswith("attachment")

    @cached_property
    def _by_name(self) -> dict[str, str]:
        first: dict[str, str] = {}
        for name, value in self.headers:
            first.setdefault(name, value)
        return first


def read_parts(raw: bytes) -> Part:
    """Read a whole mail; damage gives fewer parts, never an exception."""
    data = raw[:MAX_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if data.startswith((b"From ", b">From ")):  # a line of the mbox format, not of the mail
        data = data.partition(b"\n")[2]
    return _part(data, 0, [MAX_PARTS], "text/plain")


def decoded_words(value: str) -> str:
    """Read the encoded words of a header value (RFC 2047)."""
    if "=?" not in value:
        return _CONTROLS.sub(" ", value).strip()
    chunks: list[tuple[str, bytes | str]] = []
    place = 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[place : word.start()]
        if between.strip() or (between and not chunks):
            chunks.append(("", between))
        chunks.append((word[1].lower(), _word_bytes(word[2].lower(), word[3])))
        place = word.end()
    chunks.append(("", value[place:]))
    return _CONTROLS.sub(" ", _joined(chunks)).strip()


def decoded(data: bytes, charset: str) -> str:
    """Read bytes as text: the charset said, else UTF-8, else what Windows would take it for."""
    name = charset.strip().strip("'\"").lower()
    if name and name not in {"us-ascii", "ascii", "utf-8", "utf8"}:
        try:
            found = codecs.lookup(name)
            if found.name not in _NO_CHARSETS:
                return data.decode(found.name, "replace")
        except (LookupError, ValueError, UnicodeError):
            pass  # no such charset: guess below
    if b"\x1b$" in data:
        return data.decode("iso2022_jp", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8" if name.startswith("utf") else "cp1252", "replace")


def _joined(chunks: list[tuple[str, bytes | str]]) -> str:
    """Join words of one charset before reading them: some senders cut characters in two."""
    out: list[str] = []
    held, held_charset = b"", ""
    for charset, chunk in [*chunks, ("", "")]:
        if isinstance(chunk, bytes) and charset == held_charset:
            held += chunk
            continue
        out.append(decoded(held, held_charset))
        held, held_charset = (chunk, charset) if isinstance(chunk, bytes) else (b"", "")
        out.append(chunk if isinstance(chunk, str) else "")
    return "".join(out)


def _word_bytes(kind: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if kind == "q":
        return binascii.a2b_qp(data, header=True)
    return _base64(data)


def _part(data: bytes, depth: int, left: list[int], default: str) -> Part:
    """Read one part; `left` counts down how many more the whole mail may have."""
    left[0] -= 1
    headers, body = _split_headers(data)
    by_name = dict(reversed(headers))
    content_type, parameters = _content_type(by_name.get("content-type", ""), default)
    inside: list[Part] = []
    if depth < MAX_DEPTH and content_type.startswith("multipart/") and parameters.get("boundary"):
        child = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        chunks = _split_multipart(body, parameters["boundary"], left[0])
        inside = [_part(chunk, depth + 1, left, child) for chunk in chunks if left[0] > 0]
    elif content_type.startswith("multipart/"):
        content_type = "text/plain"  # cannot be taken apart; its words may still be read
    else:
        body = _undone(body, by_name.get("content-transfer-encoding", ""))
        if content_type in {"message/rfc822", "message/global"} and depth < MAX_DEPTH and left[0]:
            inside.append(_part(body.lstrip(b"\n"), depth + 1, left, "text/plain"))
    kept = b"" if inside else body
    return Part(tuple(headers), content_type, parameters, kept, tuple(inside))


def _split_headers(data: bytes) -> tuple[list[tuple[str, str]], bytes]:
    if data.startswith(b"\n"):
        return [], data[1:]
    head, found, body = data.partition(b"\n\n")
    if not found or len(head) > MAX_HEADER_BYTES:
        head = data[:MAX_HEADER_BYTES]
    headers: list[tuple[str, list[bytes]]] = []
    for line in head.split(b"\n"):
        if line[:1] in {b" ", b"\t"} and headers:
            headers[-1][1].append(line)
        elif _HEADER_NAME.match(line) and len(headers) < MAX_HEADERS:
            name, _, value = line.partition(b":")
            headers.append((name.strip().lower().decode("ascii"), [value]))
    return [(name, _value(lines)) for name, lines in headers], body


def _value(lines: list[bytes]) -> str:
    value = b"".join(lines)[:MAX_VALUE]
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace").strip()


def _content_type(value: str, default: str) -> tuple[str, dict[str, str]]:
    kind = value.partition(";")[0].strip().lower()
    if not re.fullmatch(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", kind):
        kind = default
    found: dict[str, str] = {}
    for parameter in _PARAMETER.finditer(value[:4000]):
        quoted = parameter[2] if parameter[2] is not None else parameter[3]
        found.setdefault(parameter[1].lower(), quoted)
    return kind, found


def _split_multipart(body: bytes, boundary: str, most: int) -> list[bytes]:
    """Cut at the delimiter lines; a delimiter that only begins alike is part of the text."""
    delimiter = b"\n--" + boundary.encode("utf-8", "replace")
    chunks: list[list[bytes]] = []
    for piece in (b"\n" + body).split(delimiter)[1:]:
        line, _, rest = piece.partition(b"\n")
        tail = line.strip()
        if tail not in {b"", b"--"}:
            if chunks:
                chunks[-1] += [delimiter, piece]
            continue
        if tail == b"--" or len(chunks) >= most:
            break
        chunks.append([rest])
    return [b"".join(chunk) for chunk in chunks]


def _undone(body: bytes, encoding: str) -> bytes:
    kind = encoding.strip().lower()
    if kind == "quoted-printable":
        return binascii.a2b_qp(body)
    if kind == "base64":
        return _base64(body)
    return body


def _base64(data: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    try:
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return b""
