"""Setting the custom fields of one record, in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request, url_for

from outreach.core.clock import utc_now
from outreach.core.errors import Invalid
from outreach.desk.annotations import name_of_record
from outreach.fields.queries import get_field, values_of_records
from outreach.web.annotations import about, back_to, is_fragment, subject_asked_for
from outreach.web.context import reading, requires, say, writing
from outreach.web.subjects import subject_url
from outreach.workflows.annotate import fill_field

if TYPE_CHECKING:
    from outreach.activity.services import Subject

blueprint = Blueprint("field_values", __name__, url_prefix="/fields")


@blueprint.post("/<int:custom_field_id>/values")
@requires("field", "fill")
def save(custom_field_id: int) -> Any:
    """Set or empty a field of one record."""
    field = get_field(reading(), custom_field_id)
    subject, given = subject_asked_for(), request.form.get("value", "")
    try:
        with writing() as session:
            before = fill_field(session, subject, custom_field_id, given, now=utc_now())
    except Invalid as problem:
        template = "fields/_value.html" if is_fragment() else "fields/value.html"
        return _render(template, subject, custom_field_id, given, str(problem)), 422
    if is_fragment():
        return _render("fields/_value.html", subject, custom_field_id)
    undo = url_for(
        "field_values.undo", custom_field_id=custom_field_id, about=about(subject), value=before
    )
    say(f"Saved “{field.name}”.", "success", undo_url=undo)
    return back_to(subject, "fields")


@blueprint.post("/<int:custom_field_id>/values/return")
@requires("field", "fill")
def undo(custom_field_id: int) -> Any:
    """Give a field of one record back what it held."""
    get_field(reading(), custom_field_id)
    subject, value = subject_asked_for(), request.args.get("value", "")
    with writing() as session:
        fill_field(session, subject, custom_field_id, value, now=utc_now())
    say("Taken back.", "success")
    return back_to(subject, "fields")


def _render(
    template: str, subject: Subject, field_id: int, given: str | None = None, problem: str = ""
) -> str:
    field = get_field(reading(), field_id)
    values = values_of_records(reading(), [field_id], field.subject, [subject.id])
    text = values.get(subject.id, {}).get(field_id, "")
    return render_template(
        template,
        custom=field,
        about=about(subject),
        about_name=name_of_record(reading(), subject),
        back=subject_url(subject.kind, subject.id),
        text=text,
        given=text if given is None else given,
        problem=problem,
        is_open=bool(problem),
        may_annotate=True,
    )
