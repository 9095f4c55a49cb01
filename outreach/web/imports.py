"""Imports: drop files or paste a list, see what they would change, import them, take them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from outreach.accounts.queries import names_of_users
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid
from outreach.desk.import_rows import rows_shown, undo_outlook
from outreach.imports.drafts import is_unmapped
from outreach.imports.pasting import LONGEST_PASTE, pasted_file
from outreach.imports.queries import get_import_file, latest_job_of, recent_imports, rows_of
from outreach.imports.rows import RowKind
from outreach.imports.words import ImportState, Verdict
from outreach.web.context import close_reading, reading, requires, say, scope, wake, writing
from outreach.web.context import services as web
from outreach.web.forms.imports import KIND_LABELS, MAPPED_KINDS, UploadForm
from outreach.web.import_words import nouns_of, told_on
from outreach.workflows.drop_file import cancel_import, discard_import, take_file
from outreach.workflows.import_file import ImportTools, begin_import, rerun_import
from outreach.workflows.import_preview import preview_import
from outreach.workflows.undo_import import begin_undo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from outreach.imports.models import ImportFile

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

# Text and cells travel in form fields; the bytes of files do not count. Encoded, one character
# takes up to nine bytes.
_FORM_MEMORY = {"imports.create": 4 * LONGEST_PASTE, "import_rows.retry": 1024**2}


@blueprint.url_value_preprocessor
def _take_long_text(endpoint: str | None, _values: Any) -> None:
    """Let pasted lists be longer than other fields; runs before anything reads the form."""
    if endpoint in _FORM_MEMORY:
        request.max_form_memory_size = _FORM_MEMORY[endpoint]


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Any:
    return _refuse(["This is too large: a file may have 2 GB, and pasted text 5 million letters."])


@blueprint.get("/")
@requires("import", "view")
def index() -> Any:
    """List the imports, and take new files."""
    return _list(UploadForm(formdata=None))


@blueprint.post("/")
@requires("import", "edit")
def create() -> Any:
    """Keep what was dropped or pasted, and show what it would change."""
    form = UploadForm()
    if not form.validate():
        return _refuse([problem for found in form.errors.values() for problem in found])
    close_reading()
    taken, problems = _take(form)
    if len(taken) == 1 and not problems:
        return _go(url_for("imports.show", import_file_id=taken[0]))
    if not taken:
        return _refuse(problems or ["Choose a file, or paste a list."])
    for problem in problems:
        say(problem, "error")
    if len(taken) > 1:
        say(f"{len(taken)} files are here. Look at each, then import it.", "success")
    return _go(url_for("imports.index"))


def _take(form: UploadForm) -> tuple[list[int], list[str]]:
    """Keep every file; return the imports, and the sentence about each that cannot be one."""
    taken, problems = list[int](), list[str]()
    for stream, name in _sent(form, problems):
        try:
            import_file_id = take_file(
                web().database,
                scope(),
                stream,
                name,
                data_dir=web().settings.data_dir,
                kind=form.to_kind(),
            )
            taken.append(import_file_id)
        except Invalid as problem:
            problems.append(str(problem))
        finally:
            stream.close()  # large ones lie in a temporary file until then
    return taken, problems


def _sent(form: UploadForm, problems: list[str]) -> Iterator[tuple[BinaryIO, str]]:
    for upload in form.to_files():
        yield upload.stream, upload.filename or "file"  # type: ignore[misc]
    text = form.text.data or ""
    if text.strip():
        try:
            yield pasted_file(text, on=utc_now().date())
        except Invalid as problem:
            problems.append(str(problem))


def _go(url: str) -> Any:
    """Send a person on; a script that shows how far the upload is gets the address instead."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(location=url)
    return redirect(url, 303)


def _refuse(problems: list[str]) -> Any:
    if request.accept_mimetypes.best == "application/json":
        return jsonify(problem=" ".join(problems)), 422
    form = UploadForm(formdata=None)
    form.file.errors = problems
    return _list(form), 422


def _list(form: UploadForm) -> str:
    page = recent_imports(reading(), cursor=request.args.get("after", ""))
    who = names_of_users(reading(), {file.user_id for file in page.rows if file.user_id})
    return render_template("imports/index.html", page=page, form=form, who=who)


