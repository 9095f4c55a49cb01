"""Find every row of an import that an undo of another must hear, by what it is about.

Locks: import_row, while the index is built.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAME = "ix_import_row_witness"
COLUMNS = ["workspace_id", "subject_type", "subject_id"]
NARROW = "verdict IN ('known', 'updated')"
WIDE = f"{NARROW} OR before IS NOT NULL"


def upgrade() -> None:
    op.drop_index(NAME, "import_row")
    where = sa.text(WIDE)
    op.create_index(NAME, "import_row", COLUMNS, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index(NAME, "import_row")
    where = sa.text(NARROW)
    op.create_index(NAME, "import_row", COLUMNS, sqlite_where=where, postgresql_where=where)
