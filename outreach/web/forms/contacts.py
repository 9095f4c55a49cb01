"""Forms of contacts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from outreach.contacts.rules import ContactDetails
from outreach.contacts.words import ContactKind, LawfulBasis
from outreach.core.addresses import parse_mail_address
from outreach.core.urls import parse_domain


def words_of(members: Any) -> list[SelectChoice]:
    """Choices made of an enum's words, as people read them."""
    return [
        SelectChoice(member.value, member.value.replace("_", " ").capitalize())
        for member in members
    ]


class ContactForm(FlaskForm):
    """A person or a role address, and where we have it from."""

    kind = SelectField("Kind", [InputRequired()], choices=words_of(ContactKind))
    name = StringField("Name", [Optional(), Length(max=200)])
    address = StringField("E-mail address", [Optional(), Length(max=254)])
    site = StringField("Site", [Optional(), Length(max=253)])
    role = StringField("Role", [Optional(), Length(max=200)])
    outlet = StringField("Outlet", [Optional(), Length(max=200)])
    beat = StringField("Beat", [Optional(), Length(max=300)])
    location = StringField("Location", [Optional(), Length(max=200)])
    phone = StringField("Phone", [Optional(), Length(max=64)])
    source_url = StringField("Where the address was found", [Optional(), Length(max=2048)])
    found_on = DateField("Found on", [Optional()])
    source_snippet = TextAreaField("What stood there", [Optional(), Length(max=1000)])
    lawful_basis = SelectField("Lawful basis", [InputRequired()], choices=words_of(LawfulBasis))
    country = StringField("Country", [Optional(), Length(max=2)])
    time_zone = StringField("Time zone", [Optional(), Length(max=64)])
    language = StringField("Language", [Optional(), Length(max=8)])
    notes = TextAreaField("Notes", [Optional(), Length(max=5000)])

    def validate_address(self, field: Any) -> None:
        """Accept what mail can be sent to."""
        if parse_mail_address(field.data or "") is None:
            raise ValidationError("This is not an e-mail address.")

    def validate_site(self, field: Any) -> None:
        """Accept a domain or any page of the site."""
        if parse_domain(field.data or "") is None:
            raise ValidationError("This is not a domain, such as example.org.")

    def to_details(self, site_id: int | None) -> ContactDetails:
        """Translate what was typed; the view has turned the site's name into its row."""
        found = self.found_on.data
        return ContactDetails(
            site_id=site_id,
            kind=ContactKind(self.kind.data or ContactKind.PERSON),
            name=self.name.data or "",
            role=self.role.data or "",
            address=parse_mail_address(self.address.data or ""),
            outlet=self.outlet.data or "",
            beat=self.beat.data or "",
            location=self.location.data or "",
            phone=self.phone.data or "",
            country=(self.country.data or "").upper(),
            time_zone=self.time_zone.data or "",
            language=self.language.data or "",
            lawful_basis=LawfulBasis(self.lawful_basis.data or LawfulBasis.LEGITIMATE_INTEREST),
            source_url=self.source_url.data or "",
            source_snippet=self.source_snippet.data or "",
            found_at=datetime(found.year, found.month, found.day, tzinfo=UTC) if found else None,
            notes=self.notes.data or "",
        )


class AcceptOfferForm(FlaskForm):
    """A found address becomes a contact, with a name where one is known."""

    name = StringField("Name", [Optional(), Length(max=200)])


class DeliverabilityForm(FlaskForm):
    """Whether mail reaches somebody; a reason says that it does not."""

    because = StringField("Why mail does not arrive", [Optional(), Length(max=500)])


class ErasureForm(FlaskForm):
    """Erasing cannot be undone, so the word is typed."""

    confirmation = StringField("Type “erase”", [InputRequired(), Length(max=20)])

    def validate_confirmation(self, field: Any) -> None:
        """Accept the word only."""
        if (field.data or "").strip().casefold() != "erase":
            raise ValidationError("Type the word erase to go on.")


# What a person chooses side by side when two contacts become one; notes of both are kept.
MERGE_FIELDS = (
    ("name", "Name"),
    ("address", "E-mail address"),
    ("kind", "Kind"),
    ("role", "Role"),
    ("outlet", "Outlet"),
    ("beat", "Beat"),
    ("country", "Country"),
    ("location", "Location"),
    ("phone", "Phone"),
    ("time_zone", "Time zone"),
    ("language", "Language"),
    ("lawful_basis", "Lawful basis"),
    ("source_url", "Where the address was found"),
)
_TOGETHER = {"source_url": ("source_snippet", "found_at"), "name": (), "address": ()}


class MergeForm(FlaskForm):
    """One choice for each detail: the contact that stays, or the one that goes."""

    def choice_from(self, kept: ContactDetails, gone: ContactDetails) -> ContactDetails:
        """Put the chosen details together."""
        values: dict[str, Any] = {}
        for name, _label in MERGE_FIELDS:
            if self[name].data == "gone":
                for each in (name, *_TOGETHER.get(name, ())):
                    values[each] = getattr(gone, each)
        notes = "\n\n".join(note for note in (kept.notes, gone.notes) if note)
        values["profiles"] = {**(gone.profiles or {}), **(kept.profiles or {})}
        site_id = kept.site_id or gone.site_id
        return replace(kept, **{**values, "notes": notes, "site_id": site_id})


for _name, _label in MERGE_FIELDS:
    _choices = [SelectChoice("kept", "Keep"), SelectChoice("gone", "Take over")]
    setattr(MergeForm, _name, RadioField(_label, choices=_choices, default="kept"))
