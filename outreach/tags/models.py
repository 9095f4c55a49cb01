"""Tables of tags."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import ScopedRecord, scoped


class Tag(ScopedRecord, table=True):
    """A word for records that belong together; told apart without case."""

    __table_args__ = scoped(sa.UniqueConstraint("workspace_id", "name_key"))

    name: str = Field(max_length=60)
    name_key: str = Field(max_length=60)  # folded case, single spaces
    tone: str = Field(default="", max_length=16)  # a colour's name of the design, "" neutral
    deleted_at: datetime | None = None  # kept for a day, to be brought back
