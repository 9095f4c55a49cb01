"""Looking at links from the shell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from outreach.cli.links import links
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope
from outreach.core.errors import Unavailable
from outreach.links.models import Backlink, LinkCheck
from outreach.links.words import LinkState
from tests.factories_links import make_property, make_won_link, open_the_web

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", database_url)
    monkeypatch.setenv("OUTREACH_DATA_DIR", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(links, arguments)


def test_with_web_access_off_it_says_so_and_fails(run: Run, scope: Scope) -> None:
    done = run("verify")

    assert done.exit_code == 1
    assert isinstance(done.exception, Unavailable)
    assert "Settings" in str(done.exception)


def test_nothing_due_is_said(run: Run, database: Database, scope: Scope) -> None:
    open_the_web(database)

    done = run("verify")

    assert done.exit_code == 0
    assert done.output.startswith("Looked at 0 links")


def test_due_links_are_looked_at(run: Run, database: Database, scope: Scope) -> None:
    """No page is asked on such a port, so the look tells nothing; yet it is one."""
    open_the_web(database)
    with database.writing(scope) as session:
        make_property(session)
        make_won_link(session, "http://blog.example:9/post")
        session.exec(select(Backlink)).one().next_check_at = utc_now() - timedelta(minutes=1)

    done = run("verify")

    assert done.exit_code == 0, done.output
    assert "1 could not be told" in done.output
    with database.reading(scope) as session:
        assert session.exec(select(LinkCheck.family)).all() == ["cannot_tell"]


def test_a_win_that_cannot_be_seen_is_kept_and_fails(
    run: Run, database: Database, scope: Scope
) -> None:
    with database.writing(scope) as session:
        make_property(session)

    done = run("win", "https://blog.example/post")

    assert done.exit_code == 1
    assert "kept as expected" in str(done.exception)
    with database.reading(scope) as session:
        assert session.exec(select(Backlink.state)).all() == [LinkState.EXPECTED]


def test_a_page_that_is_no_address_is_refused(run: Run, database: Database, scope: Scope) -> None:
    with database.writing(scope) as session:
        make_property(session)

    done = run("win", "no page")

    assert done.exit_code == 1
    assert "not the web address" in str(done.exception)
