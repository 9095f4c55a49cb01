"""Reading custom fields and their values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.core.errors import Invalid, NotFound
from outreach.fields.models import CustomField, CustomValue
from outreach.fields.rules import read_value
from outreach.fields.words import FieldKind, FieldSubject

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from outreach.core.db import Session

_columns: Any = sa.select  # its typing knows tables, not single columns


class ValueOp(StrEnum):
    """How a list may be narrowed by a field's value."""

    IS = "is"
    IS_NOT = "is_not"  # has another value or none
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    IS_SET = "is_set"
    IS_EMPTY = "is_empty"


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One field and what a record has in it; `text` is "" where it has nothing."""

    field: CustomField
    text: str


def get_field(session: Session, field_id: int) -> CustomField:
    """Return a custom field, archived or not.

    Raises:
        NotFound: There is none in this workspace.
    """
    found = session.exec(select(CustomField).where(CustomField.id == field_id)).first()
    if found is None:
        raise NotFound("There is no such field here.")
    return found


def all_fields(session: Session) -> Sequence[CustomField]:
    """Return every field in the order of its pages, archived ones last."""
    return session.exec(
        select(CustomField).order_by(
            col(CustomField.subject),
            col(CustomField.is_archived),
            col(CustomField.position),
            col(CustomField.id),
        )
    ).all()


def fields_of(session: Session, subject: FieldSubject) -> Sequence[CustomField]:
    """Return the fields in use of one kind of record, in their order."""
    return session.exec(
        select(CustomField)
        .where(CustomField.subject == subject, col(CustomField.is_archived).is_(False))
        .order_by(col(CustomField.position), col(CustomField.id))
    ).all()


def record_column(subject: FieldSubject) -> Any:
    """Return the column of a value that names its record."""
    return getattr(CustomValue, f"{subject.value}_id")


def values_on(session: Session, subject: FieldSubject, record_id: int) -> list[FieldValue]:
    """Return the fields in use of a kind of record with one record's values, in one statement."""
    rows = session.exec(
        select(CustomField, CustomValue.text)
        .outerjoin(
            CustomValue,
            (col(CustomValue.custom_field_id) == col(CustomField.id))
            & (record_column(subject) == record_id),
        )
        .where(CustomField.subject == subject, col(CustomField.is_archived).is_(False))
        .order_by(col(CustomField.position), col(CustomField.id))
    ).all()
    return [FieldValue(field, text or "") for field, text in rows]


def values_of_records(
    session: Session, field_ids: Collection[int], subject: FieldSubject, ids: Collection[int]
) -> dict[int, dict[int, str]]:
    """Return the texts of some fields of some records, as record → field → text."""
    owner = record_column(subject)
    rows = session.execute(
        _columns(owner, CustomValue.custom_field_id, CustomValue.text).where(
            col(CustomValue.custom_field_id).in_(sorted(field_ids)), owner.in_(sorted(ids))
        )
    )
    found: dict[int, dict[int, str]] = {}
    for record_id, field_id, text in rows:
        found.setdefault(record_id, {})[field_id] = text
    return found


def texts_of_records(
    session: Session, subject: FieldSubject, ids: Collection[int]
) -> list[tuple[int, str]]:
    """Return every text in a field that is not archived, each with its record's id."""
    owner = record_column(subject)
    rows = session.execute(
        _columns(owner, CustomValue.text)
        .join(CustomField, col(CustomField.id) == CustomValue.custom_field_id)
        .where(owner.in_(sorted(ids)), col(CustomField.is_archived).is_(False))
        .order_by(owner, CustomValue.id)
    )
    return [(record_id, text) for record_id, text in rows]


def value_counts(session: Session) -> dict[int, int]:
    """Count the values of each field."""
    rows = session.execute(
        _columns(CustomValue.custom_field_id, sa.func.count(col(CustomValue.id))).group_by(
            CustomValue.custom_field_id
        )
    )
    return {field_id: int(count) for field_id, count in rows}


def texts_of(session: Session, field_id: int) -> list[tuple[str, int]]:
    """Return each different value of a field and how often it is used, the most used first."""
    count = sa.func.count(col(CustomValue.id))
    rows = session.execute(
        _columns(CustomValue.text, count)
        .where(col(CustomValue.custom_field_id) == field_id)
        .group_by(CustomValue.text)
        .order_by(count.desc(), CustomValue.text)
    )
    return [(text, used) for text, used in rows]


def value_condition(field: CustomField, op: ValueOp, given: str, *, record: Any) -> Any:
    """Narrow a list of records by a field's value.

    Args:
        field: A field of the records' kind.
        op: How to compare.
        given: What the person typed; not read for `IS_SET` and `IS_EMPTY`.
        record: The id column of the records, such as `col(Prospect.id)`.

    Returns:
        A condition for an ORM statement.

    Raises:
        Invalid: It is no value of the field's kind, or cannot be compared so.
    """
    owner = record_column(field.subject)
    having = _columns(owner).where(
        col(CustomValue.custom_field_id) == field.key, owner.is_not(None)
    )
    if op is ValueOp.IS_SET:
        return record.in_(having)
    if op is ValueOp.IS_EMPTY:
        return record.not_in(having)
    matching = having.where(_comparison(field, op, given))
    return record.not_in(matching) if op is ValueOp.IS_NOT else record.in_(matching)


def _comparison(field: CustomField, op: ValueOp, given: str) -> Any:
    text = col(CustomValue.text)
    if op is ValueOp.CONTAINS:
        return text.icontains(given.strip(), autoescape=True)
    value = read_value(field.kind, given, field.choices)
    column: Any = {FieldKind.NUMBER: CustomValue.number, FieldKind.DATE: CustomValue.on_date}.get(
        field.kind
    )
    wanted = value.number if field.kind is FieldKind.NUMBER else value.on_date
    if op in {ValueOp.IS, ValueOp.IS_NOT}:
        return sa.func.lower(text) == value.text.lower() if column is None else column == wanted
    if column is None:
        raise Invalid(f"“{field.name}” holds no numbers or dates to compare.")
    return column >= wanted if op is ValueOp.AT_LEAST else column <= wanted
