"""`outreach imports`: what was imported, undone, stopped, repeated and refused."""

from __future__ import annotations

from typing import IO

import click

from outreach.cli.import_run import import_here, undo_here
from outreach.cli.scoring import score_here
from outreach.core.clock import utc_now
from outreach.imports.queries import get_import_file, recent_imports
from outreach.wiring.cli import cli_services
from outreach.workflows.drop_file import cancel_import
from outreach.workflows.export_refused import refused_lines
from outreach.workflows.import_file import (
    ImportTools,
    counts_in_words,
    recognise_again,
    rerun_import,
)
from outreach.workflows.import_takers import GUARD_KINDS


@click.group("imports")
def imports() -> None:
    """List imports; show, undo, stop or repeat one; write out its refused rows."""


_in_workspace = click.option(
    "--workspace", "-w", help="The workspace's name; not needed when there is one."
)
_number = click.argument("import_file_id", metavar="ID", type=int)


@imports.command("list")
@_in_workspace
@click.option("--limit", default=20, show_default=True, help="How many, newest first.")
def list_imports(*, workspace: str | None, limit: int) -> None:
    """List the latest imports."""
    services = cli_services()
    with services.database.reading(services.scope_of(workspace)) as session:
        files = recent_imports(session, limit=min(max(limit, 1), 1_000)).rows
    for file in files:
        said = f": {counts_in_words(file.counts)}" if file.counts else ""
        day = f"{file.created_at:%Y-%m-%d %H:%M}"
        click.echo(f"{file.key:>6}  {day}  {file.state.value:<9}  {file.filename}{said}")
    if not files:
        click.echo("No file was imported yet.")


@imports.command("show")
@_number
@_in_workspace
def show_import(*, import_file_id: int, workspace: str | None) -> None:
    """Show what is known of one import."""
    services = cli_services()
    with services.database.reading(services.scope_of(workspace)) as session:
        file = get_import_file(session, import_file_id)
    facts = (
        ("file", f"{file.filename}, {file.size_bytes:,} bytes, {file.recognised['encoding']}"),
        ("sha256", file.sha256),
        ("what", str(file.recognised["title"])),
        ("state", file.state.value),
        ("dropped", f"{file.created_at:%Y-%m-%d %H:%M} UTC"),
        ("rows", counts_in_words(file.counts)),
        ("problem", file.error or "none"),
    )
    for name, value in facts:
        click.echo(f"{name:<8} {value}")


@imports.command("undo")
@_number
@_in_workspace
def undo_import(*, import_file_id: int, workspace: str | None) -> None:
    """Take an import back; what somebody has built on since stays."""
    services = cli_services()
    scope = services.scope_of(workspace)
    undo_here(services, scope, import_file_id)
    score_here(services, scope)


@imports.command("cancel")
@_number
@_in_workspace
def stop_import(*, import_file_id: int, workspace: str | None) -> None:
    """Stop an import under way; what is done stays until it is undone."""
    services = cli_services()
    with services.database.writing(services.scope_of(workspace)) as session:
        cancel_import(session, import_file_id, now=utc_now())
    click.echo("Stopped.")


@imports.command("rerun")
@_number
@_in_workspace
def repeat_import(*, import_file_id: int, workspace: str | None) -> None:
    """Import the kept bytes of an import once more."""
    services = cli_services()
    scope = services.scope_of(workspace)
    tools = ImportTools(services.settings.data_dir, services.key, utc_now)
    again = rerun_import(services.database, scope, import_file_id, tools)
    if import_here(services, scope, again) not in GUARD_KINDS:
        score_here(services, scope)


@imports.command("quarantine")
@_number
@_in_workspace
@click.option("--output", "-o", type=click.File("w", encoding="utf-8"), default="-")
def quarantine(*, import_file_id: int, workspace: str | None, output: IO[str]) -> None:
    """Write the refused rows as CSV, with line and reason; mended, the file imports again."""
    services = cli_services()
    scope = services.scope_of(workspace)
    with services.database.reading(scope) as session:
        file = get_import_file(session, import_file_id)
    tools = ImportTools(services.settings.data_dir, services.key, utc_now)
    for line in refused_lines(
        services.database, scope, import_file_id, recognise_again(file, tools)
    ):
        output.write(line)
