"""Forms of conversations and of mail in triage."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from outreach.campaigns.words import Stage
from outreach.desk.conversation import OUTCOMES
from outreach.mail.words import InboundKind
from outreach.workflows.answer_mail import KINDS_TO_CHOOSE


class AnswerForm(FlaskForm):
    """An answer in a thread."""

    text = TextAreaField(
        "Your answer", [InputRequired("Write something first."), Length(max=20_000)]
    )


class OutcomeForm(FlaskForm):
    """What came of a conversation."""

    stage = SelectField(
        "Outcome",
        [InputRequired()],
        choices=[SelectChoice(each.value, each.value) for each in OUTCOMES],
    )
    reason = StringField("Why", [Optional(), Length(max=500)])

    def to_stage(self) -> Stage:
        """The stage that was chosen."""
        return Stage(self.stage.data)


class KindForm(FlaskForm):
    """What a mail really is."""

    kind = SelectField(
        "What it is",
        [InputRequired()],
        choices=[SelectChoice(each.value, each.value) for each in KINDS_TO_CHOOSE],
    )

    def to_kind(self) -> InboundKind:
        """The kind that was chosen."""
        return InboundKind(self.kind.data)


class AssignmentForm(FlaskForm):
    """Which conversation a mail belongs to."""

    conversation_id = IntegerField("Conversation", [InputRequired("Choose a conversation.")])
