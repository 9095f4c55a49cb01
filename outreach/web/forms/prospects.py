"""Forms of prospects, their pages and the review."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from outreach.core.errors import Invalid
from outreach.core.urls import parse_address
from outreach.prospects.rules import Decision
from outreach.prospects.services import PageDraft
from outreach.prospects.words import Review

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

REASONS = (
    "Not relevant",
    "Links to competitors only",
    "Low quality or spam",
    "Takes no outside links",
    "Asks for money",
    "Wrong language or country",
    "Knows us already",
    "Abandoned or no longer there",
    "A rival, or owned by one",
)
DAYS_ASIDE = (7, 14, 30, 90)


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
    """Approve, reject with a reason, or put aside; a reason or a number of days is a button too."""

    do = HiddenField()
    rejected = HiddenField()
    reason = StringField("Reason", [Optional(), Length(max=300)])
    later = HiddenField()
    until = DateField("Show it again on", [Optional()])

    def to_decision(self, *, now: datetime, zone: ZoneInfo) -> Decision:
        """Translate the button that was pressed; a day begins in the person's zone.

        Raises:
            Invalid: It is none of those there are, or the day cannot be read.
        """
        if self.rejected.data:
            return Decision(Review.REJECTED, self.rejected.data.strip()[:300])
        if (self.later.data or "").isdecimal() and int(self.later.data or "") in DAYS_ASIDE:
            return Decision(Review.LATER, until=now + timedelta(days=int(self.later.data or "")))
        if self.do.data not in {Review.APPROVED, Review.REJECTED, Review.LATER}:
            raise Invalid("Choose approve, reject or later.")
        review = Review(self.do.data)
        reason = (self.reason.data or REASONS[0]).strip() if review is Review.REJECTED else ""
        return Decision(review, reason, self._until(zone) if review is Review.LATER else None)

    def _until(self, zone: ZoneInfo) -> datetime | None:
        if self.until.data is None:
            if self.until.raw_data and self.until.raw_data[0]:
                raise Invalid(f"“{self.until.raw_data[0][:40]}” is not a day.")
            return None
        return datetime.combine(self.until.data, time.min, zone)
