"""`outreach search`: the index that searches ask."""

from __future__ import annotations

import click

from outreach.accounts.queries import all_workspaces
from outreach.core.db import SYSTEM, Scope
from outreach.wiring.cli import cli_services
from outreach.workflows.index_words import forget_the_gone, rebuild


@click.group()
def search() -> None:
    """Look after the search index."""


@search.command("rebuild")
def rebuild_index() -> None:
    """Index every prospect and contact of all workspaces anew."""
    database = cli_services().database
    with database.reading(SYSTEM) as session:
        workspaces = [(row.key, row.name) for row in all_workspaces(session)]
    total = 0
    for workspace_id, name in workspaces:
        total += rebuild(database, Scope(workspace_id), lambda done, name=name: _show(name, done))  # type: ignore[misc]
        click.echo("", err=True)
    gone = forget_the_gone(database)
    click.echo(f"{total:,} records indexed; {gone:,} that are gone were forgotten.")


def _show(name: str, done: int) -> None:
    click.echo(f"\r{name}: {done:,} records indexed", nl=False, err=True)
