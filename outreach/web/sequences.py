"""Sequences: which template goes when, and in which hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.core.clock import utc_now
from outreach.core.errors import OutreachError
from outreach.pitches.queries import all_templates
from outreach.sequences.editing import archive_sequence, save_sequence
from outreach.sequences.queries import get_sequence, sequence_rows, steps_of
from outreach.web.context import reading, requires, role, say, writing
from outreach.web.forms.sequences import SequenceForm, empty_form, filled_form

if TYPE_CHECKING:
    from outreach.sequences.models import Sequence

blueprint = Blueprint("sequences", __name__, url_prefix="/sequences")


@blueprint.get("/")
@requires("sequence", "view")
def index() -> Any:
    """List the sequences."""
    session = reading()
    return render_template(
        "sequences/index.html",
        rows=sequence_rows(session),
        has_templates=bool(all_templates(session)),
        may_edit=may(role(), "sequence", "edit"),
    )


@blueprint.get("/new")
@requires("sequence", "edit")
def new() -> Any:
    """Offer a new sequence of three steps."""
    return _editor(empty_form(), None)


@blueprint.post("/")
@requires("sequence", "edit")
def create() -> Any:
    """Store a new sequence."""
    return _save(SequenceForm(), None)


@blueprint.get("/<int:sequence_id>")
@requires("sequence", "view")
def show(sequence_id: int) -> Any:
    """Show one sequence."""
    session = reading()
    sequence = get_sequence(session, sequence_id)
    return _editor(filled_form(sequence, steps_of(session, sequence_id)), sequence)


@blueprint.post("/<int:sequence_id>")
@requires("sequence", "edit")
def update(sequence_id: int) -> Any:
    """Change a sequence; who goes through it meets the new steps."""
    return _save(SequenceForm(), get_sequence(reading(), sequence_id))


@blueprint.post("/<int:sequence_id>/archive")
@requires("sequence", "edit")
def archive(sequence_id: int) -> Any:
    """Put a sequence away, or take it out again."""
    is_archived = request.form.get("restore") != "1"
    with writing() as session:
        sequence = get_sequence(session, sequence_id)
        archive_sequence(session, sequence, is_archived=is_archived, now=utc_now())
    say("The sequence is archived." if is_archived else "The sequence is back.", "success")
    return redirect(url_for("sequences.index"), 303)


def _save(form: SequenceForm, sequence: Sequence | None) -> Any:
    form.offer(all_templates(reading(), with_archived=True))
    if not form.validate():
        return _editor(form, sequence), 422
    try:
        with writing() as session:
            known = get_sequence(session, sequence.key) if sequence else None
            saved = save_sequence(session, form.to_facts(), now=utc_now(), sequence=known)
    except OutreachError as error:
        form.form_errors.append(str(error))
        return _editor(form, sequence), error.status
    say("The sequence is saved.", "success")
    return redirect(url_for("sequences.show", sequence_id=saved.key), 303)


def _editor(form: SequenceForm, sequence: Sequence | None) -> str:
    form.offer(all_templates(reading(), with_archived=sequence is not None))
    return render_template(
        "sequences/edit.html",
        form=form,
        sequence=sequence,
        may_edit=may(role(), "sequence", "edit"),
    )
