"""The form of a file dropped on the import page."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from outreach.imports.rows import RowKind


class UploadForm(FlaskForm):
    """A file, and what its rows are where that cannot be seen."""

    file = FileField("File", [FileRequired("Choose a file.")])
    kind = SelectField(
        "What is in it",
        choices=[
            SelectChoice("", "Find out by itself"),
            SelectChoice(RowKind.PAGE.value, "Sites or pages to ask"),
            SelectChoice(RowKind.SUPPRESSION.value, "Addresses or domains never to write to"),
            SelectChoice(RowKind.TOUCH.value, "People written to in the past"),
        ],
    )

    def to_kind(self) -> RowKind | None:
        """Translate the choice; None to find out."""
        return RowKind(self.kind.data) if self.kind.data else None
