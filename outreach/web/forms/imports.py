"""The forms of imports: files dropped or text pasted, and what the columns of a table are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from outreach.imports.mapping import TARGETS, ColumnMap
from outreach.imports.rows import RowKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.datastructures import FileStorage, MultiDict

KIND_LABELS: Mapping[RowKind, str] = {
    RowKind.PAGE: "Sites or pages to ask",
    RowKind.BACKLINK: "Pages that link",
    RowKind.REFERRING_DOMAIN: "Sites that link",
    RowKind.PERSON: "People",
    RowKind.PARTNER: "Sites with somebody to write to",
    RowKind.COVERAGE: "Published pieces and their authors",
    RowKind.SUPPRESSION: "Addresses or domains never to write to",
    RowKind.TOUCH: "People written to in the past",
    RowKind.DISAVOW: "Sites never to ask",
    RowKind.RANKS: "Ranks of sites",
}
# What a person maps columns of; lists of ranks are recognised or not read at all.
MAPPED_KINDS = tuple(kind for kind in KIND_LABELS if kind is not RowKind.RANKS)


class UploadForm(FlaskForm):
    """Files or pasted text, and what the rows are where that cannot be seen."""

    file = MultipleFileField("Files")
    text = TextAreaField("Or paste a list or a table")
    kind = SelectField(
        "What is in it",
        validate_choice=False,  # whatever else is sent: found out
        choices=[
            SelectChoice("", "Find out by itself"),
            *(SelectChoice(kind.value, KIND_LABELS[kind]) for kind in MAPPED_KINDS),
        ],
    )

    def to_files(self) -> list[FileStorage]:
        """Return the files that were sent; a browser sends one without a name for none."""
        return [one for one in self.file.data or [] if one and one.filename]

    def to_kind(self) -> RowKind | None:
        """Translate the choice; None to find out."""
        return RowKind(self.kind.data) if self.kind.data in set(RowKind) else None


def to_mapping(given: MultiDict[str, str], headers: Sequence[str]) -> ColumnMap:
    """Translate what a person said about each column; `column-3` names the field of the fourth."""
    kind = given.get("kind", "")
    chosen = RowKind(kind) if kind in set(RowKind) else RowKind.PAGE
    columns: dict[str, str] = {}
    for index, header in enumerate(headers):
        field = given.get(f"column-{index}", "")
        if field:
            columns.setdefault(field, header)
    return ColumnMap(chosen, columns)


def fields_said_twice(given: MultiDict[str, str], headers: Sequence[str]) -> list[str]:
    """Return the labels of fields that a person gave to more than one column."""
    said = [given.get(f"column-{index}", "") for index in range(len(headers))]
    return [target.label for target in TARGETS if said.count(target.field) > 1]
