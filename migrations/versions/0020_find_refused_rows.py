"""Find the refused and the mended rows of an import without going over all of them.

Locks: import_row, while each index is built.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_import_row_refused", "line_number", "verdict = 'refused'"),
    ("ix_import_row_mended", "mended_at", "mended_at IS NOT NULL"),
)


def upgrade() -> None:
    for name, column, condition in INDEXES:
        where = sa.text(condition)
        columns = ["workspace_id", "import_file_id", column]
        op.create_index(name, "import_row", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, _, _ in reversed(INDEXES):
        op.drop_index(name, "import_row")
