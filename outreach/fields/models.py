"""Tables of custom fields and their values."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import JSON, ScopedRecord, belongs_to, one_of, scoped, str_enum
from outreach.fields.words import FieldKind, FieldSubject


class CustomField(ScopedRecord, table=True):
    """A field a workspace added to one kind of record."""

    __table_args__ = scoped(
        one_of("subject", FieldSubject),
        one_of("kind", FieldKind),
        sa.UniqueConstraint("workspace_id", "subject", "name_key"),
    )

    subject: FieldSubject = Field(sa_type=str_enum(FieldSubject))
    name: str = Field(max_length=60)
    name_key: str = Field(max_length=60)  # folded case, single spaces
    kind: FieldKind = Field(sa_type=str_enum(FieldKind))
    choices: list[str] = Field(default_factory=list, sa_type=JSON)
    position: int = 0
    is_archived: bool = False


class CustomValue(ScopedRecord, table=True):
    """One record's value of one field: the text always, and the number or day beside it."""

    __table_args__ = scoped(
        belongs_to("custom_field"),
        belongs_to("prospect"),
        belongs_to("contact"),
        belongs_to("opportunity"),
        belongs_to("asset"),
        sa.UniqueConstraint("workspace_id", "prospect_id", "custom_field_id"),
        sa.UniqueConstraint("workspace_id", "contact_id", "custom_field_id"),
        sa.UniqueConstraint("workspace_id", "opportunity_id", "custom_field_id"),
        sa.UniqueConstraint("workspace_id", "asset_id", "custom_field_id"),
        sa.Index(None, "workspace_id", "custom_field_id", "number", "prospect_id"),
        sa.Index(None, "workspace_id", "custom_field_id", "on_date", "prospect_id"),
        sa.CheckConstraint(
            " + ".join(
                f"CASE WHEN {subject}_id IS NULL THEN 0 ELSE 1 END" for subject in FieldSubject
            )
            + " = 1",
            name="one_subject",
        ),
    )

    custom_field_id: int
    prospect_id: int | None = None
    contact_id: int | None = None
    opportunity_id: int | None = None
    asset_id: int | None = None
    text: str = Field(max_length=2048)
    number: float | None = None
    on_date: date | None = None
