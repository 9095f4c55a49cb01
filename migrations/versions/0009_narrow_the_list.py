"""Let the list of prospects be narrowed within one index, without reading the rows it leaves out.

Locks: prospect, while the index is built.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WIDE = [
    "workspace_id", "score_order", "id", "review", "has_contact", "source", "domain", "title",
]  # fmt: skip


def upgrade() -> None:
    op.drop_index("ix_prospect_workspace_id_score_order_id", "prospect")
    op.create_index("ix_prospect_by_score", "prospect", WIDE)


def downgrade() -> None:
    op.drop_index("ix_prospect_by_score", "prospect")
    op.create_index(
        "ix_prospect_workspace_id_score_order_id", "prospect", ["workspace_id", "score_order", "id"]
    )
