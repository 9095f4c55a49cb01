"""`outreach run`, `web` and `worker`: the processes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click

from outreach.accounts.queries import has_users
from outreach.accounts.services import make_link
from outreach.accounts.words import LinkPurpose
from outreach.cli.people import base_url
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict
from outreach.core.logging import configure_logging
from outreach.core.settings import Settings, load_settings, secret_key
from outreach.wiring.cli import cli_services
from outreach.wiring.supervisor import Child, supervise

if TYPE_CHECKING:
    from collections.abc import Callable

_QUEUES = click.Choice(["mail", "io", "crawl"])


@click.command()
@click.option("--sample", is_flag=True, help="Load the sample workspace into an empty database.")
def run(*, sample: bool) -> None:
    """Start everything: web, clock, workers and crawler; migrates the database first."""
    _own_command("db", "upgrade")
    services = cli_services()
    if sample:
        _own_command("demo", "load-sample", "--if-empty")
    _greet(services.settings)
    services.database.engine.dispose()
    supervise(
        [
            Child("web", ["web"]),
            Child("worker", ["worker", "--queues", "mail,io"]),
            Child("crawler", ["worker", "--queues", "crawl"]),
        ]
    )


def _own_command(*arguments: str) -> None:
    """Run a command of ours in its own process, so that this one stays small."""
    command = [sys.executable, "-m", "outreach", *arguments]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own module
        raise Conflict(f"'outreach {' '.join(arguments)}' failed; see above.")


def _greet(settings: Settings) -> None:
    """Say where to go; the first time, with the one-time link that makes the owner."""
    services = cli_services()
    with services.database.system() as session:
        token = "" if has_users(session) else make_link(session, LinkPurpose.SETUP, now=utc_now())
    services.database.engine.dispose()
    if token:
        click.echo("\nWelcome to Outreach. Open this link once to create your account:\n")
        click.echo(f"    {base_url(settings)}/setup/{token}\n")
    else:
        click.echo(f"\nOutreach is at {base_url(settings)}\n")


@click.command()
def web() -> None:
    """Serve the pages only."""
    settings = load_settings()
    configure_logging(settings)
    from outreach.app import create_app
    from outreach.wiring.server import serve
    from outreach.wiring.web import web_services

    serve(create_app(web_services(settings, _waker(settings))), settings)


def _waker(settings: Settings) -> Callable[[str, str, int, int], None]:
    """Return a function that wakes a queue; a wake-up that fails is swept up by the clock."""
    from outreach.jobs.queues import LazyWaker

    return LazyWaker(settings, secret_key(settings)).wake


@click.command()
@click.option("--queues", required=True, help="Comma-separated: mail, io, crawl.")
def worker(queues: str) -> None:
    """Do background work of some queues, and their scheduled work."""
    names = [_QUEUES.convert(name.strip(), None, None) for name in queues.split(",")]
    if "crawl" in names and len(names) > 1:
        raise click.UsageError("The crawler runs apart from the rest: --queues crawl")
    settings = load_settings()
    configure_logging(settings)
    from outreach.jobs.runner import Worker, run_until_told
    from outreach.jobs.work import Queue
    from outreach.wiring.processes import worker_for

    services = worker_for(settings, is_crawler=names == ["crawl"])
    run_until_told(Worker(services, [Queue(name) for name in names]))
