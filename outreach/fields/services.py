"""Adding and changing custom fields, and setting their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.activity.services import Subject, record
from outreach.core.errors import Conflict, Invalid
from outreach.fields.models import CustomField, CustomValue
from outreach.fields.queries import fields_of, record_column, texts_of
from outreach.fields.rules import name_key, read_value, tidy_choices, tidy_name
from outreach.fields.words import FieldKind, FieldSubject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session

MOST_FIELDS = 50  # in use, of one kind of record


def add_field(
    session: Session,
    subject: FieldSubject,
    name: str,
    kind: FieldKind,
    choices: Sequence[str] = (),
    *,
    now: datetime,
) -> CustomField:
    """Add a field to one kind of record, as its last.

    Raises:
        Invalid: Its name or its choices make no sense.
        Conflict: There is a field of this name, or there are too many.
    """
    tidy = tidy_name(name)
    words = tidy_choices(choices) if kind is FieldKind.CHOICE else []
    _refuse_taken(session, subject, tidy, but=None)
    others = fields_of(session, subject)
    if len(others) >= MOST_FIELDS:
        raise Conflict(f"There are {MOST_FIELDS} fields already. Archive one that is not used.")
    field = CustomField(
        subject=subject,
        name=tidy,
        name_key=name_key(tidy),
        kind=kind,
        choices=words,
        position=max((other.position for other in others), default=-1) + 1,
    )
    session.add(field)
    session.flush()
    _record(session, field, "added", f"Added the field “{tidy}” to every {subject}.", now)
    return field


def edit_field(
    session: Session, field: CustomField, *, name: str, choices: Sequence[str], now: datetime
) -> list[tuple[str, int]]:
    """Rename a field or change what may be chosen in it.

    A value whose choice is gone keeps its word; it can only not be chosen again.

    Returns:
        Each choice that was taken away and is still in use, with how many values use it.

    Raises:
        Invalid: Its name or its choices make no sense.
        Conflict: Another field has this name.
    """
    tidy = tidy_name(name)
    _refuse_taken(session, field.subject, tidy, but=field)
    gone: set[str] = set()
    if field.kind is FieldKind.CHOICE:
        words = tidy_choices(choices)
        gone = set(field.choices) - set(words)
        field.choices = words
    before, field.name, field.name_key = field.name, tidy, name_key(tidy)
    session.flush()
    if before != tidy:
        _record(session, field, "edited", f"Renamed the field “{before}” to “{tidy}”.", now)
    return [(text, used) for text, used in texts_of(session, field.key) if text in gone]


def move_field(session: Session, field: CustomField, step: int) -> None:
    """Move a field one place up (-1) or down (1) among those of its records."""
    fields = list(fields_of(session, field.subject))
    if field not in fields:
        return
    here = fields.index(field)
    there = min(max(here + step, 0), len(fields) - 1)
    fields.insert(there, fields.pop(here))
    for position, each in enumerate(fields):
        each.position = position
    session.flush()


def archive_field(
    session: Session, field: CustomField, *, is_archived: bool, now: datetime
) -> None:
    """Take a field off all pages, its values kept, or bring it back."""
    field.is_archived = is_archived
    session.flush()
    verb, word = ("archived", "Archived") if is_archived else ("restored", "Brought back")
    _record(session, field, verb, f"{word} the field “{field.name}”.", now)


def set_value(
    session: Session, field: CustomField, record_id: int, given: str, *, now: datetime
) -> str:
    """Set, change or (with nothing given) empty a field of one record; returns what was there.

    Raises:
        Invalid: It is no value of the field's kind.
        Conflict: The field is archived.
    """
    if field.is_archived:
        raise Conflict(f"The field “{field.name}” is archived. Restore it in the settings first.")
    owner = record_column(field.subject)
    row = session.exec(
        select(CustomValue).where(col(CustomValue.custom_field_id) == field.key, owner == record_id)
    ).first()
    before = row.text if row else ""
    if not given.strip():
        if row is not None:
            session.delete(row)
            session.flush()
        _note(session, field, record_id, before, "", now)
        return before
    if row is not None and given.strip() == before:
        return before  # also a choice that is no longer offered stays as it is
    value = read_value(field.kind, given, field.choices)
    if row is None:
        row = CustomValue(custom_field_id=field.key, text="")
        setattr(row, f"{field.subject.value}_id", record_id)
    row.text, row.number, row.on_date = value.text, value.number, value.on_date
    session.add(row)
    session.flush()
    _note(session, field, record_id, before, value.text, now)
    return before


def change_kind(
    session: Session, field: CustomField, kind: FieldKind, choices: Sequence[str], *, now: datetime
) -> None:
    """Let a field hold another kind of value; its values were converted by the caller."""
    if kind is FieldKind.CHOICE and not choices:
        raise Invalid("A field to choose in needs choices.")
    before = field.kind
    field.kind, field.choices = kind, list(choices)
    session.flush()
    sentence = f"“{field.name}” holds a {kind} now, no longer a {before}."
    _record(session, field, "edited", sentence, now)


def _refuse_taken(
    session: Session, subject: FieldSubject, name: str, *, but: CustomField | None
) -> None:
    other = session.exec(
        select(CustomField).where(
            CustomField.subject == subject, CustomField.name_key == name_key(name)
        )
    ).first()
    if other is not None and (but is None or other.key != but.key):
        where = "is archived; restore it" if other.is_archived else "is there already"
        raise Conflict(f"A field “{other.name}” {where}.")


def _note(
    session: Session, field: CustomField, record_id: int, before: str, after: str, now: datetime
) -> None:
    if before == after:
        return
    was = f" (was “{before}”)" if before else ""
    sentence = (
        f"Set “{field.name}” to “{after}”{was}." if after else f"Emptied “{field.name}”{was}."
    )
    record(session, "edited", Subject(field.subject.value, record_id), sentence, now=now)


def _record(session: Session, field: CustomField, verb: str, sentence: str, now: datetime) -> None:
    record(session, verb, Subject("custom_field", field.key), sentence, now=now)
