"""Every way to reach a scoped table, tried against another workspace's rows.

The other workspace's rows hold MARKER, which must never appear; a path is either scoped or refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session as SASession
from sqlalchemy.orm import aliased, foreign, joinedload, relationship, remote, selectinload
from sqlmodel import SQLModel, col, select

from outreach.activity.models import Activity
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, ScopeViolation, Session, bulk_update, bulk_write
from outreach.core.tables import ScopedRecord, is_scoped_table
from outreach.prospects.models import Prospect, ProspectPage
from outreach.registry import metadata
from outreach.sites.models import Site
from tests.factories import make_page, make_prospect, make_workspace

MARKER = "SECRET"
TABLE: sa.Table = Prospect.__table__  # type: ignore[attr-defined]
REFUSALS = (ScopeViolation, IntegrityError, InvalidRequestError)


# No table of ours has a relationship across rows of one site; this one is the hardest there could
# be: it joins on the site both workspaces share.
_SITE_ID = TABLE.c.site_id
sa.inspect(Prospect).add_property(
    "namesakes",
    relationship(
        Prospect,
        primaryjoin=remote(foreign(_SITE_ID)) == _SITE_ID,
        viewonly=True,
        uselist=True,
    ),
)


@dataclass
class Border:
    """Two workspaces that both know one site; `mine` looks, `foreign` must stay unseen."""

    database: Database
    mine: Scope
    theirs: Scope
    my_id: int
    foreign_id: int
    foreign_page_id: int
    site_id: int


@pytest.fixture
def border(database: Database) -> Border:
    mine, theirs = make_workspace(database), make_workspace(database)
    with database.writing(theirs) as session:
        foreign = make_prospect(session, title=MARKER, notes=MARKER, domain="shared.example")
        page = make_page(session, foreign, title=MARKER)
        foreign_id, page_id, site_id = foreign.key, page.key, foreign.site_id
    with database.writing(mine) as session:
        own = Prospect(site_id=site_id, domain="shared.example", title="ours")
        session.add(own)
        session.flush()
        my_id = own.key
    return Border(database, mine, theirs, my_id, foreign_id, page_id, site_id)


def _select_entity(s: Session, b: Border) -> Any:
    return [p.title for p in s.exec(select(Prospect)).all()]


def _select_by_id(s: Session, b: Border) -> Any:
    return [p.title for p in s.exec(select(Prospect).where(Prospect.id == b.foreign_id)).all()]


def _get(s: Session, b: Border) -> Any:
    return s.get(Prospect, b.foreign_id)


def _column(s: Session, b: Border) -> Any:
    return s.exec(select(Prospect.title)).all()


def _count(s: Session, b: Border) -> Any:
    return MARKER * (s.exec(select(sa.func.count()).select_from(Prospect)).one() - 1)


def _aggregate(s: Session, b: Border) -> Any:
    return s.exec(select(sa.func.max(Prospect.title))).all(), s.exec(
        select(sa.func.min(Prospect.title))
    ).all()


def _alias(s: Session, b: Border) -> Any:
    other = aliased(Prospect)
    return s.exec(select(other.title)).all()


def _subquery(s: Session, b: Border) -> Any:
    inner = select(Prospect.title).subquery()
    return s.execute(sa.select(inner)).all()


def _cte(s: Session, b: Border) -> Any:
    inner = select(Prospect.title).cte()
    return s.execute(sa.select(inner.c.title)).all()


def _exists_where(s: Session, b: Border) -> Any:
    found = s.execute(sa.select(sa.exists().where(col(Prospect.id) == b.foreign_id))).scalar()
    return MARKER if found else ""


def _exists_select(s: Session, b: Border) -> Any:
    inner = select(Prospect.id).where(Prospect.id == b.foreign_id)
    return MARKER if s.execute(sa.select(inner.exists())).scalar() else ""


def _scalar_subquery(s: Session, b: Border) -> Any:
    inner = select(Prospect.title).where(Prospect.id == b.foreign_id).scalar_subquery()
    return s.execute(sa.select(inner)).all()


def _union(s: Session, b: Border) -> Any:
    both = sa.union_all(sa.select(col(Prospect.title)), sa.select(col(Prospect.notes)))
    return s.execute(both).all()


def _join(s: Session, b: Border) -> Any:
    statement = select(Prospect.title, ProspectPage.title).join(
        ProspectPage, col(ProspectPage.prospect_id) == Prospect.id
    )
    return s.exec(statement).all()


def _join_from_unscoped(s: Session, b: Border) -> Any:
    statement = select(Site.domain, Prospect.title).outerjoin(
        Prospect, col(Prospect.site_id) == Site.id
    )
    return s.exec(statement).all()


def _legacy_query(s: Session, b: Border) -> Any:
    return [p.title for p in SASession.query(s, Prospect).all()]


def _update(s: Session, b: Border) -> Any:
    s.execute(sa.update(Prospect).where(col(Prospect.id) == b.foreign_id).values(title="mine now"))
    s.commit()


def _update_everything(s: Session, b: Border) -> Any:
    s.execute(sa.update(Prospect).values(title="all mine"))
    s.commit()


def _move_mine_to_them(s: Session, b: Border) -> Any:
    s.execute(sa.update(Prospect).values(workspace_id=b.theirs.workspace_id))
    s.commit()


def _delete(s: Session, b: Border) -> Any:
    s.execute(sa.delete(Prospect).where(col(Prospect.id) == b.foreign_id))
    s.commit()


def _insert_for_them(s: Session, b: Border) -> Any:
    s.execute(
        sa.insert(Prospect).values(
            workspace_id=b.theirs.workspace_id, site_id=b.site_id, domain="planted.example"
        )
    )
    s.commit()


def _planted(b: Border) -> Prospect:
    return Prospect(
        workspace_id=b.theirs.workspace_id or 0,
        site_id=b.site_id,
        domain="planted.example",
    )


def _bulk_save(s: Session, b: Border) -> Any:
    s.bulk_save_objects([_planted(b)])
    s.commit()


def _add_for_them(s: Session, b: Border) -> Any:
    s.add(_planted(b))
    s.commit()


def _point_at_foreign_row(s: Session, b: Border) -> Any:
    s.add(
        ProspectPage(
            prospect_id=b.foreign_id, url="https://planted.example/", url_key="planted.example"
        )
    )
    s.commit()


def _core_table(s: Session, b: Border) -> Any:
    return s.execute(sa.select(TABLE)).all()


def _core_column_beside_entity(s: Session, b: Border) -> Any:
    page: sa.Table = ProspectPage.__table__  # type: ignore[attr-defined]
    statement = sa.select(col(Prospect.id), page.c.title).join(page, sa.true())
    return s.execute(statement).all()


def _core_alias_beside_entity(s: Session, b: Border) -> Any:
    other = TABLE.alias()
    statement = sa.select(col(Prospect.id), other.c.title).join(
        other, other.c.site_id == col(Prospect.site_id)
    )
    return s.execute(statement).all()


def _literal_column(s: Session, b: Border) -> Any:
    secret: sa.ColumnClause[str] = sa.literal_column("(select max(title) from prospect)")
    return s.execute(sa.select(col(Prospect.id), secret).select_from(Prospect)).all()


def _namesakes(s: Session, b: Border, *options: Any) -> Any:
    statement = sa.select(Prospect).where(col(Prospect.id) == b.my_id).options(*options)
    mine = s.execute(statement).unique().scalars().one()
    return [row.title for row in mine.namesakes]


def _lazy_relationship(s: Session, b: Border) -> Any:
    return _namesakes(s, b)


def _selectin_relationship(s: Session, b: Border) -> Any:
    return _namesakes(s, b, selectinload(Prospect.namesakes))  # type: ignore[attr-defined]


def _joined_relationship(s: Session, b: Border) -> Any:
    return _namesakes(s, b, joinedload(Prospect.namesakes))  # type: ignore[attr-defined]


def _raw_text(s: Session, b: Border) -> Any:
    return s.execute(sa.text("select * from prospect")).all()


def _connection(s: Session, b: Border) -> Any:
    return s.connection().execute(sa.select(Prospect)).all()


def _from_statement(s: Session, b: Border) -> Any:
    statement = sa.select(Prospect).from_statement(sa.text("select * from prospect"))
    return [p.title for p in s.execute(statement).scalars().all()]


def _text_inside_entity(s: Session, b: Border) -> Any:
    return s.execute(sa.select(col(Prospect.id), sa.text("title")).select_from(Prospect)).all()


def _reuse_from_system(s: Session, b: Border) -> Any:
    with b.database.system() as system:
        foreign = system.get(Prospect, b.foreign_id)
        assert foreign is not None
        assert foreign.title == MARKER
    return s.get(Prospect, b.foreign_id)


def _refresh(s: Session, b: Border) -> Any:
    with b.database.system() as system:
        foreign = system.get(Prospect, b.foreign_id)
    assert foreign is not None
    foreign.__dict__.pop("title")
    s.add(foreign)
    s.refresh(foreign)
    return foreign.title


def _expired_attribute(s: Session, b: Border) -> Any:
    with b.database.system() as system:
        foreign = system.get(Prospect, b.foreign_id)
    assert foreign is not None
    s.add(foreign)
    s.expire(foreign)
    return foreign.title


def _driver_sql(s: Session, b: Border) -> Any:
    return s.connection().exec_driver_sql("select * from prospect").all()


def _driver_sql_many(s: Session, b: Border) -> Any:
    mark = "%s" if s.is_postgres else "?"
    sql = f"UPDATE prospect SET title = 'x' WHERE id = {mark}"
    s.connection().exec_driver_sql(sql, [(b.foreign_id,)])
    s.commit()


def _bulk_write_names_workspace(s: Session, b: Border) -> Any:
    row = (b.theirs.workspace_id, b.site_id, "planted.example")
    bulk_write(s, Prospect, ("workspace_id", "site_id", "domain"), [row])
    s.commit()


def _bulk_update_foreign(s: Session, b: Border) -> Any:
    bulk_update(s, Prospect, ("title",), [("taken", b.foreign_id)])
    s.commit()


def _engine_directly(s: Session, b: Border) -> Any:
    s.close()
    with b.database.engine.connect() as connection:
        return connection.execute(sa.select(TABLE)).all()


def _merge(s: Session, b: Border) -> Any:
    merged = s.merge(Prospect(id=b.foreign_id, site_id=b.site_id, domain="x", title="taken"))
    s.commit()
    return merged.title


def _upsert_on_foreign_key(s: Session, b: Border) -> Any:
    bulk_write(
        s,
        ProspectPage,
        ("prospect_id", "url", "url_key", "title"),
        [(b.foreign_id, "https://planted.example/", "planted.example", "x")],
        unique=("url_key",),
        update=("title",),
    )
    s.commit()


_HELPERS = {"_planted", "_foreign_rows", "_namesakes"}
PATHS: list[Callable[[Session, Border], Any]] = [
    path
    for name, path in list(globals().items())
    if isinstance(path, FunctionType) and name.startswith("_") and name not in _HELPERS
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__.strip("_"))
def test_no_path_reads_or_writes_another_workspace(
    border: Border, path: Callable[[Session, Border], Any]
) -> None:
    before = _foreign_rows(border)
    with Session(border.database.engine, scope=border.mine) as session:
        try:
            found = str(path(session, border))
        except REFUSALS:
            session.rollback()
            found = ""

    assert MARKER not in found
    assert _foreign_rows(border) == before


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__.strip("_"))
def test_no_path_works_without_a_scope(
    border: Border, path: Callable[[Session, Border], Any]
) -> None:
    before = _foreign_rows(border)
    with Session(border.database.engine) as session:
        with pytest.raises((ScopeViolation, IntegrityError)):
            path(session, border)
        session.rollback()

    assert _foreign_rows(border) == before


def _foreign_rows(border: Border) -> Any:
    with border.database.system() as session:
        return [
            session.execute(
                sa.text(f"select * from {table} where workspace_id = :ws order by id"),
                {"ws": border.theirs.workspace_id},
            ).all()
            for table in ("prospect", "prospect_page")
        ]


def test_reads_see_their_own_workspace_whole(border: Border) -> None:
    with border.database.reading(border.mine) as session:
        assert _select_entity(session, border) == ["ours"]
        assert session.get(Prospect, border.my_id) is not None
        assert list(_column(session, border)) == ["ours"]
        assert list(_alias(session, border)) == ["ours"]
        assert _cte(session, border) == [("ours",)]
        assert _subquery(session, border) == [("ours",)]
        assert _union(session, border) == [("ours",), ("",)]
        assert _lazy_relationship(session, border) == ["ours"]
        assert _selectin_relationship(session, border) == ["ours"]
        assert _joined_relationship(session, border) == ["ours"]
        assert _join_from_unscoped(session, border) == [("shared.example", "ours")]
        assert session.exec(select(sa.func.count()).select_from(Prospect)).one() == 1


def test_a_reading_session_refuses_to_write(border: Border) -> None:
    with (
        border.database.reading(border.mine) as session,
        pytest.raises(ScopeViolation, match="only reads"),
    ):
        session.execute(sa.update(Prospect).values(title="x"))


def test_bulk_writes_are_stamped_with_the_workspace(border: Border) -> None:
    now = utc_now()
    with border.database.writing(border.mine) as session:
        rows = [(now, now, now, "noted", "prospect", number, "s", "{}") for number in range(3)]
        columns = ("created_at", "updated_at", "at", "verb", "subject_type", "subject_id",
                   "sentence", "details")  # fmt: skip
        assert bulk_write(session, Activity, columns, rows) == 3
        stamped = session.exec(select(Activity)).all()

    assert {row.workspace_id for row in stamped} == {border.mine.workspace_id}
    assert {row.at for row in stamped} == {now}


def test_every_scoped_table_can_be_pointed_at_within_its_workspace_only() -> None:
    for mapper in SQLModel._sa_registry.mappers:
        table = mapper.local_table
        assert isinstance(table, sa.Table)
        assert is_scoped_table(table) == issubclass(mapper.class_, ScopedRecord), table.name
        for key in table.foreign_key_constraints:
            if is_scoped_table(table) and is_scoped_table(key.referred_table):
                assert "workspace_id" in key.column_keys, f"{table.name}: {key.column_keys}"


def test_all_tables_are_registered() -> None:
    assert len(metadata.tables) > 40
