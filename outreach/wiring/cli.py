"""What a command needs: settings, logs and the database."""

from __future__ import annotations

from dataclasses import dataclass

import click

from outreach.accounts.queries import all_workspaces, find_workspace_by_name
from outreach.core.db import SYSTEM, Database, Scope, make_engine
from outreach.core.errors import Invalid, NotFound
from outreach.core.logging import configure_logging
from outreach.core.settings import Settings, load_settings, secret_key


@dataclass(frozen=True, slots=True)
class CliServices:
    """One command's settings, database and key."""

    settings: Settings
    database: Database
    key: str

    def scope_of(self, name: str | None) -> Scope:
        """Return the scope of a workspace by name; of the only one when none is named.

        Raises:
            NotFound: There is no such workspace.
            Invalid: There are several and none is named.
        """
        with self.database.reading(SYSTEM) as session:
            if name:
                row = find_workspace_by_name(session, name)
                if row is None:
                    raise NotFound(f"There is no workspace called {name}.")
                return Scope(row.key)
            rows = all_workspaces(session)
        if len(rows) != 1:
            names = ", ".join(row.name for row in rows) or "none yet"
            raise Invalid(f"Say which workspace with --workspace. There are: {names}.")
        return Scope(rows[0].key)


def cli_services() -> CliServices:
    """Read the settings, set up logging and open the database."""
    settings = load_settings()
    configure_logging(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(engine.dispose)
    return CliServices(settings, Database(engine), secret_key(settings))
