"""Keep with each look where the link led and everything that differed from what was agreed.

Without the target, "agreed" and "found" could not be shown side by side. Existing rows get the
empty values.

Locks: link_check, while it is rebuilt on SQLite.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = sa.JSON().with_variant(JSONB(), "postgresql")
    with op.batch_alter_table("link_check") as table:
        table.add_column(
            sa.Column("target_url", sa.String(length=2048), nullable=False, server_default="")
        )
        table.add_column(sa.Column("changes", words, nullable=False, server_default="[]"))
    with op.batch_alter_table("link_check") as table:
        table.alter_column("target_url", existing_type=sa.String(length=2048), server_default=None)
        table.alter_column("changes", existing_type=words, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("link_check") as table:
        table.drop_column("changes")
        table.drop_column("target_url")
