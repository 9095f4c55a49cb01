"""Forms of campaigns and opportunities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from outreach.campaigns.services import CampaignDetails
from outreach.campaigns.words import Stage
from outreach.prospects.words import Tactic
from outreach.web.forms.contacts import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_AT_ONCE = 500


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


class CampaignForm(FlaskForm):
    """An aim and what it goes out with."""

    name = StringField("Name", [InputRequired("Give the campaign a name."), Length(max=120)])
    asset_id = SelectField("Asset", [InputRequired("Choose the page that should earn links.")])
    tactic = SelectField("Tactic", [InputRequired()], choices=words_of(Tactic))
    sequence_id = SelectField("Sequence", [Optional()])
    mailbox_id = SelectField("Mailbox", [Optional()])
    owner_id = SelectField("Owner", [Optional()])

    def offer(
        self,
        *,
        assets: Iterable[tuple[int, str]],
        sequences: Iterable[tuple[int, str]],
        mailboxes: Iterable[tuple[int, str]],
        members: Iterable[tuple[int, str]],
    ) -> None:
        """Fill the lists; what is not in them is refused."""
        self.asset_id.choices = _choices(assets, "Choose an asset")
        self.sequence_id.choices = _choices(sequences, "Choose later")
        self.mailbox_id.choices = _choices(mailboxes, "Choose later")
        self.owner_id.choices = _choices(members, "Nobody")

    def to_details(self) -> CampaignDetails:
        """Translate what was chosen."""
        return CampaignDetails(
            name=self.name.data or "",
            tactic=Tactic(self.tactic.data or ""),
            asset_id=_number(self.asset_id.data) or 0,
            sequence_id=_number(self.sequence_id.data),
            mailbox_id=_number(self.mailbox_id.data),
            owner_id=_number(self.owner_id.data),
        )


class AddBestForm(FlaskForm):
    """How many of the best approved prospects to add."""

    count = IntegerField(
        "How many", [InputRequired(), NumberRange(min=1, max=MOST_AT_ONCE)], default=25
    )


class MoveForm(FlaskForm):
    """Where an opportunity goes, and why where that must be said."""

    stage = SelectField("Stage", [InputRequired("Choose a stage.")], choices=words_of(Stage))
    reason = StringField("Why", [Optional(), Length(max=500)])

    def offer(self, stages: Iterable[Stage]) -> None:
        """Offer these stages only."""
        self.stage.choices = words_of(stages)

    def to_stage(self) -> Stage:
        """The stage that was chosen."""
        return Stage(self.stage.data or "")


class ContactChoiceForm(FlaskForm):
    """Whom the pitch goes to."""

    contact_id = SelectField("Pitch goes to", [Optional()])

    def offer(self, contacts: Iterable[tuple[int, str]]) -> None:
        """Fill the list with the site's contacts."""
        self.contact_id.choices = _choices(contacts, "Nobody yet")

    def to_contact_id(self) -> int | None:
        """The contact that was chosen, None for nobody."""
        return _number(self.contact_id.data)


class WordsForm(FlaskForm):
    """The sentences only this recipient gets."""

    personal_words = TextAreaField("Personal words", [Optional(), Length(max=2000)])


class ValueForm(FlaskForm):
    """What a link would be worth."""

    value = StringField("Value", [Optional(), Length(max=20)])


class OwnerForm(FlaskForm):
    """Who works on an opportunity."""

    owner_id = SelectField("Owner", [Optional()])

    def offer(self, members: Iterable[tuple[int, str]]) -> None:
        """Fill the list with the members."""
        self.owner_id.choices = _choices(members, "Nobody")

    def to_owner_id(self) -> int | None:
        """The member that was chosen, None for nobody."""
        return _number(self.owner_id.data)


def _choices(rows: Iterable[tuple[int, str]], empty: str) -> list[SelectChoice]:
    return [SelectChoice("", empty), *(SelectChoice(str(key), label) for key, label in rows)]
