"""Forms of links: a pasted page, and what was agreed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    DecimalField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from outreach.core.urls import parse_address
from outreach.links.services import LONGEST_URL, Agreement
from outreach.ports.pages import Placement, Rel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from outreach.links.models import WonLink

_MOST = Decimal(10_000_000)
_TOO_LONG_FOR_AN_ID = 10  # digits; neither database counts so far


def _words(stored: str) -> str:
    return stored.replace("_", " ")


def ids_in(values: Iterable[str]) -> list[int]:
    """Read ids that a form sends; what cannot be one is left out."""
    return [int(value) for value in values if _is_id(value)]


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < _TOO_LONG_FOR_AN_ID


class PasteForm(FlaskForm):
    """The page of a link somebody says we have."""

    page_url = URLField(
        "Address of the page that links to you",
        [InputRequired("Paste the page's address."), Length(max=LONGEST_URL)],
    )
    asset_id = SelectField("It should lead to", coerce=int, default=0)
    opportunity_id = HiddenField()

    def offer_assets(self, assets: Sequence[tuple[int, str]]) -> None:
        """List the pages of ours one may choose from."""
        chosen = [SelectChoice(key, title) for key, title in assets]
        self.asset_id.choices = [SelectChoice(0, "any page of yours"), *chosen]

    def validate_page_url(self, field: Any) -> None:
        """Refuse what no browser would open."""
        if parse_address(field.data or "") is None:
            raise ValidationError("This is not a web address, such as https://example.org/page.")

    def validate_opportunity_id(self, field: Any) -> None:
        """Accept numbers only; whether there is such an opportunity is decided later."""
        if field.data and not _is_id(field.data):
            raise ValidationError("There is no such opportunity.")

    @property
    def opportunity(self) -> int | None:
        """The opportunity the link was won through, if any."""
        return int(self.opportunity_id.data) if self.opportunity_id.data else None


class AgreementForm(FlaskForm):
    """What was agreed on a link; an empty field means that nothing was said."""

    target_url = URLField("Target", [Optional(), Length(max=LONGEST_URL)])
    anchor = StringField("Anchor", [Optional(), Length(max=300)])
    rel = SelectField(
        "Rel",
        choices=[
            SelectChoice("", "nothing was said"),
            *(SelectChoice(rel.value, rel.value) for rel in reversed(Rel)),
        ],
    )
    placement = SelectField(
        "Placement",
        choices=[
            SelectChoice("", "nothing was said"),
            *(SelectChoice(place.value, _words(place.value)) for place in Placement),
        ],
    )
    price = DecimalField(
        "Price", [Optional(), NumberRange(min=0, max=_MOST, message="Give a price from 0 up.")]
    )
    currency = StringField(
        "Currency", [Optional(), Length(min=3, max=3, message="Three letters, such as EUR.")]
    )
    terms = TextAreaField("Terms", [Optional(), Length(max=5_000)])
    expires_on = DateField("Paid until", [Optional()])

    def validate_target_url(self, field: Any) -> None:
        """Refuse what no browser would open."""
        if field.data and parse_address(field.data) is None:
            raise ValidationError("This is not a web address, such as https://example.org/page.")

    def validate_currency(self, field: Any) -> None:
        """Three letters; they say what a price is in."""
        if field.data and not field.data.isalpha():
            raise ValidationError("Three letters, such as EUR.")

    def validate_price(self, field: Any) -> None:
        """Ask for the currency a price is in."""
        if field.data is not None and not self.currency.data:
            raise ValidationError("Say in which currency.")

    def fill(self, won: WonLink) -> None:
        """Show what is agreed now."""
        for name in ("anchor", "rel", "placement", "target_url"):
            self[name].data = getattr(won, f"agreed_{name}")
        if won.price_cents is not None:
            self.price.data = Decimal(won.price_cents) / 100
        self.currency.data, self.terms.data = won.currency, won.terms
        self.expires_on.data = won.expires_on

    def to_agreement(self) -> Agreement:
        """Return what the person typed."""
        return Agreement(
            target_url=(self.target_url.data or "").strip(),
            anchor=" ".join((self.anchor.data or "").split()),
            rel=self.rel.data or "",
            placement=self.placement.data or "",
            price_cents=None if self.price.data is None else round(self.price.data * 100),
            currency=(self.currency.data or "").upper(),
            terms=(self.terms.data or "").strip(),
            expires_on=self.expires_on.data,
        )
