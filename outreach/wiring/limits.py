"""Limits on a process that reads hostile bytes."""

from __future__ import annotations

import contextlib
import sys

CRAWLER_MEMORY = 2 * 1024**3  # bytes of address space; a page that wants more ends the crawler only


def limit_memory(size_bytes: int) -> None:
    """Let this process die of its own memory hunger, not the machine; a no-op where unsupported."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not there on Windows

    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size_bytes, hard))
