"""Today: what is due, at the root of the site."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, url_for

from outreach.web.context import requires

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
@requires("today", "view")
def show() -> Any:
    """Show what is due."""
    return redirect(url_for("settings.show"))
