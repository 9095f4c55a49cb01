"""Backups: one file with the whole database and every kept upload, never the secret key."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import sqlalchemy as sa

from outreach import __version__
from outreach.adapters import migrations
from outreach.core.db import make_engine, sqlite_dbapi
from outreach.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from outreach.core.settings import Settings

UPLOADS = "imports"  # in the data directory, files by hash
_MANIFEST, _SQLITE_MEMBER, _TABLES = "manifest.json", "outreach.db", "tables/"
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    engine: str
    revision: str
    made_at: str
    version: str


def write_backup(settings: Settings, target: Path, *, now: datetime) -> int:
    """Write a backup beside work that goes on; the file appears whole or not at all.

    Returns:
        Its size in bytes.
    """
    url = sa.make_url(settings.database)
    engine = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
    manifest = Manifest(
        engine=engine,
        revision=migrations.current_revision(settings.database) or "",
        made_at=now.isoformat(),
        version=__version__,
    )
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_MANIFEST, json.dumps(vars_of(manifest), indent=1))
        if engine == "sqlite":
            _add_sqlite(archive, Path(url.database or ""))
        else:
            _add_postgres(archive, settings.database)
        _add_uploads(archive, settings.data_dir / UPLOADS)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    return target.stat().st_size


def read_manifest(source: Path) -> Manifest:
    """Read what a backup says of itself.

    Raises:
        Invalid: It is no backup of ours, or damaged.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            damaged = archive.testzip()
            manifest = Manifest(**json.loads(archive.read(_MANIFEST)))
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise Invalid(f"{source} is not a backup of Outreach: {error}.") from error
    if damaged:
        raise Invalid(f"The backup is damaged: {damaged} cannot be read.")
    return manifest


def restore_backup(settings: Settings, source: Path, *, keep_as: str) -> Manifest:
    """Put a backup in the place of the database and bring it up to this code's revision.

    A SQLite database that is there is kept beside it under the name `keep_as`.

    Raises:
        Invalid: It is no backup, or of the other engine.
        Conflict: The PostgreSQL database is not empty.
    """
    manifest = read_manifest(source)
    url = sa.make_url(settings.database)
    if manifest.engine != url.get_backend_name():
        raise Invalid(
            f"This backup is of a {manifest.engine} database; OUTREACH_DATABASE_URL names a "
            f"{url.get_backend_name()} one."
        )
    with zipfile.ZipFile(source) as archive:
        if manifest.engine == "sqlite":
            _restore_sqlite(archive, Path(url.database or ""), keep_as)
        else:
            _restore_postgres(archive, settings.database, manifest.revision)
        _restore_uploads(archive, settings.data_dir / UPLOADS)
    migrations.upgrade(settings.database)
    return manifest


def vars_of(manifest: Manifest) -> dict[str, str]:
    """The manifest as JSON keeps it."""
    return {name: getattr(manifest, name) for name in Manifest.__slots__}


def _add_sqlite(archive: zipfile.ZipFile, path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / _SQLITE_MEMBER
        connection = sqlite_dbapi.connect(str(path), timeout=30)
        try:
            connection.execute("VACUUM INTO ?", (str(copy),))
        finally:
            connection.close()
        _quick_check(copy)
        archive.write(copy, _SQLITE_MEMBER)


def _quick_check(path: Path) -> None:
    connection = sqlite_dbapi.connect(str(path))
    try:
        verdict = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite_dbapi.DatabaseError as error:
        raise Invalid(f"The database in this backup cannot be read: {error}.") from error
    finally:
        connection.close()
    if verdict != "ok":
        raise Invalid(f"The copied database is damaged: {verdict}.")


def _restore_sqlite(archive: zipfile.ZipFile, path: Path, keep_as: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with archive.open(_SQLITE_MEMBER) as member, part.open("wb") as file:
        shutil.copyfileobj(member, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())
    _quick_check(part)
    if path.exists():
        _fold_journal(path)
        path.replace(path.with_name(keep_as))
    part.replace(path)


def _fold_journal(path: Path) -> None:
    """Take the write-ahead log into the file, so that nothing of it is read with the new one."""
    connection = sqlite_dbapi.connect(str(path), timeout=5, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    except sqlite_dbapi.OperationalError as error:
        raise Conflict(
            "The database is in use. Stop Outreach (web and workers) before restoring."
        ) from error
    finally:
        connection.close()


def _add_postgres(archive: zipfile.ZipFile, url: str) -> None:
    with _driver_connection(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table in _tables(connection):
            with (
                archive.open(f"{_TABLES}{table}", "w", force_zip64=True) as member,
                connection.cursor() as cursor,
                cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT csv, HEADER)') as copy,
            ):
                for data in copy:
                    member.write(bytes(data))


def _restore_postgres(archive: zipfile.ZipFile, url: str, revision: str) -> None:
    if migrations.current_revision(url) is not None:
        raise Conflict(
            "The PostgreSQL database is not empty. Restore into a new one, then point "
            "OUTREACH_DATABASE_URL at it."
        )
    migrations.upgrade(url, revision)
    names = [name for name in archive.namelist() if name.startswith(_TABLES)]
    with _driver_connection(url) as connection:
        connection.execute("SET session_replication_role = replica")  # parents may come later
        for name in names:
            _copy_in(connection, archive, name)
        connection.execute("SET session_replication_role = DEFAULT")
        for table in _tables(connection):
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), "  # noqa: S608
                f'(SELECT max(id) FROM "{table}"))'
            )
        connection.commit()


def _copy_in(connection: Any, archive: zipfile.ZipFile, name: str) -> None:
    table = name.removeprefix(_TABLES)
    with archive.open(name) as member:
        columns = member.readline().decode().strip()
        if not columns:
            return
        with (
            connection.cursor() as cursor,
            cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN (FORMAT csv)') as copy,
        ):
            _pump(member, copy.write)


def _pump(source: BinaryIO | Any, write: Callable[[bytes], Any]) -> None:
    while data := source.read(_CHUNK):
        write(data)


def _tables(connection: Any) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() "
        "AND tablename NOT LIKE 'huey%' AND tablename <> 'alembic_version' ORDER BY tablename"
    ).fetchall()
    return [row[0] for row in rows]


@contextmanager
def _driver_connection(url: str) -> Iterator[Any]:
    engine = make_engine(url, gated=False)
    raw = engine.raw_connection()
    try:
        yield raw.driver_connection
    finally:
        raw.close()
        engine.dispose()


def _add_uploads(archive: zipfile.ZipFile, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".part"):
            archive.write(path, f"{UPLOADS}/{path.relative_to(folder)}")


def _restore_uploads(archive: zipfile.ZipFile, folder: Path) -> None:
    for name in archive.namelist():
        if not name.startswith(f"{UPLOADS}/"):
            continue
        target = (folder / name.removeprefix(f"{UPLOADS}/")).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise Invalid("This backup names a file outside the data directory.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as member, target.open("wb") as file:
            shutil.copyfileobj(member, file, _CHUNK)
