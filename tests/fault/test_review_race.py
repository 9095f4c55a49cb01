"""Several people reviewing one list at once, each in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlmodel import select

from outreach.accounts.words import Role
from outreach.activity.models import Activity
from outreach.core.db import Database, Scope
from outreach.prospects.models import Prospect
from outreach.prospects.words import Review
from tests.factories import make_member, make_prospect

ROOT = Path(__file__).parents[2]
PEOPLE, EACH = 4, 200


def test_four_reviewers_decide_on_every_prospect_once(
    database: Database, database_url: str, scope: Scope
) -> None:
    with database.writing(scope) as session:
        for number in range(PEOPLE * EACH):
            make_prospect(session, score=number % 101, score_order=100 - number % 101)
    people = [make_member(database, scope, Role.MEMBER) for _ in range(PEOPLE)]

    reviewers = [_start(database_url, person) for person in people]
    for reviewer in reviewers:
        assert reviewer.stdout is not None
        assert reviewer.stdout.readline() == "ready\n"
    for reviewer in reviewers:
        assert reviewer.stdin is not None
        reviewer.stdin.write("go\n")
        reviewer.stdin.flush()
    answers = [reviewer.communicate(timeout=120)[0].split() for reviewer in reviewers]

    assert [reviewer.returncode for reviewer in reviewers] == [0] * PEOPLE
    decided = [int(line) for answer in answers for line in answer]
    assert len(decided) == len(set(decided)) == PEOPLE * EACH
    assert all(answers)
    with database.reading(scope) as session:
        assert set(session.exec(select(Prospect.review))) == {Review.APPROVED}
        told = session.exec(select(Activity.subject_id).where(Activity.verb == "approved")).all()
    assert sorted(told) == sorted(decided)


def _start(database_url: str, person: Scope) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable, "-m", "tests.fault.review_driver", "--database", database_url,
            "--workspace", str(person.workspace_id), "--user", str(person.user_id),
        ],
        cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
