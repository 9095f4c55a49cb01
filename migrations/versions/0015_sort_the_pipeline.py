"""Sort the pipeline's table by value, and each owner's opportunities by age.

Locks: opportunity while each index is built.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_opportunity_workspace_id_owner_id_stage_changed_at_id"),
        "opportunity",
        ["workspace_id", "owner_id", "stage_changed_at", "id"],
    )
    op.create_index(
        op.f("ix_opportunity_workspace_id_value_cents_id"),
        "opportunity",
        ["workspace_id", "value_cents", "id"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_opportunity_workspace_id_value_cents_id"), "opportunity")
    op.drop_index(op.f("ix_opportunity_workspace_id_owner_id_stage_changed_at_id"), "opportunity")
