"""Room for prospecting at any size.

New tables for tags, notes, files, custom fields, saved views, bulk actions, merges and access tokens;
columns that lists are narrowed by. New columns keep their defaults, so that no table is written anew.
Locks: import_file and import_row, while SQLite writes them anew for their CHECKs; others for a moment.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATES_BEFORE = "state IN ('previewed', 'running', 'done', 'failed', 'undoing', 'undone')"
_STATES_AFTER = (
    "state IN ('previewed', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone')"
)
_VERDICTS_BEFORE = "verdict IN ('added', 'page_added', 'updated', 'known', 'refused')"
_VERDICTS_AFTER = "verdict IN ('added', 'page_added', 'updated', 'known', 'refused', 'skipped')"
_COUNT_THE_PIPELINE = """
    INSERT INTO pipeline_tally (created_at, updated_at, workspace_id, campaign_id, owner_id, stage,
                                opportunity_count, value_cents)
    SELECT CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, workspace_id, campaign_id, COALESCE(owner_id, 0),
           stage, COUNT(*), 0
    FROM opportunity GROUP BY workspace_id, campaign_id, COALESCE(owner_id, 0), stage
"""


def upgrade() -> None:
    op.create_table(
        "access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('add_pages')", name=op.f("ck_access_token_purpose_valid")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_access_token_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_access_token_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_token_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_access_token_workspace_id"), ["workspace_id"], unique=False
        )

    op.create_table(
        "bulk_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=48), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("chosen", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("arguments", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("up_to_id", sa.Integer(), nullable=False),
        sa.Column("next_id", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'cancelled', 'undoing', 'undone')",
            name=op.f("ck_bulk_action_state_valid"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_bulk_action_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_bulk_action_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_action")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_bulk_action_workspace_id_id")),
    )
    op.create_table(
        "column_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("header_key", sa.String(length=64), nullable=False),
        sa.Column("headers", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("columns", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_column_mapping_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_column_mapping_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_mapping")),
        sa.UniqueConstraint(
            "workspace_id", "header_key", name=op.f("uq_column_mapping_workspace_id_header_key")
        ),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_column_mapping_workspace_id_id")),
    )
    op.create_table(
        "custom_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("choices", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('text', 'number', 'date', 'choice', 'url')",
            name=op.f("ck_custom_field_kind_valid"),
        ),
        sa.CheckConstraint(
            "subject IN ('prospect', 'contact', 'opportunity', 'asset')",
            name=op.f("ck_custom_field_subject_valid"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_custom_field_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_custom_field_workspace_id_id")),
        sa.UniqueConstraint(
            "workspace_id",
            "subject",
            "name_key",
            name=op.f("uq_custom_field_workspace_id_subject_name_key"),
        ),
    )
    op.create_table(
        "list_layout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=32), nullable=False),
        sa.Column("columns", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_list_layout_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_list_layout_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_layout")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_list_layout_workspace_id_id")),
        sa.UniqueConstraint(
            "workspace_id",
            "user_id",
            "list_name",
            name=op.f("uq_list_layout_workspace_id_user_id_list_name"),
        ),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_note_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_note_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_note_workspace_id_id")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_note_workspace_id_subject_type_subject_id_id"),
            ["workspace_id", "subject_type", "subject_id", "id"],
            unique=False,
        )

    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("query", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("columns", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_saved_view_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_saved_view_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_saved_view_workspace_id_id")),
        sa.UniqueConstraint(
            "workspace_id",
            "list_name",
            "user_id",
            "name",
            name=op.f("uq_saved_view_workspace_id_list_name_user_id_name"),
        ),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=60), nullable=False),
        sa.Column("tone", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_tag_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_tag_workspace_id_id")),
        sa.UniqueConstraint("workspace_id", "name_key", name=op.f("uq_tag_workspace_id_name_key")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("blob_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_attachment_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "blob_id"],
            ["blob.workspace_id", "blob.id"],
            name=op.f("fk_attachment_workspace_id_blob_id"),
            ondelete="NO ACTION",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_attachment_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_attachment_workspace_id_id")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attachment_workspace_id_subject_type_subject_id"),
            ["workspace_id", "subject_type", "subject_id"],
            unique=False,
        )

    op.create_table(
        "bulk_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("bulk_action_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("after", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "bulk_action_id"],
            ["bulk_action.workspace_id", "bulk_action.id"],
            name=op.f("fk_bulk_change_workspace_id_bulk_action_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_bulk_change_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change")),
        sa.UniqueConstraint(
            "workspace_id",
            "bulk_action_id",
            "subject_id",
            name=op.f("uq_bulk_change_workspace_id_bulk_action_id_subject_id"),
        ),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_bulk_change_workspace_id_id")),
    )
    op.create_table(
        "contact_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("moved", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("parted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_contact_merge_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "gone_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_contact_merge_workspace_id_gone_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "kept_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_contact_merge_workspace_id_kept_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_contact_merge_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_merge")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_contact_merge_workspace_id_id")),
    )
    with op.batch_alter_table("contact_merge", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_merge_workspace_id_gone_id"),
            ["workspace_id", "gone_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_contact_merge_workspace_id_kept_id"),
            ["workspace_id", "kept_id"],
            unique=False,
        )

    op.create_table(
        "contact_tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_contact_tag_workspace_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "tag_id"],
            ["tag.workspace_id", "tag.id"],
            name=op.f("fk_contact_tag_workspace_id_tag_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_contact_tag_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_tag")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_contact_tag_workspace_id_id")),
        sa.UniqueConstraint(
            "workspace_id",
            "tag_id",
            "contact_id",
            name=op.f("uq_contact_tag_workspace_id_tag_id_contact_id"),
        ),
    )
    with op.batch_alter_table("contact_tag", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contact_tag_workspace_id_contact_id"),
            ["workspace_id", "contact_id"],
            unique=False,
        )

    op.create_table(
        "mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_mention_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "note_id"],
            ["note.workspace_id", "note.id"],
            name=op.f("fk_mention_workspace_id_note_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_mention_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_mention_workspace_id_id")),
        sa.UniqueConstraint(
            "workspace_id",
            "note_id",
            "user_id",
            name=op.f("uq_mention_workspace_id_note_id_user_id"),
        ),
    )
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.create_index(
            "ix_mention_unseen",
            ["workspace_id", "user_id", "id"],
            unique=False,
            sqlite_where=sa.text("seen_at IS NULL"),
            postgresql_where=sa.text("seen_at IS NULL"),
        )

    op.create_table(
        "prospect_tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("prospect_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "prospect_id"],
            ["prospect.workspace_id", "prospect.id"],
            name=op.f("fk_prospect_tag_workspace_id_prospect_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "tag_id"],
            ["tag.workspace_id", "tag.id"],
            name=op.f("fk_prospect_tag_workspace_id_tag_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_prospect_tag_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prospect_tag")),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_prospect_tag_workspace_id_id")),
        sa.UniqueConstraint(
            "workspace_id",
            "tag_id",
            "prospect_id",
            name=op.f("uq_prospect_tag_workspace_id_tag_id_prospect_id"),
        ),
    )
    with op.batch_alter_table("prospect_tag", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_prospect_tag_workspace_id_prospect_id"),
            ["workspace_id", "prospect_id"],
            unique=False,
        )

    op.create_table(
        "pipeline_tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("opportunity_count", sa.Integer(), nullable=False),
        sa.Column("value_cents", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('identified', 'qualified', 'ready', 'pitched', 'following_up', 'in_conversation', 'committed', 'won', 'lost', 'declined', 'unresponsive')",
            name=op.f("ck_pipeline_tally_stage_valid"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "campaign_id"],
            ["campaign.workspace_id", "campaign.id"],
            name=op.f("fk_pipeline_tally_workspace_id_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_pipeline_tally_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_tally")),
        sa.UniqueConstraint(
            "workspace_id",
            "campaign_id",
            "owner_id",
            "stage",
            name=op.f("uq_pipeline_tally_workspace_id_campaign_id_owner_id_stage"),
        ),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_pipeline_tally_workspace_id_id")),
    )
    op.create_table(
        "custom_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("custom_field_id", sa.Integer(), nullable=False),
        sa.Column("prospect_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("opportunity_id", sa.Integer(), nullable=True),
        sa.Column("asset_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=2048), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN prospect_id IS NULL THEN 0 ELSE 1 END + CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END + CASE WHEN opportunity_id IS NULL THEN 0 ELSE 1 END + CASE WHEN asset_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_custom_value_one_subject"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "asset_id"],
            ["asset.workspace_id", "asset.id"],
            name=op.f("fk_custom_value_workspace_id_asset_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_custom_value_workspace_id_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "custom_field_id"],
            ["custom_field.workspace_id", "custom_field.id"],
            name=op.f("fk_custom_value_workspace_id_custom_field_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "opportunity_id"],
            ["opportunity.workspace_id", "opportunity.id"],
            name=op.f("fk_custom_value_workspace_id_opportunity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "prospect_id"],
            ["prospect.workspace_id", "prospect.id"],
            name=op.f("fk_custom_value_workspace_id_prospect_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_custom_value_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_value")),
        sa.UniqueConstraint(
            "workspace_id",
            "asset_id",
            "custom_field_id",
            name=op.f("uq_custom_value_workspace_id_asset_id_custom_field_id"),
        ),
        sa.UniqueConstraint(
            "workspace_id",
            "contact_id",
            "custom_field_id",
            name=op.f("uq_custom_value_workspace_id_contact_id_custom_field_id"),
        ),
        sa.UniqueConstraint("workspace_id", "id", name=op.f("uq_custom_value_workspace_id_id")),
        sa.UniqueConstraint(
            "workspace_id",
            "opportunity_id",
            "custom_field_id",
            name=op.f("uq_custom_value_workspace_id_opportunity_id_custom_field_id"),
        ),
        sa.UniqueConstraint(
            "workspace_id",
            "prospect_id",
            "custom_field_id",
            name=op.f("uq_custom_value_workspace_id_prospect_id_custom_field_id"),
        ),
    )
    with op.batch_alter_table("custom_value", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_custom_value_workspace_id_custom_field_id_number_prospect_id"),
            ["workspace_id", "custom_field_id", "number", "prospect_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_custom_value_workspace_id_custom_field_id_on_date_prospect_id"),
            ["workspace_id", "custom_field_id", "on_date", "prospect_id"],
            unique=False,
        )

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_search_stale", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.create_index(
            "ix_contact_search_stale",
            ["workspace_id", "id"],
            unique=False,
            sqlite_where=sa.text("is_search_stale"),
            postgresql_where=sa.text("is_search_stale"),
        )

    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("value_cents", sa.Integer(), nullable=False, server_default="0")
        )

    with op.batch_alter_table("prospect", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("country", sa.String(length=2), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("language", sa.String(length=8), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("topic", sa.String(length=120), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("tactic", sa.String(length=32), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("ahrefs_dr", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("moz_da", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("majestic_tf", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("semrush_as", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("traffic", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("is_search_stale", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch_op.create_index(
            "ix_prospect_search_stale",
            ["workspace_id", "id"],
            unique=False,
            sqlite_where=sa.text("is_search_stale"),
            postgresql_where=sa.text("is_search_stale"),
        )

    with op.batch_alter_table("prospect_page", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "figures",
                sa.JSON().with_variant(JSONB(), "postgresql"),
                nullable=False,
                server_default="{}",
            )
        )
        batch_op.add_column(
            sa.Column(
                "gives_links_to",
                sa.JSON().with_variant(JSONB(), "postgresql"),
                nullable=False,
                server_default="[]",
            )
        )

    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("currency", sa.String(length=3), nullable=False, server_default="USD")
        )

    with op.batch_alter_table("import_file") as batch_op:
        batch_op.drop_constraint(op.f("ck_import_file_state_valid"), type_="check")
        batch_op.create_check_constraint(op.f("ck_import_file_state_valid"), _STATES_AFTER)
    with op.batch_alter_table("import_row") as batch_op:
        batch_op.drop_constraint(op.f("ck_import_row_verdict_valid"), type_="check")
        batch_op.create_check_constraint(op.f("ck_import_row_verdict_valid"), _VERDICTS_AFTER)
    op.execute(_COUNT_THE_PIPELINE)


def downgrade() -> None:
    op.execute("UPDATE import_row SET verdict = 'refused' WHERE verdict = 'skipped'")
    op.execute("UPDATE import_file SET state = 'failed' WHERE state = 'cancelled'")
    with op.batch_alter_table("import_row") as batch_op:
        batch_op.drop_constraint(op.f("ck_import_row_verdict_valid"), type_="check")
        batch_op.create_check_constraint(op.f("ck_import_row_verdict_valid"), _VERDICTS_BEFORE)
    with op.batch_alter_table("import_file") as batch_op:
        batch_op.drop_constraint(op.f("ck_import_file_state_valid"), type_="check")
        batch_op.create_check_constraint(op.f("ck_import_file_state_valid"), _STATES_BEFORE)
    with op.batch_alter_table("workspace", schema=None) as batch_op:
        batch_op.drop_column("currency")

    with op.batch_alter_table("prospect_page", schema=None) as batch_op:
        batch_op.drop_column("gives_links_to")
        batch_op.drop_column("figures")

    with op.batch_alter_table("prospect", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_prospect_search_stale",
            sqlite_where=sa.text("is_search_stale"),
            postgresql_where=sa.text("is_search_stale"),
        )
        batch_op.drop_column("is_search_stale")
        batch_op.drop_column("traffic")
        batch_op.drop_column("semrush_as")
        batch_op.drop_column("majestic_tf")
        batch_op.drop_column("moz_da")
        batch_op.drop_column("ahrefs_dr")
        batch_op.drop_column("tactic")
        batch_op.drop_column("topic")
        batch_op.drop_column("language")
        batch_op.drop_column("country")

    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_column("value_cents")

    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_column("mended_at")

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contact_search_stale",
            sqlite_where=sa.text("is_search_stale"),
            postgresql_where=sa.text("is_search_stale"),
        )
        batch_op.drop_column("is_search_stale")

    with op.batch_alter_table("custom_value", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_custom_value_workspace_id_custom_field_id_on_date_prospect_id")
        )
        batch_op.drop_index(
            batch_op.f("ix_custom_value_workspace_id_custom_field_id_number_prospect_id")
        )

    op.drop_table("custom_value")
    op.drop_table("pipeline_tally")
    with op.batch_alter_table("prospect_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prospect_tag_workspace_id_prospect_id"))

    op.drop_table("prospect_tag")
    with op.batch_alter_table("mention", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_mention_unseen",
            sqlite_where=sa.text("seen_at IS NULL"),
            postgresql_where=sa.text("seen_at IS NULL"),
        )

    op.drop_table("mention")
    with op.batch_alter_table("contact_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_tag_workspace_id_contact_id"))

    op.drop_table("contact_tag")
    with op.batch_alter_table("contact_merge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_merge_workspace_id_kept_id"))
        batch_op.drop_index(batch_op.f("ix_contact_merge_workspace_id_gone_id"))

    op.drop_table("contact_merge")
    op.drop_table("bulk_change")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_workspace_id_subject_type_subject_id"))

    op.drop_table("attachment")
    op.drop_table("tag")
    op.drop_table("saved_view")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_workspace_id_subject_type_subject_id_id"))

    op.drop_table("note")
    op.drop_table("list_layout")
    op.drop_table("custom_field")
    op.drop_table("column_mapping")
    op.drop_table("bulk_action")
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_token_workspace_id"))
        batch_op.drop_index(batch_op.f("ix_access_token_user_id"))

    op.drop_table("access_token")
