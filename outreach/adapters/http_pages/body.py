"""Reading an answer's body within two caps: bytes on the wire and bytes after inflating."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import aiohttp

from outreach.adapters.http_pages.policy import Refused
from outreach.ports.pages import FailureKind

if TYPE_CHECKING:
    from collections.abc import Sequence

inflater: Any
try:  # half the cost of zlib, where the wheel exists
    from isal import isal_zlib as inflater
except ImportError:  # pragma: no cover
    inflater = zlib

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_RAW_DEFLATE = -15


class Inflater:
    """Undo at most one gzip or deflate layer, never past `max_body`."""

    def __init__(self, encodings: Sequence[str], max_body: int) -> None:
        names = [name.strip().lower() for text in encodings for name in text.split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if len(names) > 1 or (names and names[0] not in _WINDOW):
            raise Refused(FailureKind.BAD_RESPONSE, f"encoded as {', '.join(names)}"[:100])
        self._name = names[0] if names else ""
        self._max_body = max_body
        self._stream: Any = self._start() if names else None
        self._is_over = False
        self._out = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes off the wire; raises Refused past the cap or on a broken stream."""
        if self._stream is None:
            self._out += data
        while data and self._stream is not None and not self._is_over:
            self._inflate(data)
            data = self._rest()
            if len(self._out) > self._max_body:
                break
        if len(self._out) > self._max_body:
            raise Refused(FailureKind.TOO_LARGE, f"more than {self._max_body} bytes")

    @property
    def is_complete(self) -> bool:
        """Whether the compressed stream came to its end, or there was none."""
        return self._stream is None or self._is_over or bool(self._stream.eof)

    @property
    def body(self) -> bytes:
        """What came out so far."""
        return bytes(self._out)

    def _start(self) -> Any:
        return inflater.decompressobj(_WINDOW[self._name])

    def _inflate(self, data: bytes) -> None:
        room = self._max_body + 1 - len(self._out)
        try:
            self._out += self._stream.decompress(data, room)
        except inflater.error:
            # "deflate" should be zlib's format; some servers send the bare stream.
            if self._name != "deflate" or self._out:
                raise Refused(FailureKind.BAD_RESPONSE, "broken compression") from None
            self._name = "raw"
            self._stream = inflater.decompressobj(_RAW_DEFLATE)
            self._inflate(data)

    def _rest(self) -> bytes:
        """Return what is still to inflate, going on to the next gzip member if one follows."""
        if not self._stream.eof:
            return bytes(self._stream.unconsumed_tail)
        following = bytes(self._stream.unused_data)
        if self._name.endswith("gzip") and following[:2] == b"\x1f\x8b":
            self._stream = self._start()
            return following
        self._is_over = bool(following)
        return b""


async def read_body(
    response: aiohttp.ClientResponse, *, max_wire: int, max_body: int, is_cut: bool = False
) -> tuple[bytes, bool]:
    """Return the decoded body and whether it is incomplete.

    `is_cut` asks for the beginning only: reaching a cap then ends the reading without a refusal.

    Raises:
        Refused: past a cap, for an encoding we never offered, or when nothing readable came.
    """
    stream = Inflater(response.headers.getall("Content-Encoding", []), max_body)
    try:
        await _read_into(stream, response, max_wire)
    except Refused as refused:
        if is_cut and refused.kind is FailureKind.TOO_LARGE:
            return stream.body[:max_body], True
        raise
    except aiohttp.ClientError as error:
        if not stream.body:
            raise Refused(FailureKind.BAD_RESPONSE, type(error).__name__) from None
        return stream.body, True
    return stream.body, not stream.is_complete


async def _read_into(stream: Inflater, response: aiohttp.ClientResponse, max_wire: int) -> None:
    wire = 0
    async for chunk in response.content.iter_any():
        wire += len(chunk)
        if wire > max_wire:
            raise Refused(FailureKind.TOO_LARGE, f"more than {max_wire} bytes on the wire")
        stream.feed(chunk)
