"""Forms of sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from outreach.sequences.editing import LONGEST_WAIT, SequenceFacts, StepFacts
from outreach.sequences.rules import DEFAULT_WAITS, MOST_STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence as Rows

    from outreach.pitches.models import PitchTemplate
    from outreach.sequences.models import Sequence, Step


class StepForm(Form):
    """One step; without a template it is left out."""

    pitch_template_id = SelectField("Template", [Optional()], coerce=int, choices=[])
    wait_business_days = IntegerField(
        "Business days to wait", [Optional(), NumberRange(0, LONGEST_WAIT)], default=0
    )


class SequenceForm(FlaskForm):
    """A sequence: its name, its hours and its steps."""

    name = StringField("Name", [InputRequired("Give the sequence a name."), Length(max=120)])
    window_start = StringField("Mails go out from", [InputRequired(), Length(max=5)],
                               default="09:00")  # fmt: skip
    window_end = StringField("Until", [InputRequired(), Length(max=5)], default="16:30")
    steps = FieldList(FormField(StepForm), min_entries=0, max_entries=MOST_STEPS)

    def offer(self, templates: Rows[PitchTemplate]) -> None:
        """Let every step choose among these templates."""
        choices = [SelectChoice(0, "No step")]
        choices += [SelectChoice(template.key, template.name) for template in templates]
        for entry in self.steps.entries:
            entry.form.pitch_template_id.choices = choices

    def to_facts(self) -> SequenceFacts:
        """Translate what was typed into the sequence's own words."""
        steps = [
            StepFacts(entry.form.pitch_template_id.data, entry.form.wait_business_days.data or 0)
            for entry in self.steps.entries
            if entry.form.pitch_template_id.data
        ]
        return SequenceFacts(
            name=self.name.data or "",
            steps=tuple(steps),
            window_start=self.window_start.data or "",
            window_end=self.window_end.data or "",
        )


def empty_form() -> SequenceForm:
    """Offer a new sequence with the usual waits."""
    return SequenceForm(
        data={"steps": [{"pitch_template_id": 0, "wait_business_days": n} for n in DEFAULT_WAITS]}
    )


def filled_form(sequence: Sequence, steps: Rows[tuple[Step, PitchTemplate]]) -> SequenceForm:
    """Fill the form with a sequence and one step more."""
    known = [
        {
            "pitch_template_id": step.pitch_template_id,
            "wait_business_days": step.wait_business_days,
        }
        for step, _ in steps
    ]
    more = [{"pitch_template_id": 0, "wait_business_days": DEFAULT_WAITS[-1]}]
    return SequenceForm(
        data={
            "name": sequence.name,
            "window_start": sequence.window_start,
            "window_end": sequence.window_end,
            "steps": (known + more)[:MOST_STEPS],
        }
    )
