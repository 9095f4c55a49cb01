"""`outreach doctor`: what is wrong here, and how to mend it."""

from __future__ import annotations

import click

from outreach.adapters import migrations
from outreach.core.clock import utc_now
from outreach.wiring.cli import cli_services
from outreach.workflows.examine import Finding, Level, examine

_SIGNS = {Level.FINE: ("fine", "green"), Level.NOTE: ("note", "yellow"), Level.BAD: ("BAD ", "red")}


@click.command()
def doctor() -> None:
    """Say what is wrong with this installation and how to mend it; status 1 when something is."""
    services = cli_services()
    settings = services.settings
    here, wanted = migrations.current_revision(settings.database), migrations.head_revision()
    if here != wanted:
        _show(
            Finding(
                Level.BAD,
                f"The database is at revision {here}, this code wants {wanted}.",
                "Run: outreach db upgrade",
            )
        )
        raise click.exceptions.Exit(1)
    bad = 0
    for finding in examine(settings, services.database, services.key, now=utc_now()):
        _show(finding)
        bad += finding.level is Level.BAD
    click.echo(f"\n{bad or 'Nothing'} to mend.")
    raise click.exceptions.Exit(1 if bad else 0)


def _show(finding: Finding) -> None:
    word, colour = _SIGNS[finding.level]
    click.echo(f"{click.style(word, fg=colour)}  {finding.text}")
    if finding.mend:
        click.echo(f"      → {finding.mend}")
