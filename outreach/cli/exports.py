"""`outreach export`: any list as CSV or as a workbook."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import click

from outreach.core.clock import utc_now
from outreach.wiring.cli import cli_services
from outreach.workflows.export_list import (
    EXPORTS,
    Format,
    begin_export,
    get_export_list,
    write_export,
)


@click.command("export")
@click.argument("list_name", metavar="LIST", type=click.Choice(list(EXPORTS)))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--workspace", "-w", help="The workspace's name; not needed when there is one.")
@click.option(
    "--filter", "query", default="", help="As in the list's address: review=approved&dr_min=40."
)
@click.option("--columns", default="", help="Of prospects: all, or names such as score,dr,tags.")
@click.option(
    "--format",
    "kind",
    type=click.Choice([kind.value for kind in Format]),
    help="Else by FILE's ending.",
)
def export(
    *, list_name: str, file: Path, workspace: str | None, query: str, columns: str, kind: str | None
) -> None:
    """Write LIST into FILE; who took it is recorded."""
    services = cli_services()
    scope = services.scope_of(workspace)
    wanted = Format(kind) if kind else Format.XLSX if file.suffix.lower() == ".xlsx" else Format.CSV
    arguments = dict(parse_qsl(query.lstrip("?"))) | ({"columns": columns} if columns else {})
    spec = get_export_list(list_name)
    begun = begin_export(services.database, scope, spec, arguments, wanted, now=utc_now())
    with services.database.reading(scope) as session:
        count = begun.export.count(session)
    with click.progressbar(begun.rows, length=count, label="Exporting", show_pos=True) as rows:
        write_export(begun, file, wanted, rows)
    click.echo(f"Wrote {count:,} {spec.title.lower()} to {file}.")
