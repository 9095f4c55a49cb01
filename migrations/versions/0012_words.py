"""Room for the search index: the words of prospects and of contacts.

Full-text tables without text; a job fills them from the records. Locks: none on tables with rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = ("prospect_fts", "contact_fts")
_FIRST_TO_DELETE_WITHOUT_CONTENT = (3, 43)


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        _create_on_postgres()
        return
    version = bind.execute(sa.text("SELECT sqlite_version()")).scalar_one()
    is_new = tuple(int(part) for part in version.split(".")[:2]) >= _FIRST_TO_DELETE_WITHOUT_CONTENT
    content = ", content='', contentless_delete=1" if is_new else ""
    for table in _TABLES:
        op.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5(words, detail=none, tokenize='ascii'{content})"
        )


def _create_on_postgres() -> None:
    for table in _TABLES:
        op.execute(
            f"CREATE TABLE {table} (id BIGINT PRIMARY KEY, "
            "workspace_id INTEGER NOT NULL, words TSVECTOR NOT NULL)"
        )
        op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin (words)")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
