"""`outreach import`: files of prospects or people, and lists that guard them."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from outreach.cli.import_run import import_here
from outreach.cli.scoring import score_here
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid, OutreachError
from outreach.imports.mapping import TARGETS, ColumnMap, guess, guess_kind
from outreach.imports.mappings import check_mapping, remember_mapping
from outreach.imports.pasting import pasted_file
from outreach.imports.recognition import UnknownLayout, read_sample
from outreach.imports.rows import RowKind
from outreach.wiring.cli import cli_services
from outreach.workflows.drop_file import how_to_read, take_file
from outreach.workflows.import_file import (
    ImportTools,
    counts_in_words,
    keep_and_recognise,
)
from outreach.workflows.import_preview import Preview, preview_path
from outreach.workflows.import_takers import GUARD_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from outreach.core.db import Scope
    from outreach.imports.mapping import ColumnGuess
    from outreach.wiring.cli import CliServices

_KINDS = {
    "prospects": RowKind.PAGE,
    "backlinks": RowKind.BACKLINK,
    "referring-domains": RowKind.REFERRING_DOMAIN,
    "people": RowKind.PERSON,
    "partners": RowKind.PARTNER,
    "coverage": RowKind.COVERAGE,
    "suppressions": RowKind.SUPPRESSION,
    "contacts": RowKind.TOUCH,
    "disavowed": RowKind.DISAVOW,
    "ranks": RowKind.RANKS,
}
_STDIN = Path("-")
_MAP_HELP = "What a column holds, as field=header: --map 'url=Web address'. Remembered."


@click.command("import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--workspace", "-w", help="The workspace's name; not needed when there is one.")
@click.option(
    "--kind",
    "--as",
    "kind",
    type=click.Choice(list(_KINDS)),
    help="What the rows are; “contacts” are people written to in the past.",
)
@click.option("--map", "columns", multiple=True, metavar="FIELD=HEADER", help=_MAP_HELP)
@click.option("--paste", "is_paste", is_flag=True, help="Read the text as if it were pasted.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_file(
    *,
    files: tuple[Path, ...],
    workspace: str | None,
    kind: str | None,
    columns: tuple[str, ...],
    is_paste: bool,
    dry_run: bool,
) -> int:
    """Import FILES, each recognised by what is in it; the same file twice changes nothing.

    "-" reads a file from standard input. A table nobody knows is read as --map says, and so is
    every later file with its header.
    """
    services = cli_services()
    scope = services.scope_of(workspace)
    chosen = _KINDS[kind] if kind else None
    missed, needs_scores = 0, False
    for file in files:
        try:
            with _readable(file, is_paste=is_paste) as path:
                said = _mapping(path, columns, chosen) or chosen
                if dry_run:
                    _tell_first(services, scope, path, said)
                    continue
                import_file_id = _keep(services, scope, path, said)
            needs_scores |= import_here(services, scope, import_file_id) not in GUARD_KINDS
        except OutreachError as problem:
            missed += 1
            click.echo(str(problem), err=True)
    if needs_scores:
        score_here(services, scope)
    return 1 if missed else 0


@contextmanager
def _readable(file: Path, *, is_paste: bool) -> Iterator[Path]:
    """Yield the path of a file; of what comes from standard input, a copy."""
    if file != _STDIN and not file.is_file():
        raise Invalid(f"There is no file “{file.name}”.")
    if file != _STDIN and not is_paste:
        yield file
        return
    with TemporaryDirectory() as folder:
        if is_paste:
            text = sys.stdin.read() if file == _STDIN else file.read_text()
            pasted = pasted_file(text, on=utc_now().date())
            name, source = pasted.filename, pasted.stream
        else:
            name, source = "stdin.csv", sys.stdin.buffer
        copy = Path(folder) / name
        with copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        yield copy


def _mapping(path: Path, columns: Sequence[str], kind: RowKind | None) -> ColumnMap | None:
    """Translate the --map options for one file."""
    if not columns:
        return None
    named: dict[str, str] = {}
    for each in columns:
        field, equals, header = each.partition("=")
        if not equals:
            raise Invalid(f"“{each}” names no column: write it as field=header.")
        named[field.strip()] = header.strip()
    sample = read_sample(path)
    mapping = ColumnMap(kind or guess_kind(_as_named(guess(sample), named)), named)
    check_mapping(mapping, sample.headers)
    return mapping


def _as_named(columns: list[ColumnGuess], named: dict[str, str]) -> list[ColumnGuess]:
    """Return the columns with what a person says they hold, and nothing else."""
    fields = {header: field for field, header in named.items()}
    return [replace(column, field=fields.get(column.header, "")) for column in columns]


def _tell_first(
    services: CliServices, scope: Scope, path: Path, said: ColumnMap | RowKind | None
) -> None:
    if not isinstance(said, ColumnMap):
        said = _how_to_read(services, scope, path, said)
    tools = ImportTools(services.settings.data_dir, services.key, utc_now)
    _tell(preview_path(services.database, scope, path, tools, kind=said))


def _how_to_read(
    services: CliServices, scope: Scope, path: Path, kind: RowKind | None
) -> ColumnMap | RowKind | None:
    """Return how a file is read, or say how its columns can be named."""
    try:
        return how_to_read(services.database, scope, path, kind)[0]
    except UnknownLayout as unknown:
        fields = ", ".join(target.field for target in TARGETS)
        raise Invalid(f"{unknown} From here, use --map FIELD=HEADER with: {fields}.") from unknown


def _keep(services: CliServices, scope: Scope, path: Path, said: ColumnMap | RowKind | None) -> int:
    data_dir = services.settings.data_dir
    if isinstance(said, ColumnMap):
        with path.open("rb") as stream:
            kept = keep_and_recognise(
                services.database, scope, stream, path.name, data_dir=data_dir, kind=said
            )
        sample = read_sample(path)
        if sample.has_header:
            with services.database.writing(scope) as session:
                remember_mapping(session, sample.headers, said)
        return kept
    _how_to_read(services, scope, path, said)  # from the shell a table nobody knows is not kept
    with path.open("rb") as stream:
        return take_file(services.database, scope, stream, path.name, data_dir=data_dir, kind=said)


def _tell(preview: Preview) -> None:
    rows = f"{preview.row_count:,} row{'s' if preview.row_count != 1 else ''}"
    click.echo(f"{preview.title}, {rows}: {counts_in_words(preview.counts)}.")
    for verdict, names in preview.examples.items():
        click.echo(f"  {verdict.replace('_', ' ')}, such as {', '.join(names[:3])}")
    for change in preview.changes:
        click.echo(f"  Row {change.line:,}: {change.name}: {change.said}")
    for refusal in preview.refusals:
        click.echo(f"  Row {refusal.line:,}: {refusal.reason}")
    if preview.guarded_count:
        click.echo(f"  {preview.guarded_count:,} were written to lately or must never be.")
    click.echo("Nothing was changed.")
