"""Forms of notes and files."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import TextAreaField
from wtforms.validators import InputRequired


class NoteForm(FlaskForm):
    """What somebody writes about a record."""

    body = TextAreaField("Note", [InputRequired("Write something first.")])


class AttachmentForm(FlaskForm):
    """A file to keep beside a record."""

    file = FileField("File", [FileRequired("Choose a file.")])
