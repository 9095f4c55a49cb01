"""Imports: drop a file, see what it would change, import it, take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.core.clock import utc_now
from outreach.core.errors import Invalid
from outreach.imports.queries import get_import_file, latest_job_of, recent_imports, rows_of
from outreach.imports.words import ImportState, Verdict
from outreach.web.context import close_reading, reading, requires, say, scope, wake, writing
from outreach.web.context import services as web
from outreach.web.forms.imports import UploadForm
from outreach.workflows.import_file import (
    ImportTools,
    begin_import,
    keep_and_recognise,
)
from outreach.workflows.import_preview import preview_import
from outreach.workflows.undo_import import begin_undo

if TYPE_CHECKING:
    from outreach.imports.models import ImportFile

blueprint = Blueprint("imports", __name__, url_prefix="/imports")


@blueprint.get("/")
@requires("import", "view")
def index() -> Any:
    """List the imports, and take a new file."""
    return _list(UploadForm(formdata=None))


@blueprint.post("/")
@requires("import", "edit")
def create() -> Any:
    """Keep a dropped file and show what it would change."""
    form = UploadForm()
    if not form.validate():
        return _list(form), 422
    close_reading()
    upload = form.file.data
    try:
        import_file_id = keep_and_recognise(
            web().database,
            scope(),
            upload.stream,
            upload.filename or "file",
            data_dir=web().settings.data_dir,
            kind=form.to_kind(),
        )
    except Invalid as problem:
        form.file.errors = [*form.file.errors, str(problem)]
        return _list(form), 422
    return redirect(url_for("imports.show", import_file_id=import_file_id), 303)


def _list(form: UploadForm) -> str:
    page = recent_imports(reading(), cursor=request.args.get("after", ""))
    return render_template("imports/index.html", page=page, form=form)


@blueprint.get("/<int:import_file_id>")
@requires("import", "view")
def show(import_file_id: int) -> Any:
    """Show an import: what it would do, how far it is, or what became of each row."""
    file = get_import_file(reading(), import_file_id)
    if file.state is ImportState.PREVIEWED:
        return _preview(file)
    verdict = request.args.get("verdict", "")
    chosen = Verdict(verdict) if verdict in set(Verdict) else None
    after = request.args.get("after", "")
    return render_template(
        "imports/show.html",
        file=file,
        job=latest_job_of(reading(), import_file_id),
        rows=rows_of(reading(), import_file_id, verdict=chosen, cursor=after),
        verdict=chosen,
        verdicts=list(Verdict),
    )


def _preview(file: ImportFile) -> str:
    close_reading()
    tools = ImportTools(web().settings.data_dir, web().key, utc_now)
    preview = preview_import(web().database, scope(), file.key, tools)
    return render_template("imports/preview.html", file=file, preview=preview)


@blueprint.post("/<int:import_file_id>/start")
@requires("import", "edit")
def start(import_file_id: int) -> Any:
    """Begin an import that was previewed, or let it go on where it stopped."""
    with writing() as session:
        job = begin_import(session, import_file_id, now=utc_now())
    wake("io", "run_job_io", job.key)
    return redirect(url_for("imports.show", import_file_id=import_file_id), 303)


@blueprint.post("/<int:import_file_id>/undoing")
@requires("import", "edit")
def undo(import_file_id: int) -> Any:
    """Take an import back."""
    with writing() as session:
        job = begin_undo(session, import_file_id)
    wake("io", "run_job_io", job.key)
    say("The import is being taken back.")
    return redirect(url_for("imports.show", import_file_id=import_file_id), 303)
