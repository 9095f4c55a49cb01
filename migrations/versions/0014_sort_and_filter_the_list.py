"""Let the list of prospects be narrowed by anything it shows, and sorted by it.

Locks: prospect, while the indexes are built.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WIDE = [
    "workspace_id", "score_order", "id", "review", "has_contact", "authority_order", "relevance",
    "stage", "tactic", "topic", "country", "language", "owner_id", "ahrefs_dr", "moz_da",
    "majestic_tf", "semrush_as", "traffic", "last_contact_at", "cool_down_until", "created_at",
    "source", "domain", "title",
]  # fmt: skip
NARROW = [
    "workspace_id", "score_order", "id", "review", "has_contact", "source", "domain", "title",
]  # fmt: skip
FIGURES = (
    "relevance", "ahrefs_dr", "moz_da", "majestic_tf", "semrush_as", "traffic",
    "last_contact_at", "owner_id",
)  # fmt: skip
WORDS = ("stage", "tactic", "topic", "country", "language")
CARDS = "ix_score_card_workspace_id_asset_id_score"


def upgrade() -> None:
    op.drop_index("ix_prospect_by_score", "prospect")
    op.create_index("ix_prospect_list", "prospect", WIDE)
    for name, known in _sorted():
        op.create_index(
            f"ix_prospect_by_{name}",
            "prospect",
            ["workspace_id", name, "id"],
            sqlite_where=sa.text(known),
            postgresql_where=sa.text(known),
        )
    op.drop_index(CARDS, "score_card")
    op.create_index(
        f"{CARDS}_prospect_id", "score_card", ["workspace_id", "asset_id", "score", "prospect_id"]
    )


def downgrade() -> None:
    op.drop_index(f"{CARDS}_prospect_id", "score_card")
    op.create_index(CARDS, "score_card", ["workspace_id", "asset_id", "score"])
    for name, _ in _sorted():
        op.drop_index(f"ix_prospect_by_{name}", "prospect")
    op.drop_index("ix_prospect_list", "prospect")
    op.create_index("ix_prospect_by_score", "prospect", NARROW)


def _sorted() -> list[tuple[str, str]]:
    figures = [(name, f"{name} IS NOT NULL") for name in FIGURES]
    return figures + [(name, f"{name} <> ''") for name in WORDS]
