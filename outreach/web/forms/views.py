"""Forms of saved views and of the columns of a list."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from outreach.views.rules import LONGEST_NAME


class ViewForm(FlaskForm):
    """The name of a view, and who sees it."""

    name = StringField("Name", [InputRequired("Give the view a name."), Length(max=LONGEST_NAME)])
    is_shared = BooleanField("Everybody in this workspace sees it")
    keeps_columns = BooleanField("With the columns as they are now", default=True)
