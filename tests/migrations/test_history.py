"""The migrations: one line, equal to the models, and harmless to rows that are there already."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlmodel.sql.sqltypes import UTCDateTime

from outreach.adapters import migrations
from outreach.core.db import make_engine
from outreach.registry import metadata


def test_the_history_is_one_line() -> None:
    script = ScriptDirectory.from_config(migrations._config())
    revisions = list(script.walk_revisions())
    assert len(script.get_heads()) == 1
    assert [len(revision.nextrev) for revision in revisions[1:]] == [1] * (len(revisions) - 1)


def test_a_migrated_database_equals_the_models(database_url: str) -> None:
    migrations.check(database_url)


def test_rows_survive_going_down_and_up_again(database_url: str) -> None:
    engine = make_engine(database_url, gated=False)
    with engine.begin() as connection:
        _fill_every_table(connection)
    script = ScriptDirectory.from_config(migrations._config())
    line = [revision.revision for revision in script.walk_revisions()][::-1]
    before = _counts(engine)
    assert min(before.values()) == 1
    for revision in reversed(line[:-1]):
        migrations.downgrade(database_url, revision)
    kept = set(sa.inspect(engine).get_table_names()) & set(before)
    assert len(kept) > 40
    for revision in line[1:]:
        migrations.upgrade(database_url, revision)
    migrations.check(database_url)
    after = _counts(engine)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    engine.dispose()


def test_everything_can_be_taken_down_and_built_again(database_url: str) -> None:
    migrations.downgrade(database_url, "base")
    migrations.upgrade(database_url)
    migrations.check(database_url)


def test_a_newer_head_is_told_from_an_older_database(database_url: str) -> None:
    assert migrations.current_revision(database_url) == migrations.head_revision()
    migrations.downgrade(database_url, "0001")
    assert migrations.current_revision(database_url) == "0001"


def _counts(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            or 0
            for table in metadata.sorted_tables
        }


def _fill_every_table(connection: sa.Connection) -> None:
    """Insert one row into every table, pointing at the first row of whatever it points at."""
    for table in metadata.sorted_tables:
        values = {
            column.name: _value(column)
            for column in table.columns
            if not column.nullable or column.foreign_keys
        }
        for column in table.columns:
            if column.foreign_keys and column.nullable and _points_at_itself(column):
                values[column.name] = None
        if table.name == "custom_value":  # belongs to exactly one record
            values.update(contact_id=None, opportunity_id=None, asset_id=None)
        connection.execute(table.insert().values(**{**values, "id": 1}))


def _points_at_itself(column: sa.Column[Any]) -> bool:
    return any(key.column.table is column.table for key in column.foreign_keys)


def _value(column: sa.Column[Any]) -> Any:
    if column.foreign_keys or column.primary_key:
        return 1
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enums[0] if kind.enums else ""
    if isinstance(kind, UTCDateTime):
        return datetime(2026, 11, 20, tzinfo=UTC)
    examples: list[tuple[type[Any], Any]] = [
        (sa.JSON, {}), (sa.Boolean, False), (sa.Date, date(2026, 11, 20)), (sa.Float, 1.0),
        (sa.Integer, 1), (sa.LargeBinary, b"x"),
    ]  # fmt: skip
    for type_, value in examples:
        if isinstance(kind, type_):
            return value
    return "x"


@pytest.mark.sqlite_only
def test_a_rebuilt_parent_keeps_its_children(tmp_path: Any) -> None:
    """SQLite rebuilds a table by dropping it; with foreign keys on, the children would go too."""
    url = f"sqlite:///{tmp_path}/children.db"
    migrations.upgrade(url)
    engine = make_engine(url, gated=False)
    with engine.begin() as connection:
        _fill_every_table(connection)
    with migrations._connected(url) as config:
        operations = Operations(MigrationContext.configure(config.attributes["connection"]))
        with operations.batch_alter_table("prospect", recreate="always") as batch:
            batch.add_column(sa.Column("extra", sa.String(8)))
    assert _counts(engine)["prospect_page"] == 1
    engine.dispose()


def test_contacts_of_old_get_the_keys_twins_meet_under(database_url: str) -> None:
    engine = make_engine(database_url, gated=False)
    contact = metadata.tables["contact"]
    with engine.begin() as connection:
        _fill_every_table(connection)
        row = connection.execute(sa.select(contact)).mappings().one()
        emptied = {"site_id": None, "kind": "person", "twin_key": "", "mailbox_twin_key": "",
                   "outlet_order": ""}  # fmt: skip
        for key, name, address, outlet in (
            (2, "Zoë Hart", "zoe@a.example", "The Paper"),
            (3, "Z. Hart", "z.hart@b.example", "the  PAPER"),
            (4, "–", "info@a.example", ""),
        ):
            told = {"id": key, "name": name, "address": address, "address_key": address,
                    "outlet": outlet}  # fmt: skip
            connection.execute(contact.insert().values({**row, **emptied, **told}))

    migrations.downgrade(database_url, "0016")
    migrations.upgrade(database_url)

    with engine.connect() as connection:
        columns = (contact.c.twin_key, contact.c.mailbox_twin_key, contact.c.outlet_order)
        rows = connection.execute(sa.select(*columns).where(contact.c.id > 1).order_by("id"))
        assert [tuple(found) for found in rows] == [
            ("zhart@the paper", "zoe@the paper", "the paper"),
            ("zhart@the paper", "z.hart@the paper", "the paper"),
            ("", "", ""),
        ]
    engine.dispose()
