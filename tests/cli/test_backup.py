"""Backup and restore, as an operator runs them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlmodel import select

from outreach.adapters import migrations
from outreach.adapters.backup import read_manifest
from outreach.cli.backup import backup, restore
from outreach.cli.doctor import doctor
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, make_engine
from outreach.core.errors import Invalid
from outreach.mail.models import OutboxMessage
from outreach.mail.words import OutboxState
from outreach.prospects.models import Prospect
from outreach.suppression.models import Suppression
from outreach.suppression.services import suppress_domain
from outreach.suppression.words import SuppressionReason
from tests.factories import make_prospect
from tests.web.foreign_rows import make_foreign_rows

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", database_url)
    monkeypatch.setenv("OUTREACH_DATA_DIR", str(tmp_path))
    return lambda command, *arguments: CliRunner().invoke(command, [str(a) for a in arguments])


def test_a_restored_backup_has_every_row_and_upload(
    run: Run, database: Database, scope: Scope, tmp_path: Path
) -> None:
    with database.writing(scope) as session:
        make_prospect(session, domain="kept.example")
    upload = tmp_path / "imports" / "ab" / "file.csv"
    upload.parent.mkdir(parents=True)
    upload.write_text("a,b\n")
    target = tmp_path / "b.zip"
    done = run(backup, target)
    assert done.exit_code == 0, done.output
    if database.engine.dialect.name == "postgresql":
        done = run(restore, target, "--yes")
        assert done.exit_code == 1
        assert "is not empty" in str(done.exception)
        return
    with database.writing(scope) as session:
        make_prospect(session, domain="later.example")
    upload.unlink()
    database.engine.dispose()
    done = run(restore, target, "--yes")
    assert done.exit_code == 0, f"{done.output} {done.exception}"
    with database.reading(scope) as session:
        assert session.exec(select(Prospect.domain)).all() == ["kept.example"]
    assert upload.read_text() == "a,b\n"
    assert list(tmp_path.glob("outreach.db.before-*"))


def test_a_backup_restores_into_an_empty_database(
    run: Run, database: Database, database_url: str, scope: Scope, tmp_path: Path
) -> None:
    make_foreign_rows(database, scope)
    assert run(backup, tmp_path / "b.zip").exit_code == 0
    if database.engine.dialect.name == "sqlite":
        Path(database_url.removeprefix("sqlite:///")).unlink()
    else:
        migrations.downgrade(database_url, "base")
        _drop_version_table(database_url)
    database.engine.dispose()
    done = run(restore, tmp_path / "b.zip", "--yes")
    assert done.exit_code == 0, f"{done.output} {done.exception}"
    with database.writing(scope) as session:
        make_prospect(session, domain="next.example")  # ids go on where they were
        message = session.exec(select(OutboxMessage)).one()
    assert message.state is OutboxState.IN_DOUBT


@pytest.mark.sqlite_only  # a PostgreSQL backup goes into a new database
def test_people_suppressed_since_the_backup_stay_suppressed(
    run: Run, database: Database, tmp_path: Path
) -> None:
    assert run(backup, tmp_path / "b.zip").exit_code == 0
    with database.system() as session:
        suppress_domain(session, "no-thanks.example", SuppressionReason.ASKED, now=utc_now())
    database.engine.dispose()
    done = run(restore, tmp_path / "b.zip", "--yes")
    assert "1 people suppressed since" in done.output
    with database.system() as session:
        assert session.exec(select(Suppression.match_key)).all() == ["no-thanks.example"]


@pytest.mark.sqlite_only
def test_what_is_no_backup_changes_nothing(run: Run, database: Database, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"not a zip")
    done = run(restore, wrong, "--yes")
    assert done.exit_code == 1
    with pytest.raises(Invalid, match="not a backup of Outreach"):
        read_manifest(wrong)
    assert not list(tmp_path.glob("outreach.db.before-*"))


def test_the_secret_key_is_not_in_a_backup(run: Run, tmp_path: Path) -> None:
    assert run(backup, tmp_path / "b.zip").exit_code == 0
    key = (tmp_path / "secret.key").read_bytes()
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert all(key not in archive.read(name) for name in archive.namelist())


def test_doctor_names_what_is_wrong_and_how_to_mend_it(run: Run) -> None:
    done = run(doctor)
    assert done.exit_code == 1
    assert "Nobody has an account yet." in done.output
    assert "outreach people setup-link" in done.output
    assert "No background work has run" in done.output


def test_doctor_finds_a_copied_column_that_lies(run: Run, database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        make_prospect(
            session, domain="liar.example", has_contact=True,
            last_contact_at=utc_now() - timedelta(days=1),
        )  # fmt: skip
    assert "liar.example" in run(doctor).output


def _drop_version_table(url: str) -> None:
    engine = make_engine(url, gated=False)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    engine.dispose()
