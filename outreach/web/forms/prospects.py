"""Forms of prospects, their pages and the review."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from outreach.core.urls import parse_address
from outreach.prospects.rules import Decision
from outreach.prospects.services import PageDraft
from outreach.prospects.words import Review

REASONS = (
    "Not relevant",
    "Links to competitors only",
    "Low quality or spam",
    "Takes no outside links",
    "Asks for money",
    "Wrong language or country",
    "Knows us already",
)


class ProspectForm(FlaskForm):
    """A site, or one page of it, added by hand."""

    address = StringField(
        "Domain or page",
        [InputRequired("Type a domain or a web address."), Length(max=2048)],
    )
    title = StringField("Title", [Optional(), Length(max=300)])
    description = TextAreaField("What it is about", [Optional(), Length(max=5000)])

    def validate_address(self, field: Any) -> None:
        """Accept what names a site."""
        if parse_address(field.data or "") is None:
            raise ValidationError("Type a domain such as example.org, or a page's web address.")

    def to_draft(self) -> PageDraft:
        """Translate what was typed into a page's words."""
        return PageDraft(title=self.title.data or "", description=self.description.data or "")


class EditProspectForm(FlaskForm):
    """What people write about a prospect."""

    title = StringField("Title", [Optional(), Length(max=300)])
    notes = TextAreaField("Notes", [Optional(), Length(max=20_000)])
    owner_id = SelectField("Owner", coerce=int)


class PageForm(FlaskForm):
    """A page of a prospect's site."""

    url = StringField("Web address", [InputRequired("Type its address."), Length(max=2048)])
    title = StringField("Title", [Optional(), Length(max=500)])
    description = TextAreaField("Description", [Optional(), Length(max=5000)])
    topic = StringField("Topic", [Optional(), Length(max=200)])

    def to_draft(self) -> PageDraft:
        """Translate what was typed into a page's words."""
        return PageDraft(
            title=self.title.data or "",
            description=self.description.data or "",
            topic=self.topic.data or "",
        )


class DecisionForm(FlaskForm):
    """Approve, reject with a reason, or put aside."""

    do = HiddenField()
    reason = StringField("Reason", [Optional(), Length(max=300)])
    asset_id = HiddenField()

    def to_decision(self) -> Decision:
        """Translate the button that was pressed.

        Raises:
            ValueError: It is none of the three.
        """
        review = Review(self.do.data or "")
        if review is Review.NEW:
            raise ValueError("A decision is approved, rejected or later.")
        reason = (self.reason.data or REASONS[0]).strip() if review is Review.REJECTED else ""
        return Decision(review, reason)
