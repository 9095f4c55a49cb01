"""Give contacts the key suppression knows them by, and the name lists sort by.

An unsubscribing click must stop every enrollment of a person in every workspace; without the key
that would hash every address there is. Existing rows are filled when they are next saved.

Locks: contact, while it is rebuilt on SQLite.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contact") as table:
        table.add_column(
            sa.Column("person_key", sa.String(length=64), nullable=False, server_default="")
        )
        table.add_column(
            sa.Column("name_order", sa.String(length=254), nullable=False, server_default="")
        )
    with op.batch_alter_table("contact") as table:
        table.alter_column("person_key", existing_type=sa.String(length=64), server_default=None)
        table.alter_column("name_order", existing_type=sa.String(length=254), server_default=None)
        table.create_index("ix_contact_person_key", ["person_key"])
        table.create_index(
            "ix_contact_workspace_id_name_order_id", ["workspace_id", "name_order", "id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("contact") as table:
        table.drop_index("ix_contact_workspace_id_name_order_id")
        table.drop_index("ix_contact_person_key")
        table.drop_column("name_order")
        table.drop_column("person_key")
