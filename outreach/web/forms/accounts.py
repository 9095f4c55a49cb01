"""Forms of people, sign-in and workspaces."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import EqualTo, InputRequired, Length, Optional, ValidationError

from outreach.accounts.currencies import CURRENCIES
from outreach.accounts.rules import is_time_zone, problems_with_password
from outreach.accounts.words import Role
from outreach.core.urls import parse_domain

_ROLES = [SelectChoice(role.value, role.value.title()) for role in Role]


class SignInForm(FlaskForm):
    """Address and password."""

    email = StringField("E-mail", [InputRequired("Type your address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Type your password."), Length(max=128)])
    next = HiddenField()


class NewPasswordForm(FlaskForm):
    """A new password, typed twice."""

    password = PasswordField("New password", [InputRequired(), Length(max=128)])
    again = PasswordField(
        "The same again", [InputRequired(), EqualTo("password", "The two are not the same.")]
    )

    def about(self) -> str:
        """Words the password must not be made of."""
        return ""

    def validate_password(self, field: Any) -> None:
        """Refuse passwords anyone would guess."""
        problems = problems_with_password(field.data or "", about=self.about())
        if problems:
            raise ValidationError(" ".join(problems))


class NewPersonForm(NewPasswordForm):
    """Name, address and password of somebody new."""

    name = StringField("Name", [InputRequired(), Length(max=120)])
    email = EmailField("E-mail", [InputRequired(), Length(max=254)])
    workspace_name = StringField("Workspace", [Optional(), Length(max=120)])

    def about(self) -> str:
        """Words the password must not be made of."""
        return f"{self.name.data} {self.email.data}"

    def validate_email(self, field: Any) -> None:
        """Refuse what is no address; `.test` and `.example` ones are fine on a laptop."""
        if (field.data or "").count("@") != 1 or " " in field.data:
            raise ValidationError("This is not an e-mail address.")


class JoinForm(NewPasswordForm):
    """What an invited person adds."""

    name = StringField("Name", [InputRequired(), Length(max=120)])


class ChangePasswordForm(NewPasswordForm):
    """The old password and a new one."""

    current = PasswordField("Current password", [InputRequired(), Length(max=128)])


class ProfileForm(FlaskForm):
    """How the app speaks to one person."""

    name = StringField("Name", [InputRequired(), Length(max=120)])
    time_zone = StringField("Time zone", [InputRequired(), Length(max=64)])
    locale = SelectField(
        "Language and numbers", [InputRequired()], choices=[SelectChoice("en", "English")]
    )
    density = RadioField(
        "Rows in lists",
        choices=[SelectChoice("comfortable", "Comfortable"), SelectChoice("compact", "Compact")],
    )
    theme = RadioField(
        "Colours",
        choices=[
            SelectChoice("system", "As the system"),
            SelectChoice("light", "Light"),
            SelectChoice("dark", "Dark"),
        ],
    )
    has_single_keys = BooleanField("Single keys do things: j, k, x, ? and others")

    def validate_time_zone(self, field: Any) -> None:
        """Accept names of the tz database only."""
        if not is_time_zone(field.data or ""):
            raise ValidationError("Type a time zone such as Europe/Berlin.")


class WorkspaceForm(FlaskForm):
    """A workspace's name, and where its mail says it comes from."""

    name = StringField("Name", [InputRequired(), Length(max=120)])
    country = StringField("Country", [Optional(), Length(min=2, max=2, message="Two letters.")])
    postal_address = TextAreaField("Postal address", [Optional(), Length(max=500)])
    currency = SelectField(
        "Currency",
        choices=[SelectChoice(row.code, f"{row.code}, {row.name}") for row in CURRENCIES.values()],
        default="USD",
    )


class PropertyForm(FlaskForm):
    """A domain of ours and the names people call it by."""

    domain = StringField("Domain", [InputRequired(), Length(max=253)])
    brand_aliases = StringField("Brand names, separated by commas", [Optional(), Length(max=500)])

    def validate_domain(self, field: Any) -> None:
        """Accept what has a registrable domain."""
        if parse_domain(field.data or "") is None:
            raise ValidationError("This is not a domain, such as example.org.")

    def aliases(self) -> list[str]:
        """The names, one by one."""
        parts = (self.brand_aliases.data or "").split(",")
        return [part.strip() for part in parts if part.strip()]


class InvitationForm(FlaskForm):
    """Who is asked to join, and as what."""

    email = EmailField("E-mail", [InputRequired(), Length(max=254)])
    role = SelectField("Role", [InputRequired()], choices=_ROLES, default=Role.MEMBER.value)


class RoleForm(FlaskForm):
    """A member's new role."""

    role = SelectField("Role", [InputRequired()], choices=_ROLES)


class SwitchForm(FlaskForm):
    """A switch of the installation."""

    on = BooleanField("On")
