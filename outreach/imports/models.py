"""Tables of imported files and what became of each row."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from outreach.core.tables import JSON, ScopedRecord, belongs_to, one_of, scoped, str_enum
from outreach.imports.words import ImportState, Verdict


class ImportFile(ScopedRecord, table=True):
    """A file somebody dropped; the bytes are kept in the data directory under their hash."""

    __table_args__ = scoped(one_of("state", ImportState), sa.Index(None, "workspace_id", "sha256"))

    filename: str = Field(max_length=255)
    sha256: str = Field(max_length=64)
    size_bytes: int
    layout: str = Field(max_length=48)
    recognised: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    state: ImportState = Field(default=ImportState.PREVIEWED, sa_type=str_enum(ImportState))
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    row_count: int | None = None  # known after the first pass
    next_line: int = 0  # the first line not yet committed
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)  # by verdict
    started_at: datetime | None = None
    finished_at: datetime | None = None
    error: str = ""


class ColumnMapping(ScopedRecord, table=True):
    """How a person told us to read a header nobody knew; used again for the same header."""

    __table_args__ = scoped(sa.UniqueConstraint("workspace_id", "header_key"))

    header_key: str = Field(max_length=64)  # hash of the normalised header
    headers: list[str] = Field(default_factory=list, sa_type=JSON)
    kind: str = Field(max_length=32)  # a RowKind
    columns: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # our field → header
    user_id: int | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    used_count: int = 0


class ImportRow(ScopedRecord, table=True):
    """The verdict on one row, and what undo needs to know."""

    __table_args__ = scoped(
        belongs_to("import_file"),
        one_of("verdict", Verdict),
        sa.UniqueConstraint("workspace_id", "import_file_id", "line_number"),
        sa.Index(
            "ix_import_row_witness",  # which other rows an undo must hear about the same thing
            "workspace_id",
            "subject_type",
            "subject_id",
            sqlite_where=sa.text("verdict IN ('known', 'updated') OR before IS NOT NULL"),
            postgresql_where=sa.text("verdict IN ('known', 'updated') OR before IS NOT NULL"),
        ),
        sa.Index(
            "ix_import_row_refused",  # the few rows in quarantine among a million
            "workspace_id",
            "import_file_id",
            "line_number",
            sqlite_where=sa.text("verdict = 'refused'"),
            postgresql_where=sa.text("verdict = 'refused'"),
        ),
        sa.Index(
            "ix_import_row_mended",  # looked for before each set of rows an undo takes back
            "workspace_id",
            "import_file_id",
            "mended_at",
            sqlite_where=sa.text("mended_at IS NOT NULL"),
            postgresql_where=sa.text("mended_at IS NOT NULL"),
        ),
    )

    import_file_id: int
    line_number: int
    verdict: Verdict = Field(sa_type=str_enum(Verdict))
    subject_type: str = Field(default="", max_length=32)
    subject_id: int | None = None
    reason: str = ""
    raw: str = ""  # kept for refused rows only; the file has the rest
    mended_at: datetime | None = None  # refused first, then taken in as a person mended it
    before: dict[str, object] | None = Field(default=None, sa_type=JSON)
