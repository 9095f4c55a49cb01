"""Let the list of contacts be narrowed and sorted from its indexes; find twins among old contacts.

Contacts added before 0013 get their twin keys here, by the rules of this revision. Locks: contact
and contact_touch, while the rows are read through and the indexes are built.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WIDE = [
    "workspace_id", "name_order", "id", "person_key", "kind", "deliverability", "country",
    "site_id", "merged_into_id", "erased_at",
]  # fmt: skip
NARROW = ["workspace_id", "name_order", "id"]
HAS_OUTLET = sa.text("outlet_order <> ''")
ROWS_AT_ONCE = 5_000
LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
CONTACT = sa.table(
    "contact",
    *(sa.column(name) for name in ("id", "name", "address", "kind", "site_id", "outlet")),
    *(sa.column(name) for name in ("outlet_order", "twin_key", "mailbox_twin_key")),
)


def upgrade() -> None:
    column = sa.Column("outlet_order", sa.String(200), nullable=False, server_default="")
    op.add_column("contact", column)
    _fill()
    op.drop_index("ix_contact_workspace_id_name_order_id", "contact")
    op.create_index("ix_contact_list", "contact", WIDE)
    op.drop_index("ix_contact_workspace_id_site_id", "contact")
    op.create_index("ix_contact_at_site", "contact", ["workspace_id", "site_id", "name_order"])
    op.create_index(
        "ix_contact_by_outlet",
        "contact",
        ["workspace_id", "outlet_order", "id", "name_order"],
        sqlite_where=HAS_OUTLET,
        postgresql_where=HAS_OUTLET,
    )
    op.create_index("ix_contact_touch_in_workspace_id_at", "contact_touch",
                    ["in_workspace_id", "at"])  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_contact_touch_in_workspace_id_at", "contact_touch")
    op.drop_index("ix_contact_by_outlet", "contact")
    op.drop_index("ix_contact_at_site", "contact")
    op.create_index("ix_contact_workspace_id_site_id", "contact", ["workspace_id", "site_id"])
    op.drop_index("ix_contact_list", "contact")
    op.create_index("ix_contact_workspace_id_name_order_id", "contact", NARROW)
    op.drop_column("contact", "outlet_order")


def _fill() -> None:
    bind, after = op.get_bind(), 0
    column = CONTACT.c
    statement = (
        sa.update(CONTACT)
        .where(column.id == sa.bindparam("key"))
        .values(
            outlet_order=sa.bindparam("order"),
            twin_key=sa.bindparam("twin"),
            mailbox_twin_key=sa.bindparam("mailbox"),
        )
    )
    while True:
        rows = bind.execute(
            sa.select(CONTACT)
            .where(column.id > after, sa.or_(column.outlet != "", column.site_id.is_not(None)))
            .order_by(column.id)
            .limit(ROWS_AT_ONCE)
        ).all()
        if not rows:
            return
        after = rows[-1].id
        bind.execute(statement, [_filled(row) for row in rows])


def _filled(row: sa.Row) -> dict[str, object]:
    twin, mailbox = row.twin_key, row.mailbox_twin_key
    if not twin and not mailbox and row.kind != "role_address":
        place = _folded(row.outlet) if row.site_id is None else str(row.site_id)
        local = _folded((row.address or "").rpartition("@")[0].partition("+")[0])
        alias = _alias(_words(row.name)) if row.name else _alias_of_mailbox(local)
        twin, mailbox = (f"{key}@{place}"[:160] if key else "" for key in (alias, local))
    order = _folded(row.outlet)[:200]
    return {"key": row.id, "order": order, "twin": twin, "mailbox": mailbox}


def _folded(text: str) -> str:
    text = " ".join(text.casefold().split())
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFKD", text.translate(LETTERS))
    return "".join(char for char in bare if not unicodedata.combining(char))


def _words(name: str) -> list[str]:
    last, comma, first = name.partition(",")
    bare = _folded(f"{first} {last}" if comma else name)
    words = ("".join(char for char in word if char.isalnum()) for word in bare.split())
    return [word for word in words if word]


def _alias(words: list[str]) -> str:
    if len(words) < 2:
        return words[0] if words else ""
    return words[0][0] + words[-1]


def _alias_of_mailbox(local: str) -> str:
    for mark in "._-":
        local = local.replace(mark, " ")
    return _alias(_words(local))
