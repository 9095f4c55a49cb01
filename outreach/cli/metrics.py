"""`outreach metrics`: open lists of domain ranks."""

from __future__ import annotations

from pathlib import Path

import click

from outreach.accounts.queries import all_workspaces
from outreach.cli.scoring import score_here
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Scope
from outreach.wiring.cli import cli_services
from outreach.workflows.import_metrics import import_metrics


@click.group()
def metrics() -> None:
    """Import open lists of domain ranks."""


@metrics.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_list(file: Path) -> None:
    """Import FILE: a Majestic Million CSV or Common Crawl domain ranks, packed with gzip or not.

    Only sites that are known here are kept; authority is computed anew in every workspace.
    """
    services = cli_services()

    def show(count: int) -> None:
        click.echo(f"\rRead {count:,} domains", nl=False, err=True)

    done = import_metrics(services.database, file, utc_now, show)
    if done.length >= 50_000:
        click.echo("", err=True)
    click.echo(
        f"{done.title} of {done.measured_on}: {done.known_count:,} of our {done.site_count:,} "
        f"sites are among its {done.length:,} domains; {done.changed_count:,} figures changed."
    )
    with services.database.reading(SYSTEM) as session:
        workspaces = [workspace.key for workspace in all_workspaces(session)]
    for workspace_id in workspaces:
        score_here(services, Scope(workspace_id))
