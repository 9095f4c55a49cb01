"""Tables of saved views."""

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import JSON, ScopedRecord, scoped


class SavedView(ScopedRecord, table=True):
    """A filter of a list under a name: one person's, or everybody's."""

    __table_args__ = scoped(
        sa.UniqueConstraint("workspace_id", "list_name", "user_id", "name"),
    )

    list_name: str = Field(max_length=32)  # such as "prospects"
    name: str = Field(max_length=80)
    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    is_shared: bool = False
    query: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # as in the address
    columns: list[str] = Field(default_factory=list, sa_type=JSON)  # empty: the person's own
    position: int = 0


class ListLayout(ScopedRecord, table=True):
    """The columns one person shows in one list."""

    __table_args__ = scoped(sa.UniqueConstraint("workspace_id", "user_id", "list_name"))

    user_id: int = Field(foreign_key="user.id", ondelete="CASCADE")
    list_name: str = Field(max_length=32)
    columns: list[str] = Field(default_factory=list, sa_type=JSON)
