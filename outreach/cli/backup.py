"""`outreach backup` and `outreach restore`."""

from __future__ import annotations

from pathlib import Path

import click

from outreach.adapters.backup import read_manifest, restore_backup, write_backup
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict
from outreach.wiring.cli import cli_services
from outreach.workflows.after_restore import known_suppressions, settle_restored


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), required=False)
def backup(target: Path | None) -> None:
    """Write a backup of everything to TARGET (by default into the data directory).

    The secret key is not in it: keep a copy of the key apart, or mailbox passwords must be typed
    again after a restore.
    """
    services, now = cli_services(), utc_now()
    name = f"outreach-{now:%Y%m%d-%H%M%S}.zip"
    target = target or services.settings.data_dir / "backups" / name
    if target.exists():
        raise Conflict(f"{target} exists already; nothing was written.")
    size = write_backup(services.settings, target, now=now)
    click.echo(f"Wrote {target} ({size / 1e6:,.1f} MB).")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(source: Path, *, yes: bool) -> None:
    """Put the backup SOURCE in the place of the database. Stop Outreach first.

    Mail that was on its way when the backup was made is listed as in doubt, never sent by itself;
    people suppressed since stay suppressed.
    """
    services, now = cli_services(), utc_now()
    manifest = read_manifest(source)
    if not yes:
        click.confirm(f"Replace the database by the backup of {manifest.made_at}?", abort=True)
    suppressed = known_suppressions(services.database)
    services.database.engine.dispose()
    restore_backup(services.settings, source, keep_as=f"outreach.db.before-{now:%Y%m%d-%H%M%S}")
    settled = settle_restored(services.database, suppressed)
    click.echo(f"Restored the backup of {manifest.made_at}.")
    click.echo(f"{settled.doubted} mails that were on their way are in doubt now; see the outbox.")
    if settled.paused:
        click.echo(f"{settled.paused} sequences are paused until somebody looks and resumes them.")
    if settled.suppressed_again:
        click.echo(f"{settled.suppressed_again} people suppressed since then stay suppressed.")
