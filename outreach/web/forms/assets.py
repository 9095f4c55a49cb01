"""Forms of assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from outreach.assets.rules import AssetDraft, entries_of, lines_of
from outreach.assets.words import AssetKind
from outreach.core.urls import parse_address

if TYPE_CHECKING:
    from outreach.assets.models import Asset


class AssetForm(FlaskForm):
    """One of our pages worth linking to."""

    url = StringField("Web address", [InputRequired("Type its address."), Length(max=2048)])
    title = StringField("Title", [InputRequired("Give it a title."), Length(max=300)])
    kind = SelectField(
        "What it is",
        choices=[SelectChoice(kind.value, kind.value.capitalize()) for kind in AssetKind],
    )
    summary = TextAreaField("Summary", [Optional(), Length(max=5000)])
    topics = StringField("Topics", [Optional(), Length(max=1000)])
    keywords = StringField("Keywords", [Optional(), Length(max=2000)])
    hook = StringField("Hook", [Optional(), Length(max=500)])
    suggested_anchors = TextAreaField("Anchor texts we hope for", [Optional(), Length(max=2000)])
    language = StringField("Language", [Optional(), Length(max=8)])

    @classmethod
    def of(cls, asset: Asset) -> AssetForm:
        """Return the form filled with an asset."""
        form = cls(formdata=None, obj=asset)
        form.kind.data = asset.kind.value
        form.topics.data = ", ".join(asset.topics)
        form.keywords.data = ", ".join(asset.keywords)
        form.suggested_anchors.data = "\n".join(asset.suggested_anchors)
        return form

    def validate_url(self, field: Any) -> None:
        """Accept web addresses only."""
        if parse_address(field.data or "") is None:
            raise ValidationError("Type a web address such as https://example.org/guide.")

    def to_draft(self) -> AssetDraft:
        """Translate what was typed into the rule's own words."""
        return AssetDraft(
            url=self.url.data or "",
            title=self.title.data or "",
            kind=AssetKind(self.kind.data),
            summary=self.summary.data or "",
            topics=entries_of(self.topics.data or ""),
            keywords=entries_of(self.keywords.data or ""),
            hook=self.hook.data or "",
            suggested_anchors=lines_of(self.suggested_anchors.data or ""),
            language=(self.language.data or "").strip().lower(),
        )
