"""Keyset pages: a cursor is the sort value and id of the last row shown."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from outreach.core.errors import Invalid

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list; `next_cursor` is None on the last one."""

    rows: list[Row]
    next_cursor: str | None
    total: int | None = None  # None: not counted
    is_capped: bool = False  # the total stands for "or more"


def encode_cursor(*values: Any) -> str:
    """Pack sort values into a string for a URL."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, size: int) -> list[Any]:
    """Unpack a cursor of `size` values.

    Raises:
        Invalid: It was not made by `encode_cursor`.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Invalid("This page link is damaged; open the list again.") from error
    if not isinstance(values, list) or len(values) != size:
        raise Invalid("This page link is damaged; open the list again.")
    if not all(isinstance(value, (str, int, float, type(None))) for value in values):
        raise Invalid("This page link is damaged; open the list again.")
    return values
