"""`outreach demo`: the whole job played on loopback, and the sample workspace."""

from __future__ import annotations

import click

from outreach.accounts.queries import has_users
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.wiring.cli import cli_services


@click.group()
def demo() -> None:
    """Play the whole job on loopback servers, or load the sample workspace."""


@demo.command("load-sample")
@click.option("--if-empty", is_flag=True, help="Do nothing where there is a workspace already.")
def load_sample_command(*, if_empty: bool) -> None:
    """Load the sample workspace: a brand with months of work behind it."""
    services = cli_services()
    with services.database.reading(SYSTEM) as session:
        if if_empty and has_users(session):
            return
    from outreach.adapters.capture import CaptureSender
    from outreach.core.tokens import SecretBox
    from outreach.workflows.load_sample import load_sample
    from outreach.workflows.sample_files import SampleTools

    tools = SampleTools(
        data_dir=services.settings.data_dir,
        key=services.key,
        box=SecretBox(services.key),
        capture=CaptureSender(),
        on_progress=lambda said: click.echo(f"  {said} …"),
    )
    loaded = load_sample(services.database, tools, now=utc_now(), if_empty=if_empty)
    if loaded is not None:
        click.echo(loaded.sentence)
