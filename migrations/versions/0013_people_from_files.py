"""Keep what files say about people, who brought them, and who may be one person.

Contacts that are known already get their twin keys when they are next changed; until then a
contact's own page names its likely twins.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BROUGHT = sa.text("import_file_id IS NOT NULL")
_TWINS = (("ix_contact_twin", "twin_key"), ("ix_contact_mailbox_twin", "mailbox_twin_key"))
_TEXTS = (("location", 200), ("phone", 64), ("twin_key", 160), ("mailbox_twin_key", 160))
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    for name, length in _TEXTS:
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("contact", column)
    for name in ("profiles", "file_facts"):
        op.add_column("contact", sa.Column(name, _JSON, nullable=False, server_default="{}"))
    for name in ("import_file_id", "import_line"):
        op.add_column("contact", sa.Column(name, sa.Integer(), nullable=True))
    op.create_index(
        "ix_contact_brought",
        "contact",
        ["workspace_id", "import_file_id", "import_line"],
        sqlite_where=_BROUGHT,
        postgresql_where=_BROUGHT,
    )
    for name, column_name in _TWINS:
        where = sa.text(f"{column_name} <> '' AND merged_into_id IS NULL AND erased_at IS NULL")
        op.create_index(
            name,
            "contact",
            ["workspace_id", column_name, "id"],
            sqlite_where=where,
            postgresql_where=where,
        )
    _add_distinctions()


def _add_distinctions() -> None:
    op.create_table(
        "contact_distinction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_contact_distinction_user_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "high_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_contact_distinction_workspace_id_high_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "low_id"],
            ["contact.workspace_id", "contact.id"],
            name=op.f("fk_contact_distinction_workspace_id_low_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
            name=op.f("fk_contact_distinction_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_distinction")),
        sa.UniqueConstraint(
            "workspace_id", "id", name=op.f("uq_contact_distinction_workspace_id_id")
        ),
        sa.UniqueConstraint(
            "workspace_id", "low_id", "high_id",
            name=op.f("uq_contact_distinction_workspace_id_low_id_high_id"),
        ),
    )  # fmt: skip
    op.create_index(
        "ix_contact_distinction_workspace_id_high_id",
        "contact_distinction",
        ["workspace_id", "high_id"],
    )


def downgrade() -> None:
    op.drop_table("contact_distinction")
    for name, _ in _TWINS:
        op.drop_index(name, "contact")
    op.drop_index("ix_contact_brought", "contact")
    for name in ("import_line", "import_file_id", "file_facts", "profiles"):
        op.drop_column("contact", name)
    for name, _ in reversed(_TEXTS):
        op.drop_column("contact", name)
