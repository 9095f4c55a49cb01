"""What each list looks like as a table to take away; `export_lists.EXPORTS` names them all."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from outreach.core.db import Session

    Row = Sequence[object]
    Arguments = Mapping[str, str]

CHUNK = 1_000
_LONGEST_NAME = 80
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Export:
    """One list as it was asked for, ready to be read a chunk at a time.

    Attributes:
        header: The columns' names.
        said: What it is narrowed to, as its file is named and the timeline says it; "" for all.
        read: Return the rows from a cursor on ("" for the first) and the next cursor, "" at the
            end.
        count: Count the rows.
    """

    header: tuple[str, ...]
    said: str
    read: Callable[[Session, str], tuple[list[Row], str]]
    count: Callable[[Session], int]


@dataclass(frozen=True, slots=True)
class ExportList:
    """A list that can be exported: its name, the thing it shows, and how it is prepared."""

    name: str
    title: str
    thing: str
    prepare: Callable[[Session, Arguments, datetime], Export]


def by_id(
    header: tuple[str, ...], key: Any, statement: Any, show: Callable[[Any], Row], said: str = ""
) -> Export:
    """Make an export of a statement's rows in the order of their ids.

    Args:
        header: The columns' names.
        key: The column of the ids, which stands first in the statement.
        statement: Selects the id and what `show` needs, in no order.
        show: Turns what stands behind the id into the cells of a row.
        said: What it is narrowed to.
    """

    def read(session: Session, cursor: str) -> tuple[list[Row], str]:
        after = int(cursor or 0)
        found = session.execute(statement.where(key > after).order_by(key).limit(CHUNK)).all()
        following = str(found[-1][0]) if len(found) == CHUNK else ""
        return [show(row) for row in found], following

    def count(session: Session) -> int:
        counted = sa.select(sa.func.count()).select_from(statement.subquery())
        return int(session.execute(counted).scalar_one())

    return Export(header, said, read, count)


def file_name(list_name: str, said: str, day: str, ending: str) -> str:
    """Name a file by its list, what the list was narrowed to, and the day."""
    plain = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode().casefold()
    slug = _NO_WORD.sub("-", plain).strip("-")[:_LONGEST_NAME].strip("-")
    return "-".join(part for part in (list_name, slug, day) if part) + f".{ending}"
