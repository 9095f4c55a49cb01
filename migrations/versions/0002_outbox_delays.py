"""Count how often a mail was put off by its server, apart from how often it was taken up.

The attempt number fences workers and grows with every claim; waiting longer each time, and giving
up, must depend on the server's answers alone. The index serves the cap for each recipient domain.
Locks outbox_message for the length of a rebuild.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox_message") as table:
        table.add_column(
            sa.Column("delay_count", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
        table.create_index(
            "ix_outbox_message_workspace_id_recipient_domain_sent_at",
            ["workspace_id", "recipient_domain", "sent_at"],
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox_message") as table:
        table.drop_index("ix_outbox_message_workspace_id_recipient_domain_sent_at")
        table.drop_column("delay_count")
