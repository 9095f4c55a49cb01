"""Forms of custom fields."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Optional

from outreach.fields.words import FieldKind, FieldSubject

KIND_WORDS = {
    FieldKind.TEXT: "Text",
    FieldKind.NUMBER: "Number",
    FieldKind.DATE: "Date",
    FieldKind.CHOICE: "Choice",
    FieldKind.URL: "Web address",
}
SUBJECT_WORDS = {
    FieldSubject.PROSPECT: "Prospects",
    FieldSubject.CONTACT: "Contacts",
    FieldSubject.OPPORTUNITY: "Opportunities",
    FieldSubject.ASSET: "Assets",
}
_KINDS = [SelectChoice(kind.value, words) for kind, words in KIND_WORDS.items()]


class FieldForm(FlaskForm):
    """A field's name and choices; a new one also says of what and of which kind."""

    subject = SelectField(
        "On",
        [DataRequired()],
        choices=[SelectChoice(each.value, words) for each, words in SUBJECT_WORDS.items()],
    )
    name = StringField("Name", [InputRequired("Write the name of the field.")])
    kind = SelectField("Holds", [DataRequired()], choices=_KINDS)
    choices = TextAreaField("Choices", [Optional()])

    def to_choices(self) -> list[str]:
        """One choice a line."""
        return (self.choices.data or "").splitlines()


class KindForm(FlaskForm):
    """What a field is to hold from now on, and what becomes of values that do not fit."""

    kind = SelectField("Holds", [DataRequired()], choices=_KINDS)
    choices = TextAreaField("Choices", [Optional()])
    rest = RadioField(
        "Values that do not convert",
        default="keep",
        choices=[
            SelectChoice("keep", "Keep each as a note on its record"),
            SelectChoice("drop", "Remove them"),
        ],
    )
    losing = HiddenField(default="0")  # how many the person was told do not convert

    def to_losing(self) -> int:
        """How many values the person agreed to lose; 0 for what is no number."""
        given = self.losing.data or ""
        return int(given) if given.isdecimal() and len(given) < 10 else 0

    def to_kind(self) -> FieldKind:
        """Translate the choice."""
        return FieldKind(self.kind.data)

    def to_choices(self) -> list[str]:
        """One choice a line."""
        return (self.choices.data or "").splitlines()
