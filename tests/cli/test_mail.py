"""`outreach mail ingest`, as an operator runs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from outreach.cli.mail import mail
from outreach.core.db import Database, Scope
from outreach.core.errors import Conflict, Invalid
from outreach.mail.models import InboundMessage
from outreach.mail.words import InboundState
from outreach.sequences.words import EnrollmentState
from tests.factories import make_workspace
from tests.factories_inbox import OURS, Correspondence, letter, make_correspondence
from tests.factories_mail import make_mailbox

Run = Callable[..., Result]
LINE = b"From x@y.example Wed Nov 18 12:00:00 2026\n"


@pytest.fixture
def ingest(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("OUTREACH_DATABASE_URL", database_url)
    monkeypatch.setenv("OUTREACH_DATA_DIR", str(tmp_path / "data"))
    return lambda *given: CliRunner().invoke(mail, ["ingest", *(str(each) for each in given)])


@pytest.fixture
def desk(database: Database, scope: Scope) -> Correspondence:
    return make_correspondence(database, scope)


def test_mails_from_files_have_the_same_effect_as_mails_that_came(
    ingest: Run, desk: Correspondence, tmp_path: Path
) -> None:
    pitched = desk.pitch("nora@garden.example")
    reply = letter(answers=desk.sent_to(pitched).message_id)
    (tmp_path / "reply.eml").write_bytes(reply)
    stranger = letter(sender="x@elsewhere.example", subject="Hi").replace(b"\r\n", b"\n")
    (tmp_path / "box.mbox").write_bytes(LINE + stranger + b"\n" + LINE + b"Subject: 2\n\nHi\n")

    done = ingest(tmp_path / "reply.eml", tmp_path / "box.mbox")
    assert done.exit_code == 0, done.exception
    assert "3 new, 0 known already, 0 files not read." in done.output
    assert desk.enrollment(pitched).state is EnrollmentState.STOPPED
    assert [row.state for row in desk.inbox()] == [
        InboundState.OPEN,
        InboundState.TRIAGE,
        InboundState.TRIAGE,
    ]

    again = ingest(tmp_path / "reply.eml", tmp_path / "box.mbox")
    assert again.exit_code == 0
    assert "0 new, 3 known already" in again.output
    assert len(desk.inbox()) == 3


def test_a_file_that_is_no_mail_fails_the_command_and_the_others_are_taken(
    ingest: Run, desk: Correspondence, tmp_path: Path
) -> None:
    (tmp_path / "odd.eml").write_bytes(b"\x89PNG\x00")
    (tmp_path / "good.eml").write_bytes(letter())
    done = ingest(tmp_path / "odd.eml", tmp_path / "gone.eml", tmp_path / "good.eml")
    assert done.exit_code == 1
    assert isinstance(done.exception, Conflict)
    assert "“odd.eml” is neither a mail nor an mbox" in str(done.exception)
    assert "no file “gone.eml”" in str(done.exception)
    assert "1 new, 0 known already, 2 files not read." in done.output
    assert len(desk.inbox()) == 1


def test_the_mailbox_is_named_where_there_are_several(
    ingest: Run, desk: Correspondence, tmp_path: Path
) -> None:
    desk.change(lambda session: make_mailbox(session, address="pr@ours.example"))
    (tmp_path / "one.eml").write_bytes(letter())
    done = ingest(tmp_path / "one.eml")
    assert isinstance(done.exception, Invalid)
    assert str(done.exception) == (
        f"Say which mailbox with --mailbox. There are: {OURS}, pr@ours.example."
    )
    assert ingest(tmp_path / "one.eml", "--mailbox", "Nobody@ours.example").exit_code == 1
    assert ingest(tmp_path / "one.eml", "--mailbox", "PR@ours.example").exit_code == 0


def test_the_workspace_is_named_where_there_are_several(
    ingest: Run, database: Database, desk: Correspondence, tmp_path: Path
) -> None:
    make_workspace(database, name="Another")
    (tmp_path / "one.eml").write_bytes(letter())
    assert "Say which workspace" in str(ingest(tmp_path / "one.eml").exception)
    done = ingest(tmp_path / "one.eml", "--workspace", "Another")
    assert "There are: none yet" in str(done.exception)
    assert desk.read(lambda session: session.exec(select(InboundMessage)).all()) == []
