"""`outreach import` and `outreach metrics import`, as somebody types them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.cli.main import main
from outreach.core.db import Database, Scope
from outreach.imports.models import ImportFile
from outreach.prospects.models import Prospect, ProspectPage
from outreach.suppression.models import Suppression
from tests.factories import make_workspace
from tests.factories_imports import make_asset

Run = Callable[..., int]
PAGES = "URL,Title,Description\nhttps://soil.example.org/guide,Garden soil,Compost and clay\n"


@pytest.fixture
def run(database_url: str, scope: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", database_url)
    monkeypatch.setenv("OUTREACH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OUTREACH_ENVIRONMENT", "test")

    def command(*arguments: object) -> int:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return int(ended.value.code or 0)

    return command


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    path = tmp_path / "pages.csv"
    path.write_text(PAGES)
    return path


def count(database: Database, scope: Scope, model: type) -> int:
    with database.reading(scope) as session:
        return len(session.exec(select(model)).all())


def test_a_file_is_imported_and_scored(
    run: Run, pages: Path, database: Database, scope: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    make_asset(database, scope)

    assert run("import", pages) == 0

    said = capsys.readouterr().out
    assert "Table of pages, 1 row: 1 new." in said
    assert "Scored 1 prospect against 1 asset" in said
    with database.reading(scope) as session:
        assert session.exec(select(Prospect.score)).one() is not None


def test_a_dry_run_changes_nothing(
    run: Run, pages: Path, database: Database, scope: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", pages, "--dry-run") == 0

    assert "Nothing was changed." in capsys.readouterr().out
    assert count(database, scope, Prospect) == count(database, scope, ImportFile) == 0


@pytest.mark.parametrize(
    "broken",
    [
        (b"", "“broken.csv” is empty."),
        (b"\x89PNG\r\n\x1a\n", "“broken.csv” is a PNG image."),
        ("URL\thttps://a.exa".encode("utf-16")[:-1], "the middle of a character"),
        (b"a,b\n1,2\n", "none of the layouts we know"),
        (b"Target page,Incoming links\nhttps://a.example/,3\n", "lists your own pages"),
    ],
)
def test_a_broken_file_gets_one_sentence_and_status_1(
    run: Run,
    tmp_path: Path,
    database: Database,
    scope: Scope,
    capsys: pytest.CaptureFixture[str],
    broken: tuple[bytes, str],
) -> None:
    data, sentence = broken
    path = tmp_path / "broken.csv"
    path.write_bytes(data)

    assert run("import", path) == 1

    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.strip().count("\n") == 0
    assert count(database, scope, ImportFile) == count(database, scope, ProspectPage) == 0


def test_a_file_that_is_not_there_is_said(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", tmp_path / "no.csv") == 1
    assert "There is no file “no.csv”." in capsys.readouterr().err


def test_which_workspace_must_be_said_where_there_are_several(
    run: Run, pages: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_workspace(database, name="Second brand")

    assert run("import", pages) == 1
    assert "--workspace" in capsys.readouterr().err
    assert run("import", pages, "--workspace", "Second brand") == 0
    assert count(database, other, Prospect) == 1


def test_a_list_may_be_said_to_be_suppressions(
    run: Run, tmp_path: Path, database: Database, scope: Scope
) -> None:
    path = tmp_path / "quiet.txt"
    path.write_text("quiet.example.net\n")

    assert run("import", path, "--as", "suppressions") == 0

    assert (count(database, scope, Suppression), count(database, scope, Prospect)) == (1, 0)


def test_a_rank_list_makes_authority_known(
    run: Run, pages: Path, tmp_path: Path, database: Database, scope: Scope,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run("import", pages)
    path = tmp_path / "majestic_2026-11-01.csv"
    path.write_text("GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs\n7,1,example.org,org,9,9\n")

    assert run("metrics", "import", path) == 0

    assert "1 of our 1 sites are among its 1 domains" in capsys.readouterr().out
    with database.reading(scope) as session:
        assert session.exec(select(Prospect.is_authority_known)).one()


def test_a_rank_list_we_cannot_read_is_said(
    run: Run, pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("metrics", "import", pages) == 1
    assert "neither a Majestic Million nor" in capsys.readouterr().err
