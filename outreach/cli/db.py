"""`outreach db`: the schema."""

from __future__ import annotations

import click

from outreach.adapters import migrations
from outreach.core.errors import Conflict
from outreach.core.settings import load_settings


@click.group()
def db() -> None:
    """Create, upgrade and check the database."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to a revision (by default the newest)."""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(settings.database, revision)
    click.echo(f"The database is at revision {migrations.current_revision(settings.database)}.")


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, *, yes: bool) -> None:
    """Take the database down to a revision; data of newer tables is lost."""
    if not yes:
        click.confirm("Data of newer tables is lost. Go on?", abort=True)
    migrations.downgrade(load_settings().database, revision)
    click.echo(f"The database is at revision {revision}.")


@db.command()
def check() -> None:
    """Fail unless the database is at the revision this code wants."""
    here, wanted = migrations.current_revision(load_settings().database), migrations.head_revision()
    if here != wanted:
        raise Conflict(
            f"The database is at revision {here}, this code wants {wanted}. "
            "Run: outreach db upgrade"
        )
    click.echo(f"The database is at revision {here}, as it should be.")


@db.command()
@click.argument("message")
@click.option("--number", required=True, help="Such as 0007.")
def revision(message: str, number: str) -> None:
    """Draft a migration from the models (for developers)."""
    migrations.create_revision(load_settings().database, message, number)
