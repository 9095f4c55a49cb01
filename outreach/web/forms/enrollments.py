"""Forms of enrolling."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length, Optional


class EnrollForm(FlaskForm):
    """Begin a sequence, with a reason where somebody was written to lately."""

    override_reason = StringField("Why write all the same", [Optional(), Length(max=500)])
