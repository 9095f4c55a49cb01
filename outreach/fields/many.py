"""One custom field of many records at once: what each held is returned, so that it can be put back.

Every function takes a few hundred ids of records that the caller found in this workspace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, delete

from outreach.core.db import bulk_write
from outreach.core.errors import Invalid
from outreach.fields.models import CustomValue
from outreach.fields.queries import record_column, values_of_records
from outreach.fields.rules import read_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.fields.models import CustomField


def texts_in(session: Session, field: CustomField, ids: Collection[int]) -> dict[int, str]:
    """Return what each of these records holds in a field; "" for nothing."""
    found = values_of_records(session, [field.key], field.subject, ids)
    return {key: found.get(key, {}).get(field.key, "") for key in ids}


def write_texts(
    session: Session, field: CustomField, texts: Mapping[int, str], *, now: datetime
) -> list[int]:
    """Set a field of each record to its text, "" to empty it; returns those that could be set.

    A text that stood in the field before is taken though its choice is no longer offered; one that
    is no value of the field's kind any more is left out.
    """
    rows, emptied, written = [], [], []
    for key, text in texts.items():
        if not text:
            emptied.append(key)
            continue
        try:
            value = read_value(field.kind, text, [*field.choices, text])
        except Invalid:
            continue
        written.append(key)
        rows.append((field.key, key, value.text, value.number, value.on_date, now, now))
    owner = f"{field.subject.value}_id"
    bulk_write(
        session,
        CustomValue,
        ("custom_field_id", owner, "text", "number", "on_date", "created_at", "updated_at"),
        rows,
        unique=(owner, "custom_field_id"),
        update=("text", "number", "on_date"),
    )
    if emptied:
        session.exec(
            delete(CustomValue).where(
                col(CustomValue.custom_field_id) == field.key,
                record_column(field.subject).in_(emptied),
            )
        )
    return [*written, *emptied]
