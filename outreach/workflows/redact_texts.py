"""Taking a person out of what others wrote: every text column of every table of a workspace.

Columns are found by their type, so a table added tomorrow is searched as well.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach import registry
from outreach.contacts.models import Contact
from outreach.contacts.rules import redacted
from outreach.core.tables import ScopedRecord
from outreach.mail.models import InboundMessage, Mailbox, OutboxMessage
from outreach.mail.people import empty_raw

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from outreach.core.db import Session

    Mentions = dict[type[ScopedRecord], list[int]]

# Ours, not theirs; and addresses of pages and keys, which must go on matching.
_LEFT_ALONE = frozenset({Mailbox})
_NO_PROSE = ("url", "_key", "domain", "sha256", "message_id", "username", "password")
_SHORTEST_PROSE = 64  # characters; shorter columns hold words of ours
# A namesake keeps their name and address.
_OF_NAMESAKES = frozenset({"notes", "source_snippet", "undeliverable_because"})


def find_mentions(session: Session, words: Collection[str]) -> Mentions:
    """Find the rows that name a person, without writing: this reads whole tables."""
    if not words:
        return {}
    found: Mentions = {}
    for table in _tables():
        matches = [_mentions(column, word) for column in _prose(table) for word in sorted(words)]
        if matches:
            identity = col(table.id)
            ids = session.exec(select(identity).where(sa.or_(*matches)).order_by(identity)).all()
            if ids:
                found[table] = [row_id for row_id in ids if row_id is not None]
    return found


def redact(session: Session, mentions: Mentions, words: Collection[str]) -> int:
    """Take a person out of these rows; returns how many rows changed."""
    session.flush()
    session.expire_all()  # mails were emptied behind the back of rows that are loaded
    changed = 0
    for table, ids in mentions.items():
        identity = col(table.id)
        for row in session.exec(select(table).where(identity.in_(ids)).order_by(identity)).all():
            changed += _redact_row(row, words)
        session.flush()
        if table in {InboundMessage, OutboxMessage}:
            empty_raw(session, table, ids)
    return changed


def _redact_row(row: ScopedRecord, words: Collection[str]) -> bool:
    is_changed = False
    for column in _prose(type(row)):
        old = getattr(row, column.key)
        new = _without(old, words)
        if new != old:
            setattr(row, column.key, new)
            is_changed = True
    return is_changed


def _without(value: Any, words: Collection[str]) -> Any:
    if isinstance(value, str):
        return redacted(value, words)
    if isinstance(value, list):
        return [_without(item, words) for item in value]
    if isinstance(value, dict):
        return {key: _without(item, words) for key, item in value.items()}
    return value


def _mentions(column: Any, word: str) -> sa.ColumnElement[bool]:
    if not isinstance(column.type, sa.JSON):
        return sa.type_coerce(column, sa.Text).icontains(word, autoescape=True)
    text = sa.cast(column, sa.Text)
    escaped = json.dumps(word)[1:-1]  # SQLite keeps JSON in ASCII
    return sa.or_(text.icontains(word, autoescape=True), text.icontains(escaped, autoescape=True))


def _tables() -> Iterator[type[ScopedRecord]]:
    assert registry.metadata is not None  # importing it has loaded every table
    for table in sorted(ScopedRecord.__subclasses__(), key=lambda table: table.__name__):
        if table not in _LEFT_ALONE:
            yield table


def _prose(table: type[ScopedRecord]) -> list[Any]:
    """Return the columns of a table in which somebody may have been named."""
    return [
        getattr(table, column.key)
        for column in sa.inspect(table).columns
        if _is_prose(column)
        and not column.key.endswith(_NO_PROSE)
        and (table is not Contact or column.key in _OF_NAMESAKES)
    ]


def _is_prose(column: sa.Column[Any]) -> bool:
    kind: Any = column.type
    if isinstance(kind, sa.types.TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, sa.Enum) or not isinstance(kind, sa.String | sa.JSON):
        return False
    return isinstance(kind, sa.JSON) or kind.length is None or kind.length > _SHORTEST_PROSE
