"""Index opportunities by owner, for one person's board, and contacts by whom they went into.

The index by person gains the workspace, else SQLite would read a whole workspace for one person.
Locks opportunity and contact for as long as the indexes take to build.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MERGED = sa.text("merged_into_id IS NOT NULL")
_BY_OWNER = "ix_opportunity_workspace_id_owner_id_stage_stage_changed_at_id"


def upgrade() -> None:
    op.create_index(
        _BY_OWNER,
        "opportunity",
        ["workspace_id", "owner_id", "stage", "stage_changed_at", "id"],
    )
    op.create_index(
        "ix_contact_merged",
        "contact",
        ["workspace_id", "merged_into_id"],
        sqlite_where=_MERGED,
        postgresql_where=_MERGED,
    )
    op.drop_index("ix_contact_person_key", "contact")
    op.create_index("ix_contact_person_key_workspace_id", "contact", ["person_key", "workspace_id"])


def downgrade() -> None:
    op.drop_index("ix_contact_person_key_workspace_id", "contact")
    op.create_index("ix_contact_person_key", "contact", ["person_key"])
    op.drop_index("ix_contact_merged", "contact")
    op.drop_index(_BY_OWNER, "opportunity")
