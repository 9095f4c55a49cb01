"""Header text by RFC 2047, written by us: short encoded words, lines of at most 76."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_LINE = 76
_MAX_WORD = _MAX_LINE - len("Subject: ")  # RFC 2047 grants 75, but a line holds the name, too
_OPENING = {"q": "=?utf-8?q?", "b": "=?utf-8?b?"}
_ROOM = _MAX_WORD - len("=?utf-8?q?") - len("?=")
_Q_LITERALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]*")


def fold_text(header: str, text: str) -> str:
    """Write unstructured text after `header: `, folded between words."""
    words = text.split(" ") if _is_plain(text) else _encoded_words(text)
    return _fold(header, words)


def fold_phrase(header: str, phrase: str, address: str) -> str:
    """Write a display name and its address in angle brackets after `header: `, folded."""
    if not phrase:
        return address
    if not _is_plain(phrase):
        words = _encoded_words(phrase)
    elif _ATOMS.fullmatch(phrase):
        words = phrase.split(" ")
    else:
        quoted = phrase.replace("\\", "\\\\").replace('"', '\\"')
        words = f'"{quoted}"'.split(" ")
    return _fold(header, [*words, address])


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text and all(len(word) < 60 for word in text.split(" "))


def _fold(header: str, words: list[str]) -> str:
    lines, room = [""], _MAX_LINE - len(header) - 2
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
            room = _MAX_LINE - 1
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _encoded_words(text: str) -> list[str]:
    """Encode in the shorter of the two ways, no character ever cut in two."""
    pieces = [_q(ch) for ch in text]
    as_q = sum(map(len, pieces))
    as_b = (len(text.encode("utf-8")) + 2) // 3 * 4
    if as_q <= as_b:
        return [f"{_OPENING['q']}{chunk}?=" for chunk in _chunks(pieces, _ROOM)]
    raw = _chunks(list(text), _ROOM // 4 * 3, size=lambda piece: len(piece.encode("utf-8")))
    return [f"{_OPENING['b']}{b64encode(chunk.encode('utf-8')).decode()}?=" for chunk in raw]


def _q(ch: str) -> str:
    if ch == " ":
        return "_"
    return ch if ch in _Q_LITERALS else "".join(f"={byte:02X}" for byte in ch.encode("utf-8"))


def _chunks(pieces: list[str], room: int, size: Callable[[str], int] = len) -> list[str]:
    chunks, used = [""], 0
    for piece in pieces:
        length = size(piece)
        if used + length > room and chunks[-1]:
            chunks.append("")
            used = 0
        chunks[-1] += piece
        used += length
    return chunks
