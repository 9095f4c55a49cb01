"""Deleted tags, notes and files stay a day, so that a deletion can be taken back at once.

Each new column is empty, so no table is written anew. Locks: each table for a moment.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = ("tag", "note", "attachment")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        op.execute(sa.text(f"DELETE FROM {table} WHERE deleted_at IS NOT NULL"))  # noqa: S608
        with op.batch_alter_table(table) as batch:
            batch.drop_column("deleted_at")
