"""Import workers killed in the middle of a file: counts stay exact, no row is taken in twice.

Real processes and a real database; each worker dies after a statement of its own choosing, and the
next one goes on where it stopped.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from outreach.activity.models import Job
from outreach.activity.services import JOB_LEASE
from outreach.activity.words import JobState
from outreach.contacts.models import Contact
from outreach.core.db import Database, Scope
from outreach.desk.recount import wrong_columns
from outreach.imports.models import ImportRow
from outreach.imports.queries import count_verdicts, get_import_file
from outreach.imports.rows import RowKind
from outreach.imports.words import ImportState
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.workflows.import_file import begin_import
from outreach.workflows.undo_import import begin_undo
from tests.factories import make_workspace
from tests.factories_imports import NOW, drop_file, import_text

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
ROWS, KILLS = 800, 15  # fifteen of an import and fifteen of its undoing, on each engine


def export() -> str:
    """An export in which sites and pages repeat, metrics ride along, and some rows are bad."""
    lines = ["Referring page title\tReferring page URL\tDomain rating\tTarget URL\tAnchor"]
    for number in range(ROWS):
        url = f"https://site{number % 90}.example/page-{number % 310}"
        if number % 37 == 5:
            url = "nonsense here"
        title = "" if number % 4 else f"Title {number}"
        lines.append(f"{title}\t{url}\t{number % 90}\thttps://garden.example/soil\tsoil")
    return "\n".join(lines) + "\n"


class Trial:
    """A file in a database that workers are let loose on."""

    def __init__(self, database: Database, url: str, scope: Scope, data_dir: Path) -> None:
        self.database, self.url, self.scope, self.data_dir = database, url, scope, data_dir
        self.now = NOW
        self.dice = random.Random(11)

    def work(self, job_id: int, statement: int = 0) -> int:
        """Let a worker take the job up; return how its process ended."""
        self.now += JOB_LEASE + timedelta(minutes=1)
        command = self.command(job_id, statement)
        return subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode

    def command(self, job_id: int, statement: int = 0) -> list[str]:
        """Return how a worker is started that dies after so many statements, if not 0."""
        command = [sys.executable, "-m", "tests.fault.import_driver", "--database", self.url]
        command += ["--data-dir", str(self.data_dir), "--workspace", str(self.scope.workspace_id)]
        command += ["--job", str(job_id), "--now", self.now.isoformat()]
        return [*command, "--statement", str(statement)]

    def kill_often(self, job_id: int, file_id: int) -> int:
        """Kill workers after random statements; whatever they leave must be whole."""
        killed = 0
        for _ in range(KILLS):
            killed += self.work(job_id, self.dice.randrange(3, 20)) == -signal.SIGKILL
            self.assert_whole(file_id)
        return killed

    def assert_whole(self, file_id: int) -> None:
        with self.database.reading(self.scope) as session:
            file = get_import_file(session, file_id)
            assert count_verdicts(session, file_id) == file.counts
            assert wrong_columns(session) == []
            if file.state is ImportState.RUNNING:
                lines = session.exec(select(ImportRow.line_number)).all()
                assert all(line < file.next_line for line in lines)


def contents(database: Database, scope: Scope) -> dict[str, list[Any]]:
    hidden = {"id", "workspace_id", "site_id", "prospect_id", "import_file_id", "source"}
    hidden |= {"created_at", "updated_at", "measured_on"}
    with database.reading(scope) as session:
        return {
            model.__name__: sorted(
                str(row.model_dump(exclude=hidden)) for row in session.exec(select(model))
            )
            for model in (Prospect, ProspectPage, VendorMetric)
        }


def test_a_killed_import_goes_on_and_counts_exactly(
    database: Database, database_url: str, scope: Scope, tmp_path: Path
) -> None:
    undisturbed = make_workspace(database)
    expected = import_text(database, undisturbed, tmp_path, export())
    trial = Trial(database, database_url, scope, tmp_path)
    file_id = drop_file(database, scope, tmp_path, export())
    with database.writing(scope) as session:
        job_id = begin_import(session, file_id, now=NOW).key

    killed = trial.kill_often(job_id, file_id)
    assert trial.work(job_id) == 0

    assert killed == KILLS
    with database.reading(scope) as session:
        done = get_import_file(session, file_id)
        assert (done.state, done.counts) == (ImportState.DONE, expected.counts)
        assert count_verdicts(session, file_id) == expected.counts
        assert sum(done.counts.values()) == done.row_count == ROWS
        job = session.exec(select(Job).where(Job.id == job_id)).one()
        assert (job.state, job.attempt) == (JobState.DONE, KILLS + 1)
    assert contents(database, scope) == contents(database, undisturbed)


def test_a_killed_undo_goes_on_and_leaves_nothing(
    database: Database, database_url: str, scope: Scope, tmp_path: Path
) -> None:
    before = contents(database, scope)
    file_id = import_text(database, scope, tmp_path, export()).key
    trial = Trial(database, database_url, scope, tmp_path)
    with database.writing(scope) as session:
        job_id = begin_undo(session, file_id).key

    trial.kill_often(job_id, file_id)
    assert trial.work(job_id) == 0

    assert contents(database, scope) == before
    with database.reading(scope) as session:
        assert get_import_file(session, file_id).state is ImportState.UNDONE


def test_two_processes_importing_overlapping_files_add_nothing_twice(
    database: Database, database_url: str, scope: Scope, tmp_path: Path
) -> None:
    trial = Trial(database, database_url, scope, tmp_path)
    lines = export().splitlines(keepends=True)
    halves = ["".join([lines[0], *lines[1:500]]), "".join([lines[0], *lines[300:]])]
    jobs = []
    for number, text in enumerate(halves):
        file_id = drop_file(database, scope, tmp_path, text, name=f"half-{number}.csv")
        with database.writing(scope) as session:
            jobs.append((begin_import(session, file_id, now=NOW).key, file_id))

    workers = [subprocess.Popen(trial.command(job_id), cwd=ROOT) for job_id, _ in jobs]

    assert [worker.wait(60) for worker in workers] == [0, 0]
    with database.reading(scope) as session:
        sites = session.exec(select(Prospect.site_id)).all()
        pages = session.exec(select(ProspectPage.url_key)).all()
        assert len(sites) == len(set(sites)) == 90
        assert len(pages) == len(set(pages))
        assert wrong_columns(session) == []
        added = 0
        for _, file_id in jobs:
            file = get_import_file(session, file_id)
            assert file.state is ImportState.DONE
            assert count_verdicts(session, file_id) == file.counts
            added += file.counts.get("added", 0)
        assert added == len(sites)


def people(numbers: range) -> str:
    """A media list; every third person has no address and is known by name and outlet."""
    lines = ["Name,Email,Outlet,Outlet URL"]
    for number in numbers:
        place = number % 40
        mail = "" if number % 3 == 0 else f"person{number}@paper{place}.example"
        url = f"https://paper{place}.example"
        lines.append(f"Ann {number} Lee,{mail},Paper {place},{url}")
    return "\n".join(lines) + "\n"


def test_two_processes_importing_overlapping_people_add_nobody_twice(
    database: Database, database_url: str, scope: Scope, tmp_path: Path
) -> None:
    trial = Trial(database, database_url, scope, tmp_path)
    jobs = []
    for name, numbers in (("one.csv", range(400)), ("two.csv", range(200, 600))):
        file_id = drop_file(
            database, scope, tmp_path, people(numbers), name=name, kind=RowKind.PERSON
        )
        with database.writing(scope) as session:
            jobs.append(begin_import(session, file_id, now=NOW).key)

    workers = [subprocess.Popen(trial.command(job_id), cwd=ROOT) for job_id in jobs]

    assert [worker.wait(60) for worker in workers] == [0, 0]
    with database.reading(scope) as session:
        names = session.exec(select(Contact.name)).all()
        assert len(names) == len(set(names)) == 600


def test_a_worker_leaves_a_job_alone_that_another_is_doing(
    database: Database, database_url: str, scope: Scope, tmp_path: Path
) -> None:
    trial = Trial(database, database_url, scope, tmp_path)
    file_id = drop_file(database, scope, tmp_path, export())
    with database.writing(scope) as session:
        job_id = begin_import(session, file_id, now=NOW).key
    assert trial.work(job_id, 20) == -signal.SIGKILL
    trial.now = datetime.fromtimestamp(trial.now.timestamp() - 175, NOW.tzinfo)

    assert trial.work(job_id) == 1
