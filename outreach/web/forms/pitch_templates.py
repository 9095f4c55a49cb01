"""Forms of pitch templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from outreach.pitches.rules import TemplateFacts
from outreach.prospects.words import Tactic

if TYPE_CHECKING:
    from outreach.pitches.models import PitchTemplate

_TACTICS = [SelectChoice("", "Any")] + [
    SelectChoice(tactic.value, tactic.value.replace("_", " ").capitalize()) for tactic in Tactic
]


class TemplateForm(FlaskForm):
    """What a template says."""

    name = StringField("Name", [InputRequired("Give the template a name."), Length(max=120)])
    tactic = SelectField("Tactic", [Optional()], choices=_TACTICS)
    subject = StringField("Subject", [InputRequired("Write a subject."), Length(max=300)])
    body = TextAreaField("Text", [InputRequired("Write the text."), Length(max=20_000)])

    @classmethod
    def of(cls, template: PitchTemplate) -> TemplateForm:
        """Fill the form with a template, unless something was posted."""
        return cls(
            data={
                "name": template.name,
                "tactic": template.tactic,
                "subject": template.subject,
                "body": template.body,
            }
        )

    def to_facts(self) -> TemplateFacts:
        """Translate what was typed into the template's own words."""
        return TemplateFacts(
            name=self.name.data or "",
            subject=self.subject.data or "",
            body=(self.body.data or "").replace("\r\n", "\n"),
            tactic=self.tactic.data or "",
        )
