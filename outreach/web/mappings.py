"""What the columns of a table hold: told by a person, remembered for the next file, forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.queries import names_of_users
from outreach.core.errors import Invalid
from outreach.imports.drafts import is_unmapped
from outreach.imports.mapping import TARGETS, guess, guess_kind
from outreach.imports.mappings import check_mapping, forget_mapping, list_mappings
from outreach.imports.queries import get_import_file
from outreach.imports.recognition import UnknownLayout, read_sample
from outreach.imports.rows import RowKind
from outreach.imports.storage import path_of
from outreach.web.context import close_reading, reading, requires, say, scope, writing
from outreach.web.context import services as web
from outreach.web.forms.imports import KIND_LABELS, MAPPED_KINDS, fields_said_twice, to_mapping
from outreach.web.imports import tools
from outreach.workflows.drop_file import map_columns, read_as
from outreach.workflows.import_file import recognise_again

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from outreach.imports.mapping import ColumnGuess
    from outreach.imports.models import ImportFile
    from outreach.imports.sampling import TableSample

blueprint = Blueprint("mappings", __name__, url_prefix="/imports")

_SURE = (
    (0.9, "by its name"),
    (0.65, "probably, by its values"),
    (0.5, "perhaps, by its values"),
    (0.01, "by its name, though its values look otherwise"),
)


@blueprint.get("/<int:import_file_id>/columns")
@requires("import", "edit")
def edit(import_file_id: int) -> Any:
    """Show each column with three of its values and what it probably holds."""
    file = get_import_file(reading(), import_file_id)
    close_reading()
    sample = read_sample(path_of(web().settings.data_dir, file))
    guesses = guess(sample)
    said = _said_before(file)
    kind = request.args.get("kind") or file.recognised.get("kind") or guess_kind(guesses).value
    chosen = {
        f"column-{column.index}": said.get(column.header, "") if said else column.field
        for column in guesses
    }
    return _page(file, sample, guesses, {**chosen, "kind": str(kind)})


def _said_before(file: ImportFile) -> Mapping[str, str]:
    """Return header → field as the file is read now; nothing where nobody knows it yet."""
    if is_unmapped(file):
        return {}
    columns = file.recognised.get("mapping")
    if isinstance(columns, dict):
        return {header: field for field, header in columns.items()}
    recognised = recognise_again(file, tools())
    filled = ((target.field, recognised.column_of(target.field)) for target in TARGETS)
    return {header: field for field, header in filled if header is not None}


@blueprint.post("/<int:import_file_id>/columns")
@requires("import", "edit")
def save(import_file_id: int) -> Any:
    """Read the file as a person says, and remember it for the next file with this header."""
    file = get_import_file(reading(), import_file_id)
    close_reading()
    data_dir = web().settings.data_dir
    sample = read_sample(path_of(data_dir, file))
    problem = _problem(sample)
    if not problem:
        mapping = to_mapping(request.form, sample.headers)
        try:
            shown = map_columns(web().database, scope(), file.key, mapping, data_dir=data_dir)
            return redirect(url_for("imports.show", import_file_id=shown), 303)
        except Invalid as refused:
            problem = str(refused)
    return _page(file, sample, guess(sample), request.form, problem), 422


@blueprint.post("/<int:import_file_id>/columns/check")
@requires("import", "edit")
def check(import_file_id: int) -> Any:
    """Say what is missing while a person chooses."""
    file = get_import_file(reading(), import_file_id)
    close_reading()
    sample = read_sample(path_of(web().settings.data_dir, file))
    return render_template("imports/_missing.html", problem=_problem(sample), is_wrong=False)


def _problem(sample: TableSample, given: Any = None) -> str:
    """Say what keeps a table from being read as a person says, "" if nothing does."""
    given = request.form if given is None else given
    twice = fields_said_twice(given, sample.headers)
    if twice:
        return f"Two columns hold “{twice[0]}”: choose one of them."
    try:
        check_mapping(to_mapping(given, sample.headers), sample.headers)
    except Invalid as problem:
        return str(problem)
    return ""


def _page(
    file: ImportFile,
    sample: TableSample,
    guesses: Sequence[ColumnGuess],
    chosen: Mapping[str, str],
    problem: str = "",
) -> str:
    is_wrong = bool(problem)
    return render_template(
        "imports/columns.html",
        file=file,
        columns=[(column, _words(column)) for column in guesses],
        chosen=chosen,
        targets=TARGETS,
        kinds=[(kind.value, KIND_LABELS[kind]) for kind in MAPPED_KINDS],
        has_header=sample.has_header,
        is_unmapped=is_unmapped(file),
        problem=problem or _problem(sample, chosen),
        is_wrong=is_wrong,
    )


def _words(column: ColumnGuess) -> str:
    """Say how sure the guess about a column is."""
    if not column.field:
        return "no idea" if column.examples else "empty in the first rows"
    return next(words for least, words in _SURE if column.confidence >= least)


@blueprint.post("/<int:import_file_id>/kind")
@requires("import", "edit")
def change_kind(import_file_id: int) -> Any:
    """Read a file as rows of another kind."""
    given = request.form.get("kind", "")
    kind = RowKind(given) if given in set(RowKind) else None
    close_reading()
    database, data_dir = web().database, web().settings.data_dir
    try:
        shown = read_as(database, scope(), import_file_id, kind, data_dir=data_dir)
    except UnknownLayout:
        columns = url_for("mappings.edit", import_file_id=import_file_id, kind=given)
        return redirect(columns, 303)
    except Invalid as problem:
        say(str(problem), "error")
        shown = import_file_id
    return redirect(url_for("imports.show", import_file_id=shown), 303)


@blueprint.get("/mappings/")
@requires("import", "view")
def index() -> Any:
    """List the headers somebody told us how to read."""
    mappings = list_mappings(reading())
    who = names_of_users(reading(), {row.user_id for row in mappings if row.user_id})
    return render_template(
        "imports/mappings.html",
        mappings=mappings,
        who=who,
        kind_labels={kind.value: label for kind, label in KIND_LABELS.items()},
        labels={target.field: target.label for target in TARGETS},
    )


@blueprint.post("/mappings/<int:column_mapping_id>/deletion")
@requires("import", "edit")
def forget(column_mapping_id: int) -> Any:
    """Forget how a header is read; what was imported by it stays."""
    with writing() as session:
        forget_mapping(session, column_mapping_id)
    say("Forgotten. The next file with this header is asked about again.", "success")
    return redirect(url_for("mappings.index"), 303)
