"""Let two people review without meeting, sort by authority, and keep the language of a page.

A prospect shown in the review is claimed for a moment; authority gets the order column score has;
domain and title are searched in one index; page vectors keep the language they were built in; and
an undo asks which other file reported the same page.

Locks: prospect, page_vector and import_row, while they are rebuilt or indexed on SQLite.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WITNESSES = sa.text("verdict IN ('known', 'updated')")


def upgrade() -> None:
    with op.batch_alter_table("prospect") as table:
        table.add_column(
            sa.Column("authority_order", sa.Integer(), nullable=False, server_default="101")
        )
        table.add_column(sa.Column("claimed_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key(
            "fk_prospect_claimed_by_id", "user", ["claimed_by_id"], ["id"], ondelete="SET NULL"
        )
        table.drop_index("ix_prospect_workspace_id_domain")
    with op.batch_alter_table("prospect") as table:
        table.alter_column("authority_order", existing_type=sa.Integer(), server_default=None)
        table.create_index(
            "ix_prospect_workspace_id_authority_order_id", ["workspace_id", "authority_order", "id"]
        )
        table.create_index(
            "ix_prospect_workspace_id_domain_title", ["workspace_id", "domain", "title"]
        )
    with op.batch_alter_table("page_vector") as table:
        table.add_column(
            sa.Column("language", sa.String(length=8), nullable=False, server_default="")
        )
    with op.batch_alter_table("page_vector") as table:
        table.alter_column("language", existing_type=sa.String(length=8), server_default=None)
    op.create_index(
        "ix_import_row_witness",
        "import_row",
        ["workspace_id", "subject_type", "subject_id"],
        sqlite_where=WITNESSES,
        postgresql_where=WITNESSES,
    )


def downgrade() -> None:
    op.drop_index("ix_import_row_witness", "import_row")
    with op.batch_alter_table("page_vector") as table:
        table.drop_column("language")
    with op.batch_alter_table("prospect") as table:
        table.drop_index("ix_prospect_workspace_id_domain_title")
        table.drop_index("ix_prospect_workspace_id_authority_order_id")
        table.create_index("ix_prospect_workspace_id_domain", ["workspace_id", "domain"])
        table.drop_constraint("fk_prospect_claimed_by_id", type_="foreignkey")
        table.drop_column("claimed_until")
        table.drop_column("claimed_by_id")
        table.drop_column("authority_order")
