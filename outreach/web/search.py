"""The search box."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from outreach.desk.search import search_everything
from outreach.web.context import reading, requires

blueprint = Blueprint("search", __name__, url_prefix="/search")

PREFIXES = {
    "prospect": "/prospects",
    "contact": "/contacts",
    "asset": "/assets",
    "campaign": "/campaigns",
    "opportunity": "/opportunities",
    "conversation": "/conversations",
}


@blueprint.get("/")
@requires("search", "view")
def show() -> Any:
    """List what matches, by kind."""
    text = request.args.get("q", "")[:200]
    hits = search_everything(reading(), text)
    return render_template("search/show.html", hits=hits, prefixes=PREFIXES, text=text)
