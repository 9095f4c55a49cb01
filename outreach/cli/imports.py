"""`outreach import`: a file of prospects, or a list that guards people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.activity.services import claim_job
from outreach.cli.scoring import score_here
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.imports.queries import get_import_file
from outreach.imports.rows import RowKind
from outreach.imports.words import ImportState
from outreach.wiring.cli import cli_services
from outreach.workflows.import_file import (
    ImportTools,
    begin_import,
    counts_in_words,
    keep_and_recognise,
    run_import,
)
from outreach.workflows.import_preview import Preview, preview_path
from outreach.workflows.import_takers import GUARD_KINDS

if TYPE_CHECKING:
    from outreach.core.db import Scope
    from outreach.wiring.cli import CliServices

_KINDS = {
    "prospects": RowKind.PAGE,
    "suppressions": RowKind.SUPPRESSION,
    "contacts": RowKind.TOUCH,
}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--workspace", "-w", help="The workspace's name; not needed when there is one.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(list(_KINDS)),
    help="What the rows are: prospects, suppressions, or contacts written to in the past.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_file(*, file: Path, workspace: str | None, kind: str | None, dry_run: bool) -> None:
    """Import FILE, recognised by what is in it; the same file twice changes nothing."""
    services = cli_services()
    scope = services.scope_of(workspace)
    chosen = _KINDS[kind] if kind else None
    if not file.is_file():
        raise Invalid(f"There is no file “{file.name}”.")
    tools = ImportTools(services.settings.data_dir, services.key, utc_now)
    if dry_run:
        _tell(preview_path(services.database, scope, file, tools, kind=chosen))
        return
    with file.open("rb") as stream:
        import_file_id = keep_and_recognise(
            services.database, scope, stream, file.name, data_dir=tools.data_dir, kind=chosen
        )
    if _import_here(services, scope, import_file_id) not in GUARD_KINDS:
        score_here(services, scope)


def _import_here(services: CliServices, scope: Scope, import_file_id: int) -> str:
    """Import in this process; the job is claimed with its row, so that no worker takes it.

    Returns:
        What the rows are about.
    """
    with services.database.writing(scope) as session:
        job = begin_import(session, import_file_id, now=utc_now())
        claim_job(session, job.key, now=utc_now())
    with click.progressbar(length=job.total_count or 1, label="Importing", show_pos=True) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, done)
            bar.update(done - bar.pos)

        tools = ImportTools(services.settings.data_dir, services.key, utc_now, show)
        run_import(services.database, scope, job.key, tools)
    with services.database.reading(scope) as session:
        file = get_import_file(session, import_file_id)
    if file.state is not ImportState.DONE:
        raise Conflict(f"The import of “{file.filename}” was stopped: {file.error}")
    rows = file.row_count or 0
    click.echo(f"{file.recognised['title']}, {_rows(rows)}: {counts_in_words(file.counts)}.")
    return str(file.recognised["kind"])


def _tell(preview: Preview) -> None:
    rows = _rows(preview.row_count)
    click.echo(f"{preview.title}, {rows}: {counts_in_words(preview.counts)}.")
    for verdict, names in preview.examples.items():
        click.echo(f"  {verdict.replace('_', ' ')}, such as {', '.join(names[:3])}")
    for line, reason, _raw in preview.refusals:
        click.echo(f"  Row {line:,}: {reason}")
    click.echo("Nothing was changed.")


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count != 1 else ''}"
