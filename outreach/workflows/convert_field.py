"""Letting a custom field hold another kind of value: told before, done in chunks, safe to kill.

Values are read anew first, under the old kind, whose text they keep; the field's kind changes last,
with whatever was typed meanwhile. A kill in between leaves the field of its old kind, to be asked
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, delete, select

from outreach.activity.services import Subject
from outreach.core.db import bulk_update, bulk_write
from outreach.core.errors import Conflict, Invalid
from outreach.fields.models import CustomValue
from outreach.fields.queries import get_field, texts_of
from outreach.fields.rules import read_value, tidy_choices
from outreach.fields.services import change_kind
from outreach.fields.words import FieldKind
from outreach.notes.models import Note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Database, Scope, Session
    from outreach.fields.models import CustomField

_AT_ONCE = 1_000
_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Change:
    """What a field is to hold."""

    kind: FieldKind
    choices: tuple[str, ...] = ()
    keeps_in_notes: bool = True  # a value that does not convert becomes a note on its record


@dataclass(frozen=True, slots=True)
class Preview:
    """What changing a field's kind would do to its values."""

    total: int
    converting: int
    lost: list[tuple[str, int]]  # texts that do not convert, the most used first, the first few
    lost_texts: int  # how many different texts do not convert

    @property
    def losing(self) -> int:
        """How many values do not convert."""
        return self.total - self.converting


def change_of(kind: FieldKind, lines: Sequence[str], *, keeps_in_notes: bool) -> Change:
    """Make a change from what a form says.

    Raises:
        Invalid: A field to choose in has no choices.
    """
    choices = tuple(tidy_choices(lines)) if kind is FieldKind.CHOICE else ()
    return Change(kind, choices, keeps_in_notes)


def preview_change(session: Session, field: CustomField, change: Change) -> Preview:
    """Count what would convert and what not, with examples; changes nothing."""
    texts = texts_of(session, field.key)
    lost = [(text, used) for text, used in texts if not _converts(text, change)]
    total = sum(used for _, used in texts)
    return Preview(
        total=total,
        converting=total - sum(used for _, used in lost),
        lost=lost[:_EXAMPLES],
        lost_texts=len(lost),
    )


def convert_field(
    database: Database, scope: Scope, field_id: int, change: Change, *, losing: int, now: datetime
) -> Preview:
    """Change what a field holds, with all its values.

    Args:
        database: The database.
        scope: The person's workspace.
        field_id: The field.
        change: What it is to hold.
        losing: How many values the person was told will not convert.
        now: The moment.

    Returns:
        What was converted.

    Raises:
        NotFound: There is no such field here.
        Conflict: More would not convert than the person was told; nothing was changed.
    """
    with database.reading(scope) as session:
        field = get_field(session, field_id)
        preview = preview_change(session, field, change)
    if preview.losing > losing:
        raise Conflict(
            f"{preview.losing:,} values do not convert by now, {losing:,} when you were asked. "
            "Look once more."
        )
    last_id = 0
    while True:
        with database.writing(scope) as session:
            field = get_field(session, field_id)
            rows = _values_after(session, field_id, last_id)
            _convert_rows(session, field, rows, change, now)
        if not rows:
            break
        last_id = rows[-1].key
    with database.writing(scope) as session:
        field = get_field(session, field_id)
        _convert_rows(session, field, _touched_since(session, field_id, now), change, now)
        change_kind(session, field, change.kind, change.choices, now=now)
    return preview


def _values_after(session: Session, field_id: int, last_id: int) -> Sequence[CustomValue]:
    return session.exec(
        select(CustomValue)
        .where(col(CustomValue.custom_field_id) == field_id, col(CustomValue.id) > last_id)
        .order_by(col(CustomValue.id))
        .limit(_AT_ONCE)
    ).all()


def _touched_since(session: Session, field_id: int, now: datetime) -> Sequence[CustomValue]:
    return session.exec(
        select(CustomValue).where(
            col(CustomValue.custom_field_id) == field_id, col(CustomValue.updated_at) >= now
        )
    ).all()


def _convert_rows(
    session: Session,
    field: CustomField,
    rows: Sequence[CustomValue],
    change: Change,
    now: datetime,
) -> None:
    kept, lost = [], []
    for row in rows:
        try:
            value = read_value(change.kind, row.text, change.choices)
        except Invalid:
            lost.append(row)
        else:
            kept.append((value.text, value.number, value.on_date, row.key))
    bulk_update(session, CustomValue, ("text", "number", "on_date"), kept)
    if not lost:
        return
    if change.keeps_in_notes:
        _keep_in_notes(session, field, lost, now)
    session.exec(delete(CustomValue).where(col(CustomValue.id).in_([row.key for row in lost])))


def _keep_in_notes(
    session: Session, field: CustomField, rows: Sequence[CustomValue], now: datetime
) -> None:
    author = session.scope.user_id
    bulk_write(
        session,
        Note,
        ("subject_type", "subject_id", "user_id", "body", "created_at", "updated_at"),
        [
            (subject.kind, subject.id, author, f"{field.name}: {row.text}", now, now)
            for row in rows
            for subject in [_subject_of(field, row)]
        ],
    )


def _subject_of(field: CustomField, row: CustomValue) -> Subject:
    return Subject(field.subject.value, getattr(row, f"{field.subject.value}_id"))


def _converts(text: str, change: Change) -> bool:
    try:
        read_value(change.kind, text, change.choices)
    except Invalid:
        return False
    return True
