"""Forms of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, NumberRange

from outreach.tags.words import TagTone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.tags.models import Tag

_TONES = {
    TagTone.NEUTRAL: "Plain",
    TagTone.ACCENT: "Indigo",
    TagTone.GOOD: "Green",
    TagTone.INFO: "Blue",
    TagTone.WARN: "Amber",
    TagTone.BAD: "Red",
}


class TagForm(FlaskForm):
    """A tag's name and colour."""

    name = StringField("Name", [InputRequired("Write the name of the tag.")])
    tone = RadioField(
        "Colour",
        default=TagTone.NEUTRAL.value,
        validate_choice=False,
        choices=[SelectChoice(tone.value, words) for tone, words in _TONES.items()],
    )

    def to_tone(self) -> TagTone:
        """Translate the choice; what nobody offered is plain."""
        given = self.tone.data or ""
        return TagTone(given) if given in set(TagTone) else TagTone.NEUTRAL


class MergeTagForm(FlaskForm):
    """Which tag another is merged into."""

    into = SelectField("Merge into", [InputRequired(), NumberRange(min=1)], coerce=int)

    def offer(self, tags: Sequence[Tag], *, but: int) -> None:
        """Let one choose among the other tags."""
        self.into.choices = [
            SelectChoice(0, "Choose a tag"),
            *(SelectChoice(tag.key, tag.name) for tag in tags if tag.key != but),
        ]
