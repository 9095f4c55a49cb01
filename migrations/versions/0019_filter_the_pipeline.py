"""Sort one campaign's opportunities by age, and walk prospects' opportunities within an index.

Locks: opportunity while each index is built.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BY_AGE = "ix_opportunity_workspace_id_campaign_id_stage_changed_at_id"
OF_PROSPECT = "ix_opportunity_of_prospect"
REPLACED = "ix_opportunity_workspace_id_prospect_id"


def upgrade() -> None:
    op.create_index(
        op.f(BY_AGE), "opportunity", ["workspace_id", "campaign_id", "stage_changed_at", "id"]
    )
    op.create_index(
        OF_PROSPECT,
        "opportunity",
        ["workspace_id", "prospect_id", "campaign_id", "stage", "owner_id"],
    )
    op.drop_index(op.f(REPLACED), "opportunity")


def downgrade() -> None:
    op.create_index(op.f(REPLACED), "opportunity", ["workspace_id", "prospect_id"])
    op.drop_index(OF_PROSPECT, "opportunity")
    op.drop_index(op.f(BY_AGE), "opportunity")
