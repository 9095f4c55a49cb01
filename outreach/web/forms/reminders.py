"""Forms of reminders, and of putting things off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from outreach.core.business_days import to_utc
from outreach.core.errors import Invalid
from outreach.reminders.rules import LONGEST_TEXT, Snooze, snoozed_until

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EVERYBODY = 0


class ReminderForm(FlaskForm):
    """What to be reminded of, when, and who."""

    text = StringField("What", [InputRequired("Say what."), Length(max=LONGEST_TEXT)])
    due = DateTimeLocalField("When", [InputRequired("Say when.")], format="%Y-%m-%dT%H:%M")
    for_user_id = SelectField("For", [InputRequired()], coerce=int, default=EVERYBODY)
    about = HiddenField()

    def offer_people(self, people: list[tuple[int, str]]) -> None:
        """Let one choose among the members, or everybody."""
        self.for_user_id.choices = [
            SelectChoice(EVERYBODY, "Everybody"),
            *(SelectChoice(key, name) for key, name in people),
        ]

    def due_at(self, zone: ZoneInfo) -> datetime:
        """The moment that was meant, in the person's own zone."""
        return moment_of(self.due.data, zone)

    def to_user_id(self) -> int | None:
        """Who is reminded; None for everybody."""
        return self.for_user_id.data or None


class SnoozeForm(FlaskForm):
    """How long something is put off."""

    choice = SelectField(
        "For",
        [Optional()],
        choices=[SelectChoice(each.value, each.value) for each in Snooze],
    )
    until = DateTimeLocalField("Until", [Optional()], format="%Y-%m-%dT%H:%M")

    def to_moment(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Translate a choice or a date.

        Raises:
            Invalid: Neither was given.
        """
        if self.choice.data in {each.value for each in Snooze}:
            return snoozed_until(Snooze(self.choice.data), now=now, zone=zone)
        if self.until.data is None:
            raise Invalid("Choose until when.")
        return moment_of(self.until.data, zone)


def moment_of(local: Any, zone: ZoneInfo) -> datetime:
    """Read what a person's clock shows."""
    found = local if isinstance(local, datetime) else datetime(1970, 1, 1, tzinfo=UTC)
    return to_utc(found.replace(tzinfo=None), zone)
