"""Keep the bytes of imported files in the data directory, under their hash."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.imports.models import ImportFile

FOLDER = "imports"
_CHUNK_BYTES = 1 << 20
_UNSAFE = re.compile(r"[^\w.\-() ]+")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file whose bytes are safe; `line_ends` tells about how many rows it has."""

    path: Path
    filename: str
    sha256: str
    size_bytes: int
    line_ends: int


def keep_file(data_dir: Path, stream: IO[bytes], filename: str) -> KeptFile:
    """Stream a file to disk under its hash; bytes that are there already are kept once."""
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    digest, size, line_ends = hashlib.sha256(), 0, 0
    handle, draft = tempfile.mkstemp(dir=folder, prefix="draft-")
    try:
        with os.fdopen(handle, "wb") as target:
            while chunk := stream.read(_CHUNK_BYTES):
                target.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                line_ends += chunk.count(b"\n")
            target.flush()
            os.fsync(target.fileno())
        path = kept_path(data_dir, digest.hexdigest(), filename)
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(draft).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(draft).unlink()
        raise
    return KeptFile(path, filename, digest.hexdigest(), size, line_ends)


def drop_file(kept: KeptFile) -> None:
    """Forget a file that turned out not to be importable."""
    kept.path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # another name of the same bytes is still wanted
        kept.path.parent.rmdir()


def kept_path(data_dir: Path, sha256: str, filename: str) -> Path:
    """Return where a file's bytes are; its own name stays, for the sentences people read."""
    name = _UNSAFE.sub("_", Path(filename.replace("\\", "/")).name)[-_LONGEST_NAME:].lstrip(".")
    return data_dir / FOLDER / sha256[:2] / sha256 / (name or "file")


def path_of(data_dir: Path, file: ImportFile) -> Path:
    """Return where an import's file is."""
    return kept_path(data_dir, file.sha256, file.filename)
