"""The `outreach` command; each subcommand's module is loaded only when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

# name: (module, attribute, one line of help). The help stands here, so that `--help` loads nothing.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run": ("outreach.cli.run", "run", "Start everything: web, clock, workers and crawler."),
    "web": ("outreach.cli.run", "web", "Serve the pages only."),
    "worker": ("outreach.cli.run", "worker", "Do background work of some queues."),
    "db": ("outreach.cli.db", "db", "Create, upgrade and check the database."),
    "doctor": ("outreach.cli.doctor", "doctor", "Say what is wrong here and how to mend it."),
    "backup": ("outreach.cli.backup", "backup", "Write a backup of everything."),
    "restore": ("outreach.cli.backup", "restore", "Restore a backup."),
    "import": (
        "outreach.cli.imports",
        "import_file",
        "Import files of prospects, people, past contacts.",
    ),
    "imports": ("outreach.cli.import_history", "imports", "List, undo, stop and repeat imports."),
    "export": ("outreach.cli.exports", "export", "Write any list as CSV or XLSX."),
    "metrics": ("outreach.cli.metrics", "metrics", "Import open lists of domain ranks."),
    "mail": ("outreach.cli.mail", "mail", "Read mail from files."),
    "links": ("outreach.cli.links", "links", "Check links now."),
    "search": ("outreach.cli.search", "search", "Look after the search index."),
    "people": ("outreach.cli.people", "people", "Setup and reset links for people."),
    "demo": ("outreach.cli.demo", "demo", "Play the whole job on loopback servers."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        found = COMMANDS.get(cmd_name)
        if found is None:
            return None
        command = getattr(importlib.import_module(found[0]), found[1])
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_m, _a, text) in COMMANDS.items()])


@click.command(cls=LazyGroup)
@click.version_option(package_name="outreach")
def outreach() -> None:
    """Outreach, a self-hosted CRM for earning links.

    Settings come from the environment (OUTREACH_…); docs/settings.md lists them.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command; a known problem becomes one sentence and exit status 1."""
    try:
        status: Any = outreach.main(args=arguments, prog_name="outreach", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:  # only ours are sentences; the rest is a bug and shows as one
        if not hasattr(type(error), "status"):
            raise
        click.echo(str(error), err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)
