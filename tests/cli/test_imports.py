"""`outreach import` and `outreach metrics import`, as somebody types them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.cli.main import main
from outreach.core.db import Database, Scope
from outreach.imports.models import ImportFile
from outreach.prospects.models import Prospect, ProspectPage
from outreach.suppression.models import Suppression
from outreach.workflows.index_words import count_waiting
from tests.factories import make_workspace
from tests.factories_imports import make_asset

Run = Callable[..., int]
UNKNOWN = "Wo es steht;Wer\nhttps://moss.example.org/lawn;Ann\n"
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
    assert count_waiting(database) == 0  # a search finds it now


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


def test_several_files_are_imported_and_a_broken_one_among_them_is_said(
    run: Run, pages: Path, tmp_path: Path, database: Database, scope: Scope,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    broken, other = tmp_path / "logo.csv", tmp_path / "other.csv"
    broken.write_bytes(b"GIF89a")
    other.write_text("URL\nhttps://compost.example.net/\n")

    assert run("import", pages, broken, other) == 1

    assert capsys.readouterr().err.strip() == "“logo.csv” is a GIF image."
    assert count(database, scope, Prospect) == 2


def test_a_list_is_read_from_standard_input_as_if_pasted(
    run: Run, database: Database, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("soil.example.org, compost.example.net"))

    assert run("import", "--paste", "-") == 0

    assert count(database, scope, Prospect) == 2


def test_a_table_nobody_knows_is_named_once_on_the_command_line(
    run: Run, tmp_path: Path, database: Database, scope: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    path, later = tmp_path / "moos.csv", tmp_path / "torf.csv"
    path.write_text(UNKNOWN)
    later.write_text(UNKNOWN.replace("moss", "peat").replace("org", "net"))

    assert run("import", path) == 1
    assert "--map FIELD=HEADER" in capsys.readouterr().err
    assert run("import", path, "--map", "url=Nichts") == 1
    assert "The file has no column “Nichts”." in capsys.readouterr().err
    assert count(database, scope, ImportFile) == 0
    assert run("import", path, "--map", "url=Wo es steht", "--kind", "prospects") == 0
    assert run("import", later, "--dry-run") == 0
    assert "Table mapped by hand, 1 row: 1 new." in capsys.readouterr().out
    assert run("import", later) == 0

    assert count(database, scope, Prospect) == 2


def test_imports_are_listed_shown_undone_and_repeated(
    run: Run, pages: Path, database: Database, scope: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", pages) == 0
    assert run("imports", "undo", 1) == 0
    assert "Took “pages.csv” back." in capsys.readouterr().out
    assert count(database, scope, Prospect) == 0

    assert run("imports", "rerun", 1) == 0
    assert run("imports", "list") == 0
    listed = capsys.readouterr().out
    assert "undone" in listed
    assert listed.index("done       pages.csv: 1 new") < listed.index("undone     pages.csv")
    assert run("imports", "show", 2) == 0
    assert "what     Table of pages" in capsys.readouterr().out
    assert count(database, scope, Prospect) == 1
    assert run("imports", "cancel", 2) == 1
    assert "Nothing is under way" in capsys.readouterr().err
    assert run("imports", "undo", 77) == 1
    assert "no such import" in capsys.readouterr().err


def test_refused_rows_are_written_out_mended_and_imported_again(
    run: Run, tmp_path: Path, database: Database, scope: Scope
) -> None:
    path, out = tmp_path / "garden.csv", tmp_path / "refused.csv"
    path.write_text('URL,Title\nhttps://soil.example.org/,Soil\nhtp//roses,"=1+1, roses"\n')
    assert run("import", path) == 0

    assert run("imports", "quarantine", 1, "-o", out) == 0

    text = out.read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        '"URL","Title","Line in the file","Why it was refused"',
        '"htp//roses","\'=1+1, roses","3","“htp//roses” is not a web address."',
    ]
    out.write_text(text.replace('htp//roses",', 'https://roses.example.net/",'), "utf-8")
    assert run("import", out) == 0
    with database.reading(scope) as session:
        titles = session.exec(select(ProspectPage.title).order_by(ProspectPage.title)).all()
    assert titles == ["=1+1, roses", "Soil"]


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
    assert "is neither a Majestic Million, a Tranco list nor" in capsys.readouterr().err
