"""Tables of pitch templates."""

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import ScopedRecord, scoped


class PitchTemplate(ScopedRecord, table=True):
    """A pattern of a pitch; checked against the sandbox before it is stored."""

    __table_args__ = scoped(sa.UniqueConstraint("workspace_id", "name"))

    name: str = Field(max_length=120)
    tactic: str = Field(default="", max_length=32)
    subject: str = Field(max_length=300)
    body: str
    version: int = 1
    is_archived: bool = False
