"""Importing and taking back inside a command, with rate and time left."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from outreach.activity.services import claim_job, get_job
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict
from outreach.imports.queries import get_import_file
from outreach.imports.words import ImportState
from outreach.workflows.import_file import (
    ImportTools,
    begin_import,
    counts_in_words,
    run_import,
)
from outreach.workflows.index_words import index_words
from outreach.workflows.undo_import import begin_undo, run_undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from outreach.core.db import Scope
    from outreach.wiring.cli import CliServices


def import_here(services: CliServices, scope: Scope, import_file_id: int) -> str:
    """Import in this process; the job is claimed with its row, so that no worker takes it.

    Returns:
        What the rows are about.

    Raises:
        Conflict: It was stopped.
    """
    with services.database.writing(scope) as session:
        job = begin_import(session, import_file_id, now=utc_now())
        claim_job(session, job.key, now=utc_now())
    with _progress("Importing", job.total_count or 1) as show:
        tools = ImportTools(services.settings.data_dir, services.key, utc_now, show)
        run_import(services.database, scope, job.key, tools)
    with services.database.reading(scope) as session:
        file = get_import_file(session, import_file_id)
    if file.state is not ImportState.DONE:
        raise Conflict(f"The import of “{file.filename}” was stopped: {file.error}")
    _make_findable(services, scope, file.counts.get("added", 0))
    rows = file.row_count or 0
    said = f"{rows:,} row{'s' if rows != 1 else ''}: {counts_in_words(file.counts)}"
    click.echo(f"{file.recognised['title']}, {said}.")
    if file.counts.get("refused"):
        click.echo(f"Mend the refused rows: outreach imports quarantine {file.key}")
    return str(file.recognised["kind"])


def _make_findable(services: CliServices, scope: Scope, about: int) -> None:
    """Index what was imported, so that a search finds it once the command has ended."""
    with _progress("Indexing words", about or 1) as show:
        index_words(
            services.database, scope, sys.maxsize, lambda done: show(done, max(about, done))
        )


def undo_here(services: CliServices, scope: Scope, import_file_id: int) -> None:
    """Take an import back in this process, and say what stayed."""
    with services.database.writing(scope) as session:
        job = begin_undo(session, import_file_id)
        claim_job(session, job.key, now=utc_now())
    with _progress("Taking back", job.total_count or 1) as show:
        run_undo(services.database, scope, job.key, utc_now, show)
    with services.database.reading(scope) as session:
        click.echo(get_job(session, job.key).sentence)


@contextmanager
def _progress(label: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with rows, rate and time left; yield what moves it."""
    began = time.monotonic()
    with click.progressbar(
        length=total, label=label, show_pos=True, item_show_func=lambda item: item or ""
    ) as bar:

        def show(done: int, whole: int) -> None:
            bar.length = max(whole, done)
            rate = done / max(time.monotonic() - began, 0.001)
            bar.update(done - bar.pos, f"{rate:,.0f} rows a second")

        yield show
