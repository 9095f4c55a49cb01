"""Pitch templates: written beside their merge fields, previewed on a real prospect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.core.clock import utc_now
from outreach.core.errors import OutreachError
from outreach.desk.pitches import opportunities_to_preview
from outreach.pitches.merge_fields import MERGE_FIELDS
from outreach.pitches.queries import all_templates, get_template
from outreach.pitches.services import archive_template, save_template
from outreach.web.context import reading, requires, role, say, writing
from outreach.web.context import services as web
from outreach.web.forms.pitch_templates import TemplateForm
from outreach.workflows.compose_pitch import Letterhead
from outreach.workflows.preview_pitch import preview_template

if TYPE_CHECKING:
    from outreach.pitches.models import PitchTemplate

blueprint = Blueprint("templates", __name__, url_prefix="/templates")


@blueprint.get("/")
@requires("template", "view")
def index() -> Any:
    """List the templates."""
    rows = all_templates(reading(), with_archived=True)
    return render_template(
        "pitch_templates/index.html", rows=rows, may_edit=may(role(), "template", "edit")
    )


@blueprint.get("/new")
@requires("template", "edit")
def new() -> Any:
    """Offer an empty template."""
    return _editor(TemplateForm(), None)


@blueprint.post("/")
@requires("template", "edit")
def create() -> Any:
    """Store a new template, if the sandbox allows it."""
    return _save(TemplateForm(), None)


@blueprint.get("/<int:pitch_template_id>")
@requires("template", "view")
def show(pitch_template_id: int) -> Any:
    """Show a template with its merge fields and a preview on a real prospect."""
    template = get_template(reading(), pitch_template_id)
    return _editor(TemplateForm.of(template), template)


@blueprint.post("/<int:pitch_template_id>")
@requires("template", "edit")
def update(pitch_template_id: int) -> Any:
    """Change a template; mails already planned keep their words."""
    return _save(TemplateForm(), get_template(reading(), pitch_template_id))


@blueprint.post("/<int:pitch_template_id>/archive")
@requires("template", "edit")
def archive(pitch_template_id: int) -> Any:
    """Put a template away, or take it out again."""
    is_archived = request.form.get("restore") != "1"
    with writing() as session:
        template = get_template(session, pitch_template_id)
        archive_template(session, template, is_archived=is_archived, now=utc_now())
    say("The template is archived." if is_archived else "The template is back.", "success")
    return redirect(url_for("templates.index"), 303)


def _save(form: TemplateForm, template: PitchTemplate | None) -> Any:
    if not form.validate():
        return _editor(form, template), 422
    try:
        with writing() as session:
            known = get_template(session, template.key) if template else None
            saved = save_template(session, form.to_facts(), now=utc_now(), template=known)
    except OutreachError as error:
        form.form_errors.append(str(error))
        return _editor(form, template), error.status
    say("The template is saved.", "success")
    return redirect(url_for("templates.show", pitch_template_id=saved.key), 303)


def _editor(form: TemplateForm, template: PitchTemplate | None) -> str:
    session = reading()
    choices = opportunities_to_preview(session)
    wanted = request.args.get("opportunity_id", type=int)
    chosen = wanted or (choices[0].id if choices else None)
    preview = None
    if template is not None and chosen is not None:
        letterhead = Letterhead(key=web().key, public_url=web().settings.public_url)
        preview = preview_template(session, template, chosen, letterhead, utc_now())
    return render_template(
        "pitch_templates/edit.html",
        form=form,
        template=template,
        fields=MERGE_FIELDS,
        choices=choices,
        chosen=chosen,
        preview=preview,
        may_edit=may(role(), "template", "edit"),
    )
