"""Forms of suppressions."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from outreach.core.addresses import MailAddress, parse_mail_address
from outreach.core.urls import parse_domain
from outreach.suppression.rules import SuppressionEntry
from outreach.suppression.words import SuppressionReason
from outreach.web.forms.contacts import words_of

_TYPED_REASONS = (
    SuppressionReason.ASKED,
    SuppressionReason.MANUAL,
    SuppressionReason.UNSUBSCRIBED,
    SuppressionReason.COMPLAINED,
    SuppressionReason.BOUNCED,
)


class SuppressionForm(FlaskForm):
    """An address or a domain nobody here writes to."""

    what = StringField("Address or domain", [InputRequired(), Length(max=254)])
    reason = SelectField("Reason", [InputRequired()], choices=words_of(_TYPED_REASONS))
    note = StringField("Note", [Optional(), Length(max=500)])

    def validate_what(self, field: Any) -> None:
        """Accept an address or a domain."""
        if self.to_address() is None and ("@" in field.data or not parse_domain(field.data)):
            raise ValidationError("This is neither an address nor a domain, such as example.org.")

    def to_address(self) -> MailAddress | None:
        """The address, None when a domain was typed."""
        return parse_mail_address(self.what.data or "")

    def to_entry(self) -> SuppressionEntry:
        """Translate what was typed: one person, or everybody at a domain."""
        address = self.to_address()
        domain = "" if address else parse_domain(self.what.data or "") or ""
        return SuppressionEntry(address=address, domain=domain, note=self.note.data or "")

    def to_reason(self) -> SuppressionReason:
        """The reason that was chosen."""
        return SuppressionReason(self.reason.data or "")


class LiftForm(FlaskForm):
    """Why a suppression is lifted."""

    reason = StringField("Why it is lifted", [InputRequired("Say why."), Length(max=500)])