@blueprint.get("/<int:import_file_id>")
@requires("import", "view")
def show(import_file_id: int) -> Any:
    """Show an import: what it would do, how far it is, or what became of each row."""
    file = get_import_file(reading(), import_file_id)
    if is_unmapped(file):
        return redirect(url_for("mappings.edit", import_file_id=import_file_id), 303)
    if file.state is ImportState.PREVIEWED:
        return _preview(file)
    verdict = request.args.get("verdict", "")
    chosen = Verdict(verdict) if verdict in set(Verdict) else None
    after = request.args.get("after", "")
    rows = rows_of(reading(), import_file_id, verdict=chosen, cursor=after)
    return render_template(
        "imports/show.html",
        file=file,
        facts=_facts(file),
        job=latest_job_of(reading(), import_file_id),
        rows=rows_shown(reading(), rows.rows),
        next_cursor=rows.next_cursor,
        verdict=chosen,
        verdicts=list(Verdict),
        nouns=nouns_of(file),
        is_ranks=file.recognised.get("kind") == RowKind.RANKS,
    )


def _facts(file: ImportFile) -> dict[str, Any]:
    who = names_of_users(reading(), {file.user_id}) if file.user_id else {}
    kind = str(file.recognised.get("kind") or "")
    return {
        "who": who.get(file.user_id or 0, "the command line"),
        "kind": KIND_LABELS[RowKind(kind)] if kind in set(RowKind) else "",
        "told_on": told_on(file),
    }


def _preview(file: ImportFile) -> str:
    facts = _facts(file)
    close_reading()
    preview = preview_import(web().database, scope(), file.key, tools())
    return render_template(
        "imports/preview.html",
        file=file,
        facts=facts,
        preview=preview,
        nouns=nouns_of(file),
        kinds=[(kind.value, KIND_LABELS[kind]) for kind in MAPPED_KINDS],
    )


def tools() -> ImportTools:
    """What an import needs beside the database."""
    return ImportTools(web().settings.data_dir, web().key, utc_now)


@blueprint.get("/<int:import_file_id>/progress")
@requires("import", "view")
def progress(import_file_id: int) -> Any:
    """Show how far an import is; once it has ended the page that asks is drawn anew."""
    file = get_import_file(reading(), import_file_id)
    job = latest_job_of(reading(), import_file_id)
    body = render_template("imports/_progress.html", file=file, job=job, nouns=nouns_of(file))
    answer = make_response(body)
    if job is None or job.is_over:
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/<int:import_file_id>/start")
@requires("import", "edit")
def start(import_file_id: int) -> Any:
    """Begin an import that was previewed, or let it go on where it stopped."""
    if is_unmapped(get_import_file(reading(), import_file_id)):
        return redirect(url_for("mappings.edit", import_file_id=import_file_id), 303)
    with writing() as session:
        job = begin_import(session, import_file_id, now=utc_now())
    wake("io", "run_job_io", job.key)
    return redirect(url_for("imports.show", import_file_id=import_file_id), 303)


@blueprint.post("/<int:import_file_id>/cancellation")
@requires("import", "edit")
def cancel(import_file_id: int) -> Any:
    """Stop an import or its undoing; what is done stays done."""
    with writing() as session:
        cancel_import(session, import_file_id, now=utc_now())
    say("Stopped. What was done stays until you undo it.")
    return redirect(url_for("imports.show", import_file_id=import_file_id), 303)


@blueprint.get("/<int:import_file_id>/undoing")
@requires("import", "edit")
def confirm_undo(import_file_id: int) -> Any:
    """Say what taking an import back will do, and what stays."""
    file = get_import_file(reading(), import_file_id)
    outlook = undo_outlook(reading(), file)
    return render_template("imports/undo.html", file=file, outlook=outlook, nouns=nouns_of(file))


@blueprint.post("/<int:import_file_id>/undoing")
@requires("import", "edit")
def undo(import_file_id: int) -> Any:
    """Take an import back."""
    with writing() as session:
        job = begin_undo(session, import_file_id)
    wake("io", "run_job_io", job.key)
    return redirect(url_for("imports.show", import_file_id=import_file_id), 303)


@blueprint.post("/<int:import_file_id>/again")
@requires("import", "edit")
def rerun(import_file_id: int) -> Any:
    """Look at the same bytes again as a new import."""
    close_reading()
    again = rerun_import(web().database, scope(), import_file_id, tools())
    return redirect(url_for("imports.show", import_file_id=again), 303)


@blueprint.post("/<int:import_file_id>/deletion")
@requires("import", "edit")
def discard(import_file_id: int) -> Any:
    """Forget a file that was dropped and never imported."""
    close_reading()
    data_dir = web().settings.data_dir
    name = discard_import(web().database, scope(), import_file_id, data_dir=data_dir)
    say(f"Nothing of “{name}” was kept.", "success")
    return redirect(url_for("imports.index"), 303)
