"""Bases and column types every table is built from."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from outreach.core.clock import utc_now

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


class Record(SQLModel):
    """A table of the whole installation: an id and the two moments every row keeps."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - read by SQLAlchemy from the class
        """The class in snake_case, singular."""
        return _WORD_START.sub("_", cls.__name__).lower()

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now, sa_column_kwargs={"onupdate": utc_now})

    @property
    def key(self) -> int:
        """The id of a row that has been flushed."""
        if self.id is None:
            raise ValueError(f"{type(self).__name__} has not been flushed yet")
        return self.id


class _WorkspaceColumn:
    """Class attribute that answers with the mapped workspace column of whichever table asks."""

    def __get__(self, _row: object, owner: type) -> Any:
        return owner.__dict__.get("workspace_id", _BASE_COLUMN)


_BASE_COLUMN: sa.ColumnClause[int] = sa.column("workspace_id")


class InWorkspace:
    """What loader criteria are written against; SQLModel's bases show no columns."""

    workspace_column: ClassVar[Any] = _WorkspaceColumn()


class ScopedRecord(Record, InWorkspace):
    """A table whose every row belongs to one workspace.

    The session stamps `workspace_id` from its scope and refuses any other value; composite
    foreign keys (`belongs_to`) keep rows from pointing across workspaces.
    """

    workspace_id: int = Field(default=None, foreign_key="workspace.id", ondelete="CASCADE")


def str_enum(members: type[StrEnum]) -> sa.Enum:
    """Column type that stores the words of an enum as text; pair it with `one_of`."""
    return sa.Enum(
        members,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda enum: [member.value for member in enum],
    )


def one_of(column: str, members: type[StrEnum]) -> sa.CheckConstraint:
    """Constrain a text column to the words of an enum."""
    words = ", ".join(f"'{member.value}'" for member in members)
    return sa.CheckConstraint(f"{column} IN ({words})", name=f"{column}_valid")


def belongs_to(
    table: str, *, column: str | None = None, ondelete: str = "CASCADE"
) -> sa.ForeignKeyConstraint:
    """Point at a row of another scoped table, in the same workspace only."""
    column = column or f"{table}_id"
    return sa.ForeignKeyConstraint(
        ["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"], ondelete=ondelete
    )


def scoped(*more: Any) -> tuple[Any, ...]:
    """Table arguments of a scoped table: the pair that composite foreign keys point at."""
    return (sa.UniqueConstraint("workspace_id", "id"), *more)


def is_scoped_table(table: sa.Table) -> bool:
    """Tell whether every row of a table belongs to one workspace."""
    known = table.info.get("is_scoped")
    if known is None:
        known = any(
            isinstance(constraint, sa.UniqueConstraint)
            and [column.name for column in constraint.columns] == ["workspace_id", "id"]
            for constraint in table.constraints
        )
        table.info["is_scoped"] = known
    return bool(known)
