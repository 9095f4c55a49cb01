"""Keep when a person was erased, and find opportunities by age, prospect and contact.

An erased contact stays as an empty row, because enrollments and mails point at it. Locks contact
while SQLite rebuilds it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INDEXES = (
    ("workspace_id", "stage_changed_at", "id"),
    ("workspace_id", "prospect_id"),
    ("workspace_id", "contact_id"),
)


def upgrade() -> None:
    with op.batch_alter_table("contact") as table:
        table.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    for columns in _INDEXES:
        op.create_index("_".join(("ix_opportunity", *columns)), "opportunity", list(columns))


def downgrade() -> None:
    for columns in _INDEXES:
        op.drop_index("_".join(("ix_opportunity", *columns)), "opportunity")
    with op.batch_alter_table("contact") as table:
        table.drop_column("erased_at")
