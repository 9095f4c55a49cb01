"""Forms of mailboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from outreach.accounts.rules import is_time_zone
from outreach.mail.mailboxes import MOST_PER_DAY, MailboxFacts
from outreach.mail.words import Transport
from outreach.ports.mail import MailSecurity

if TYPE_CHECKING:
    from outreach.mail.models import Mailbox

_SECURITIES = [
    SelectChoice(MailSecurity.TLS.value, "TLS from the start (465, 993)"),
    SelectChoice(MailSecurity.STARTTLS.value, "STARTTLS, required (587, 143)"),
    SelectChoice(MailSecurity.NONE.value, "None: a server on this machine only"),
]
_TRANSPORTS = [
    SelectChoice(Transport.CAPTURE.value, "Capture every mail here; nothing leaves this machine"),
    SelectChoice(Transport.SMTP.value, "Send through the SMTP server below"),
]


class MailboxForm(FlaskForm):
    """How a mailbox is reached and how it behaves."""

    address = EmailField("E-mail address", [InputRequired(), Length(max=254)])
    display_name = StringField("Your name", [Optional(), Length(max=120)])
    signature = TextAreaField("Signature", [Optional(), Length(max=2_000)])
    transport = RadioField("What happens to its mail", choices=_TRANSPORTS,
                           default=Transport.CAPTURE.value)  # fmt: skip
    smtp_host = StringField("SMTP server", [Optional(), Length(max=253)])
    smtp_port = IntegerField("SMTP port", [InputRequired(), NumberRange(1, 65_535)], default=587)
    smtp_security = SelectField("SMTP security", [InputRequired()], choices=_SECURITIES,
                                default=MailSecurity.STARTTLS.value)  # fmt: skip
    imap_host = StringField("IMAP server", [Optional(), Length(max=253)])
    imap_port = IntegerField("IMAP port", [InputRequired(), NumberRange(1, 65_535)], default=993)
    imap_security = SelectField("IMAP security", [InputRequired()], choices=_SECURITIES,
                                default=MailSecurity.TLS.value)  # fmt: skip
    username = StringField("User name", [Optional(), Length(max=254)])
    password = PasswordField("Password", [Optional(), Length(max=1_024)])
    time_zone = StringField("Time zone", [InputRequired(), Length(max=64)], default="UTC")
    daily_cap = IntegerField("Mails a day, at most",
                             [InputRequired(), NumberRange(1, MOST_PER_DAY)],
                             default=40)  # fmt: skip
    gap_minutes = IntegerField("Minutes between two mails",
                               [InputRequired(), NumberRange(0, 1_440)], default=9)  # fmt: skip

    def validate_time_zone(self, field: Any) -> None:
        """Accept names of the tz database only."""
        if not is_time_zone(field.data or ""):
            raise ValidationError("Type a time zone such as Europe/Berlin.")

    def to_facts(self) -> MailboxFacts:
        """Translate what was typed into the mailbox's own words."""
        return MailboxFacts(
            address=self.address.data or "",
            display_name=self.display_name.data or "",
            signature=self.signature.data or "",
            transport=Transport(self.transport.data or ""),
            smtp_host=self.smtp_host.data or "",
            smtp_port=self.smtp_port.data or 587,
            smtp_security=MailSecurity(self.smtp_security.data or ""),
            imap_host=self.imap_host.data or "",
            imap_port=self.imap_port.data or 993,
            imap_security=MailSecurity(self.imap_security.data or ""),
            username=self.username.data or "",
            password=self.password.data or "",
            time_zone=self.time_zone.data or "UTC",
            daily_cap=self.daily_cap.data or 1,
            gap_minutes=self.gap_minutes.data or 0,
        )


def filled_form(mailbox: Mailbox) -> MailboxForm:
    """Fill the form with a mailbox; its password never comes back to a browser."""
    names = {field.name for field in MailboxForm()} - {"csrf_token", "password", "transport"}
    known = {name: getattr(mailbox, name) for name in names}
    return MailboxForm(data={**known, "transport": mailbox.transport.value})
