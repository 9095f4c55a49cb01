"""Custom fields: the page where they are added, ordered, archived and given another kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.fields.queries import all_fields, get_field, texts_of, value_counts
from outreach.fields.services import add_field, archive_field, edit_field, move_field
from outreach.fields.words import FieldKind, FieldSubject
from outreach.web.context import close_reading, reading, requires, role, say, scope, writing
from outreach.web.context import services as web
from outreach.web.filters import plural
from outreach.web.forms.fields import KIND_WORDS, SUBJECT_WORDS, FieldForm, KindForm
from outreach.workflows.convert_field import change_of, convert_field, preview_change

if TYPE_CHECKING:
    from outreach.fields.models import CustomField
    from outreach.workflows.convert_field import Preview

blueprint = Blueprint("fields", __name__, url_prefix="/fields")


@blueprint.get("/")
@requires("field", "view")
def index() -> Any:
    """List the fields of each kind of record, in their order."""
    fields = all_fields(reading())
    groups = [
        (words, [field for field in fields if field.subject is subject])
        for subject, words in SUBJECT_WORDS.items()
    ]
    return render_template(
        "fields/index.html",
        groups=[(words, group) for words, group in groups if group],
        counts=value_counts(reading()),
        kinds=KIND_WORDS,
        may_edit=may(role(), "field", "edit"),
    )


@blueprint.get("/new")
@requires("field", "edit")
def new() -> Any:
    """Ask for a new field."""
    asked = request.args.get("subject", "")
    subject = asked if asked in set(FieldSubject) else FieldSubject.PROSPECT.value
    return _form_page(FieldForm(formdata=None, subject=subject), None)


@blueprint.post("/")
@requires("field", "edit")
def create() -> Any:
    """Add a field."""
    form = FieldForm()
    if not form.validate():
        return _form_page(form, None), 422
    try:
        with writing() as session:
            field = add_field(
                session,
                FieldSubject(form.subject.data),
                form.name.data or "",
                FieldKind(form.kind.data),
                form.to_choices(),
                now=utc_now(),
            )
    except (Invalid, Conflict) as problem:
        return _refused(form, None, problem)
    say(f"Added the field “{field.name}”.", "success")
    return redirect(url_for("fields.index"), 303)


@blueprint.get("/<int:custom_field_id>/edit")
@requires("field", "edit")
def edit(custom_field_id: int) -> Any:
    """Ask for another name or other choices."""
    field = get_field(reading(), custom_field_id)
    return _form_page(_form_of(field), field)


@blueprint.post("/<int:custom_field_id>")
@requires("field", "edit")
def save(custom_field_id: int) -> Any:
    """Rename a field, or change what may be chosen in it."""
    field = get_field(reading(), custom_field_id)
    form = FieldForm(subject=field.subject.value, kind=field.kind.value)
    if not form.validate():
        return _form_page(form, field), 422
    try:
        with writing() as session:
            left = edit_field(
                session,
                get_field(session, custom_field_id),
                name=form.name.data or "",
                choices=form.to_choices(),
                now=utc_now(),
            )
    except (Invalid, Conflict) as problem:
        return _refused(form, field, problem)
    if left:
        words = ", ".join(f"“{text}” ({plural(used, 'value')})" for text, used in left)
        say(f"Saved. No longer offered, but kept where it was chosen: {words}.", "warning")
    else:
        say("Saved the field.", "success")
    return redirect(url_for("fields.index"), 303)


@blueprint.post("/<int:custom_field_id>/place")
@requires("field", "edit")
def move(custom_field_id: int) -> Any:
    """Move a field one place up or down."""
    step = -1 if request.form.get("to") == "up" else 1
    with writing() as session:
        move_field(session, get_field(session, custom_field_id), step)
    return redirect(url_for("fields.index"), 303)


@blueprint.post("/<int:custom_field_id>/archive")
@requires("field", "edit")
def archive(custom_field_id: int) -> Any:
    """Take a field off all pages, or bring it back; its values stay."""
    is_archived = request.values.get("archived", "1") == "1"
    with writing() as session:
        field = get_field(session, custom_field_id)
        archive_field(session, field, is_archived=is_archived, now=utc_now())
    undo = url_for("fields.archive", custom_field_id=custom_field_id, archived=int(not is_archived))
    done = "is archived; its values are kept" if is_archived else "is back on all pages"
    say(f"The field “{field.name}” {done}.", "success", undo_url=undo)
    return redirect(url_for("fields.index"), 303)


@blueprint.get("/<int:custom_field_id>/kind")
@requires("field", "edit")
def ask_kind(custom_field_id: int) -> Any:
    """Ask what a field is to hold; with `?kind=`, tell what that would do to its values."""
    field = get_field(reading(), custom_field_id)
    is_asked = "kind" in request.args
    given = request.args if is_asked else None
    form = KindForm(given, kind=field.kind.value, meta={"csrf": False})  # it only asks
    if not form.choices.data:
        form.choices.data = "\n".join(field.choices or _most_used(field))
    preview = None
    if is_asked and form.validate():
        try:
            preview = _preview(field, form)
        except Invalid as problem:
            form.choices.errors = [str(problem)]
    return _kind_page(field, form, preview)


@blueprint.post("/<int:custom_field_id>/kind")
@requires("field", "edit")
def change_kind(custom_field_id: int) -> Any:
    """Let a field hold something else, with all its values."""
    field, form = get_field(reading(), custom_field_id), KindForm()
    if not form.validate():
        return _kind_page(field, form, None), 422
    close_reading()
    try:
        change = change_of(
            form.to_kind(), form.to_choices(), keeps_in_notes=form.rest.data != "drop"
        )
        done = convert_field(
            web().database,
            scope(),
            custom_field_id,
            change,
            losing=form.to_losing(),
            now=utc_now(),
        )
    except (Invalid, Conflict) as problem:
        form.choices.errors = [str(problem)]
        return _kind_page(get_field(reading(), custom_field_id), form, None), 422
    words = f"“{field.name}” holds a {KIND_WORDS[change.kind].lower()} now: "
    words += f"{plural(done.converting, 'value')} converted"
    if done.losing:
        rest = "kept in notes" if change.keeps_in_notes else "removed"
        words += f", {done.losing:,} {rest}"
    say(words + ".", "success")
    return redirect(url_for("fields.index"), 303)


def _most_used(field: CustomField) -> list[str]:
    """Return what a text field holds, to be offered as choices."""
    return [text for text, _ in texts_of(reading(), field.key)[:20]]


def _preview(field: CustomField, form: KindForm) -> Preview:
    change = change_of(form.to_kind(), form.to_choices(), keeps_in_notes=form.rest.data != "drop")
    return preview_change(reading(), field, change)


def _form_of(field: CustomField) -> FieldForm:
    return FieldForm(
        formdata=None,
        subject=field.subject.value,
        name=field.name,
        kind=field.kind.value,
        choices="\n".join(field.choices),
    )


def _form_page(form: FieldForm, field: CustomField | None) -> str:
    unoffered = []
    if field is not None and field.kind is FieldKind.CHOICE:
        used = texts_of(reading(), field.key)
        unoffered = [(text, count) for text, count in used if text not in field.choices]
    return render_template(
        "fields/edit.html", form=form, custom=field, unoffered=unoffered, kinds=KIND_WORDS
    )


def _refused(form: FieldForm, field: CustomField | None, problem: Exception) -> Any:
    about_choices = "choice" in str(problem).lower()
    (form.choices if about_choices else form.name).errors = [str(problem)]
    return _form_page(form, field), 422


def _kind_page(field: CustomField, form: KindForm, preview: Preview | None) -> str:
    return render_template(
        "fields/kind.html", form=form, custom=field, preview=preview, kinds=KIND_WORDS
    )
