"""Read each mailbox by lease, and find mail by its id, its conversation and what waits.

Locks: mailbox while it is rebuilt on SQLite; inbound_message and outbox_message while they are
indexed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WAITING = sa.text("processed_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("mailbox") as table:
        table.add_column(
            sa.Column("reading_lease_until", sa.DateTime(timezone=True), nullable=True)
        )
    op.create_index(
        "ix_outbox_message_workspace_id_conversation_id",
        "outbox_message",
        ["workspace_id", "conversation_id"],
    )
    op.drop_index("ix_inbound_message_workspace_id_state_received_at", "inbound_message")
    for columns in (
        ["workspace_id", "state", "received_at", "id"],
        ["workspace_id", "message_id"],
        ["workspace_id", "conversation_id"],
    ):
        op.create_index(f"ix_inbound_message_{'_'.join(columns)}", "inbound_message", columns)
    op.create_index(
        "ix_inbound_message_waiting",
        "inbound_message",
        ["workspace_id", "mailbox_id", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_inbound_message_waiting", "inbound_message")
    for columns in ("conversation_id", "message_id", "state_received_at_id"):
        op.drop_index(f"ix_inbound_message_workspace_id_{columns}", "inbound_message")
    op.create_index(
        "ix_inbound_message_workspace_id_state_received_at",
        "inbound_message",
        ["workspace_id", "state", "received_at"],
    )
    op.drop_index("ix_outbox_message_workspace_id_conversation_id", "outbox_message")
    with op.batch_alter_table("mailbox") as table:
        table.drop_column("reading_lease_until")
