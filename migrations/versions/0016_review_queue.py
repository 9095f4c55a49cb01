"""Find what was put aside and is due again, and who looks at what, without reading every prospect.

Locks: prospect, while the indexes are built.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_prospect_put_aside", "review_after", "review_after IS NOT NULL"),
    ("ix_prospect_claimed", "claimed_by_id", "claimed_until IS NOT NULL"),
)


def upgrade() -> None:
    for name, column, known in INDEXES:
        op.create_index(
            name,
            "prospect",
            ["workspace_id", column],
            sqlite_where=sa.text(known),
            postgresql_where=sa.text(known),
        )


def downgrade() -> None:
    for name, _, _ in INDEXES:
        op.drop_index(name, "prospect")
