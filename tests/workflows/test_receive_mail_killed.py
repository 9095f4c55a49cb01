"""Reading in real processes that are killed with SIGKILL: each mail is settled exactly once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.activity.models import Activity
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session
from outreach.mail.mailboxes import get_mailbox
from outreach.mail.words import InboundState
from outreach.sequences.words import EnrollmentState
from tests.factories_campaigns import KEY
from tests.factories_inbox import Correspondence, letter, make_correspondence

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("point", ["storing", "stored", "read", "settling", "settled"])
def test_a_killed_reader_loses_nothing_and_repeats_nothing(
    database: Database, scope: Scope, database_url: str, tmp_path: Path, point: str
) -> None:
    desk = make_correspondence(database, scope, created_at=utc_now() - timedelta(days=900))
    pitched = desk.pitch("nora@garden.example")
    box = tmp_path / "box"
    for part in ("cur", "new", "tmp"):
        (box / part).mkdir(parents=True)
    answers = desk.sent_to(pitched).message_id
    for number, raw in enumerate(
        (letter(answers=answers), letter("More", answers=answers), letter(subject="Buy my links",
                                                                          sender="x@else.example"))
    ):  # fmt: skip
        (box / "new" / f"{number}.mail").write_bytes(raw)

    ends = []
    for _ in range(3):
        ends.append(_read(desk, database_url, box, point))
        desk.change(_forget_lease_of(desk))  # as after the ten minutes it lasts
    assert ends[0] == -signal.SIGKILL
    assert _read(desk, database_url, box, "never") == 0
    assert [mail.state for mail in desk.inbox()] == [
        InboundState.OPEN,
        InboundState.OPEN,
        InboundState.TRIAGE,
    ]
    assert desk.enrollment(pitched).state is EnrollmentState.STOPPED
    told = desk.read(
        lambda session: session.exec(
            select(Activity.sentence).where(
                Activity.verb == "replied", Activity.subject_type == "opportunity"
            )
        ).all()
    )
    assert len(told) == 2


def _read(desk: Correspondence, url: str, box: Path, point: str) -> int:
    command = [
        sys.executable, "-m", "tests.workflows.dying_reader", url, str(desk.scope.workspace_id),
        str(desk.mailbox_id), str(box), point, KEY,
    ]  # fmt: skip
    return subprocess.run(command, check=False, timeout=60).returncode


def _forget_lease_of(desk: Correspondence) -> Callable[[Session], object]:
    return lambda session: setattr(
        get_mailbox(session, desk.mailbox_id), "reading_lease_until", None
    )
