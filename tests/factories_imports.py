"""Files, imports and scorings for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from outreach.activity.services import claim_job
from outreach.assets.models import Asset
from outreach.assets.rules import AssetDraft
from outreach.assets.services import add_asset
from outreach.core.db import Database, Scope
from outreach.imports.models import ImportFile
from outreach.imports.queries import get_import_file
from outreach.workflows.import_file import (
    ImportTools,
    begin_import,
    keep_and_recognise,
    run_import,
)
from outreach.workflows.score_prospects import Scored, request_scoring, score_prospects
from outreach.workflows.undo_import import begin_undo, run_undo

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
KEY = "a key for tests only, long enough"


def clock_from(start: datetime = NOW) -> Any:
    """A clock that moves one second each time it is read."""
    moments = iter(start + timedelta(seconds=n) for n in range(100_000))
    return lambda: next(moments)


def tools_in(data_dir: Path, start: datetime = NOW) -> ImportTools:
    return ImportTools(data_dir, KEY, clock_from(start))


def drop_file(database: Database, scope: Scope, data_dir: Path, text: str, **given: Any) -> int:
    """Keep a file as an upload would; return the import's id."""
    name = given.pop("name", "prospects.csv")
    stream = BytesIO(text.encode())
    return keep_and_recognise(database, scope, stream, name, data_dir=data_dir, **given)


def start_file(database: Database, scope: Scope, import_file_id: int, now: datetime = NOW) -> int:
    """Queue and claim an import; return the job's id."""
    with database.writing(scope) as session:
        job = begin_import(session, import_file_id, now=now)
        assert claim_job(session, job.key, now=now) is not None
        return job.key


def import_text(
    database: Database, scope: Scope, data_dir: Path, text: str, **given: Any
) -> ImportFile:
    """Import a file from beginning to end."""
    start = given.pop("now", NOW)
    import_file_id = drop_file(database, scope, data_dir, text, **given)
    job_id = start_file(database, scope, import_file_id, start)
    run_import(database, scope, job_id, tools_in(data_dir, start))
    with database.reading(scope) as session:
        return get_import_file(session, import_file_id)


def undo(database: Database, scope: Scope, import_file_id: int) -> ImportFile:
    """Take an import back from beginning to end."""
    with database.writing(scope) as session:
        job = begin_undo(session, import_file_id)
        assert claim_job(session, job.key, now=NOW) is not None
    run_undo(database, scope, job.key, clock_from())
    with database.reading(scope) as session:
        return get_import_file(session, import_file_id)


def score(database: Database, scope: Scope) -> Scored:
    """Score a workspace."""
    with database.writing(scope) as session:
        job = request_scoring(session)
        assert claim_job(session, job.key, now=NOW) is not None
    scored = score_prospects(database, scope, job.key, clock_from())
    assert scored is not None
    return scored


def make_asset(database: Database, scope: Scope, **given: Any) -> Asset:
    values: dict[str, Any] = {
        "url": "https://garden.example/soil",
        "title": "A guide to garden soil",
        "summary": "Compost, clay, worms and how to test the soil of a vegetable garden.",
        "keywords": ("garden soil", "compost"),
    }
    with database.writing(scope) as session:
        return add_asset(session, AssetDraft(**{**values, **given}), now=NOW)
