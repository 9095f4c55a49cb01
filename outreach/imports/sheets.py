"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS) as rows of text, read in a limited process of its own."""

from __future__ import annotations

import contextlib
import csv
import io
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from outreach.core.errors import Invalid
from outreach.imports.sheets_preflight import LARGEST_FILE, check_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

ENCODING = "xlsx"
MEMORY = 1 << 30  # bytes the process that reads a workbook may take
_WORKER = str(Path(__file__).with_name("sheets_worker.py"))
_BYTES_A_ROW = 40  # of packed workbooks, for a progress bar
_MOST_SHEETS = 20
_PATIENCE = 5.0  # seconds for the worker to end after its last row


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A workbook and one of its sheets; stands where a `TextFile` does."""

    path: Path
    size_bytes: int
    sheet: int = 0
    name: str = ""
    encoding: str = ENCODING

    def sheets(self) -> Iterator[SheetFile]:
        """Yield each of the workbook's sheets.

        Raises:
            Invalid: The workbook cannot be read.
        """
        for at, cells in list(_run(self.path))[:_MOST_SHEETS]:
            yield replace(self, sheet=at, name=cells[0])

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the sheet's rows, each with its number in the sheet; blank ones too.

        Raises:
            Invalid: The workbook cannot be read.
        """
        return _run(self.path, str(self.sheet))

    def estimate_lines(self) -> int:
        """Guess the number of rows, for a progress bar."""
        return max(1, self.size_bytes // _BYTES_A_ROW)


def is_workbook(path: Path, head: bytes) -> bool:
    """Tell by its first bytes and, where archives look alike, by its parts, what a file is."""
    if head.startswith(b"PK\x03\x04"):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - (1 << 20)))
            tail = file.read()
        marks = (b"xl/workbook", b"[Content_Types].xml", b"opendocument.spreadsheet")
        return any(mark in head or mark in tail for mark in marks)
    return head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def open_workbook(path: Path, head: bytes) -> SheetFile:
    """Look into a workbook and make it ready to be read.

    Raises:
        Invalid: It is too large, damaged or dangerous.
    """
    size = path.stat().st_size
    if head.startswith(b"PK"):
        check_workbook(path)
    elif size > LARGEST_FILE:
        raise Invalid(
            f"“{path.name}” is larger than the {LARGEST_FILE >> 20} MB we read of a workbook: "
            "save it as CSV and import that."
        )
    return SheetFile(path, size)


def _run(path: Path, *arguments: str) -> Iterator[tuple[int, list[str]]]:
    command = [sys.executable, "-I", "-X", "utf8", _WORKER, str(MEMORY), str(path), *arguments]
    worker = subprocess.Popen(  # noqa: S603 - our own interpreter and script
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert worker.stdout is not None
    try:
        with io.TextIOWrapper(worker.stdout, encoding="utf-8", newline="") as lines:
            for number, *cells in csv.reader(lines):
                yield int(number), cells
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(_PATIENCE)
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
    if worker.returncode:
        raise Invalid(
            f"“{path.name}” cannot be read as a workbook: it is damaged, locked with a password, "
            "or needs too much memory. Save it as CSV and import that."
        )
