"""`outreach export`, as somebody types it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.activity.models import Activity
from outreach.cli.main import main
from outreach.core.db import Database, Scope
from outreach.prospects.words import Review
from tests.factories import make_prospect

Run = Callable[..., int]


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
def filled(database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        make_prospect(session, domain="soil.example", review=Review.APPROVED, ahrefs_dr=70)
        make_prospect(session, domain="bees.example", review=Review.APPROVED, ahrefs_dr=20)


@pytest.mark.usefixtures("filled")
def test_a_filtered_list_is_written_into_a_file_and_recorded(
    run: Run, database: Database, scope: Scope, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "best.csv"
    assert run("export", "prospects", path, "--filter", "review=approved&dr_min=40") == 0
    text = path.read_text("utf-8-sig")
    assert "soil.example" in text
    assert "bees.example" not in text
    assert "Wrote 1 prospects to" in capsys.readouterr().out
    with database.reading(scope) as session:
        [line] = session.exec(select(Activity).where(Activity.verb == "exported")).all()
    assert line.details["arguments"] == {"review": "approved", "dr_min": "40"}


@pytest.mark.usefixtures("filled")
def test_the_files_ending_or_an_option_says_the_format(run: Run, tmp_path: Path) -> None:
    assert run("export", "prospects", tmp_path / "a.xlsx", "--columns", "all") == 0
    assert run("export", "contacts", tmp_path / "b.bin", "--format", "xlsx") == 0
    for name in ("a.xlsx", "b.bin"):
        assert zipfile.ZipFile(tmp_path / name).testzip() is None


def test_an_unknown_list_or_workspace_is_one_sentence_and_status_one_or_two(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", "passwords", tmp_path / "a.csv") != 0
    assert run("export", "contacts", tmp_path / "a.csv", "--workspace", "Nowhere") == 1
    assert "There is no workspace called Nowhere." in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()
