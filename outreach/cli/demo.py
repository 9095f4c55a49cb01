"""`outreach demo`: the whole job played on loopback, and the sample workspace."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.accounts.queries import has_users
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.core.errors import Unavailable
from outreach.core.logging import configure_logging
from outreach.wiring.cli import cli_services

if TYPE_CHECKING:
    from outreach.demo.play import Played, Told
    from outreach.demo.stage import Stage


@click.group(invoke_without_command=True)
@click.option("--no-serve", is_flag=True, help="End after the play instead of showing the app.")
@click.option("--port", default=8010, show_default=True, help="Where the app is shown afterwards.")
@click.pass_context
def demo(context: click.Context, *, no_serve: bool, port: int) -> None:
    """Play the whole job on loopback servers, then show the app on what came of it.

    Everything happens in a temporary data directory and on 127.0.0.1; nothing of yours is touched.
    """
    if context.invoked_subcommand is None:
        _require_servers()
        with tempfile.TemporaryDirectory(prefix="outreach-demo-") as folder:
            _play(Path(folder), port=None if no_serve else port)


def _require_servers() -> None:
    if not all(importlib.util.find_spec(name) for name in ("aiosmtpd", "pymap")):
        raise Unavailable(
            "The demo needs two mail servers of its own. Install them with: "
            "pip install 'outreach[demo]'"
        )


def _play(folder: Path, *, port: int | None) -> None:
    from outreach.demo.live import make_app, working
    from outreach.demo.play import SCENES, play_all
    from outreach.demo.stage import set_stage
    from outreach.demo.visit import visit_pages
    from outreach.wiring.server import serve

    with set_stage(folder, port=port or 8010) as stage:
        configure_logging(stage.settings)
        scenes = (*SCENES, ("The app on all this", lambda on: visit_pages(make_app(on), on)))
        played = play_all(stage, on_begin=_begin, on_told=_tell, scenes=scenes)
        _sum_up(stage, played)
        if port is not None:
            _show_the_way(stage)
            with working(stage):
                serve(make_app(stage), stage.settings)


def _begin(number: int, total: int, name: str) -> None:
    click.secho(f"{number:>2}/{total}  {name}", bold=True)


def _tell(told: Told) -> None:
    click.echo(f"       {told.sentence}  ({told.seconds:.1f} s)")


def _sum_up(stage: Stage, played: Played) -> None:
    click.echo()
    rows = [("Scenes played, each checked", str(len(played.told))), *stage.figures]
    rows.append(("Seconds", f"{played.seconds:.0f}"))
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        click.echo(f"  {name:<{width}}  {value}")
    click.echo()


def _show_the_way(stage: Stage) -> None:
    click.echo(f"Look at it: http://{stage.settings.host}:{stage.settings.port}/sign-in")
    click.echo(f"  Address   {stage.email}\n  Password  {stage.password}")
    click.echo("Its servers go on, so pages can be read and pitches sent and answered.")
    click.echo("Ctrl-C ends the demo and removes its data.")


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
