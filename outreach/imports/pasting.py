"""Make a file of pasted text: a list, or cells copied from a spreadsheet."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, NamedTuple

from outreach.core.errors import Invalid
from outreach.core.urls import parse_address
from outreach.imports import values

if TYPE_CHECKING:
    from datetime import date
    from typing import BinaryIO

LONGEST_PASTE = 5_000_000  # characters
_BETWEEN = re.compile(r"[\s,;<>\"]+")
_WORDS_READ = 2_000


class Pasted(NamedTuple):
    """Pasted text as a file that goes the way of every dropped one."""

    stream: BinaryIO
    filename: str


def pasted_file(text: str, *, on: date) -> Pasted:
    """Return pasted text as a file named by the day.

    Addresses parted by spaces or commas on one line become one on each line; anything else stays
    as it is, tabs between the cells of a spreadsheet included.

    Raises:
        Invalid: Nothing was pasted, or far too much.
    """
    text = text.strip().lstrip("\ufeff")
    if not text:
        raise Invalid("Nothing was pasted.")
    if len(text) > LONGEST_PASTE:
        raise Invalid(f"Paste at most {LONGEST_PASTE:,} characters, or drop a file.")
    words = [word for word in _BETWEEN.split(text) if word]
    if "\t" not in text and all(map(_is_address, words[:_WORDS_READ])):
        text = "\n".join(words)
    content = (text + "\n").encode("utf-8", "replace")
    return Pasted(io.BytesIO(content), f"pasted-{on.isoformat()}.txt")


def _is_address(word: str) -> bool:
    return parse_address(word) is not None or values.email(word) is not None
