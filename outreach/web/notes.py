"""Notes on any record, and the mentions in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, redirect, render_template, url_for

from outreach.accounts.rules import may
from outreach.activity.services import Subject
from outreach.core.clock import utc_now
from outreach.core.errors import Forbidden, Invalid
from outreach.desk.annotations import name_of_record
from outreach.notes.queries import get_mention, get_note
from outreach.notes.services import delete_note, edit_note, restore_note, see_mention
from outreach.web.annotations import about, back_to, subject_asked_for
from outreach.web.context import person, reading, requires, role, say, writing
from outreach.web.forms.notes import NoteForm
from outreach.web.subjects import subject_url
from outreach.workflows.annotate import mark_searched_anew, mentionable, note_record

if TYPE_CHECKING:
    from outreach.notes.models import Note

blueprint = Blueprint("notes", __name__, url_prefix="/notes")


@blueprint.get("/people")
@requires("note", "edit")
def people() -> Any:
    """List whom a note may call, for the list that opens after an @."""
    found = [{"handle": each.handle, "name": each.name} for each in mentionable(reading())]
    return jsonify(found)


@blueprint.post("/")
@requires("note", "edit")
def create() -> Any:
    """Write a note about a record."""
    subject, form = subject_asked_for(), NoteForm()
    try:
        with writing() as session:
            note = note_record(session, subject, form.body.data or "", now=utc_now())
    except Invalid as problem:
        form.body.errors = [str(problem)]
        return _form_page(form, subject, None), 422
    say("Added the note.", "success")
    return back_to(subject, f"note-{note.key}")


@blueprint.get("/<int:note_id>/edit")
@requires("note", "edit")
def edit(note_id: int) -> Any:
    """Show one's own note to be changed."""
    note = get_note(reading(), note_id)
    if note.user_id != person().key:
        raise Forbidden("Only who wrote a note may change it.")
    return _form_page(NoteForm(formdata=None, body=note.body), _subject(note), note)


@blueprint.post("/<int:note_id>")
@requires("note", "edit")
def save(note_id: int) -> Any:
    """Change one's own note."""
    note, form = get_note(reading(), note_id), NoteForm()
    subject = _subject(note)
    try:
        with writing() as session:
            changed = get_note(session, note_id)
            people = mentionable(session)
            edit_note(session, changed, form.body.data or "", people, now=utc_now())
            mark_searched_anew(session, subject)
    except Invalid as problem:
        form.body.errors = [str(problem)]
        return _form_page(form, subject, note), 422
    say("Changed the note.", "success")
    return back_to(subject, f"note-{note_id}")


@blueprint.post("/<int:note_id>/deletion")
@requires("note", "edit")
def delete(note_id: int) -> Any:
    """Delete a note."""
    with writing() as session:
        note = get_note(session, note_id)
        subject = _subject(note)
        delete_note(session, note, is_manager=_manages(), now=utc_now())
        mark_searched_anew(session, subject)
    say("Deleted the note.", "success", undo_url=url_for("notes.restore", note_id=note_id))
    return back_to(subject, "notes")


@blueprint.post("/<int:note_id>/restoration")
@requires("note", "edit")
def restore(note_id: int) -> Any:
    """Take the deletion of a note back."""
    with writing() as session:
        note = get_note(session, note_id, is_deleted=True)
        subject = _subject(note)
        restore_note(session, note, is_manager=_manages(), now=utc_now())
        mark_searched_anew(session, subject)
    say("The note is back.", "success")
    return back_to(subject, f"note-{note_id}")


@blueprint.post("/mentions/<int:mention_id>/seen")
@requires("note", "view")
def see(mention_id: int) -> Any:
    """Take a mention of oneself out of Today."""
    with writing() as session:
        mention = get_mention(session, mention_id, user_id=person().key)
        see_mention(session, mention, now=utc_now())
    undo = url_for("notes.unsee", mention_id=mention_id)
    say("Seen.", "success", undo_url=undo)
    return redirect(url_for("today.show"), 303)


@blueprint.post("/mentions/<int:mention_id>/return")
@requires("note", "view")
def unsee(mention_id: int) -> Any:
    """Put a mention back into Today."""
    with writing() as session:
        mention = get_mention(session, mention_id, user_id=person().key)
        see_mention(session, mention, now=None)
    return redirect(url_for("today.show"), 303)


def _form_page(form: NoteForm, subject: Subject, note: Note | None) -> str:
    return render_template(
        "notes/edit.html",
        form=form,
        note=note,
        about=about(subject),
        about_name=name_of_record(reading(), subject),
        back=subject_url(subject.kind, subject.id),
    )


def _subject(note: Note) -> Subject:
    return Subject(note.subject_type, note.subject_id)


def _manages() -> bool:
    return may(role(), "note", "manage")
