"""One prospect beside the list: the essentials, and the buttons to decide."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, render_template, request

from outreach.core.clock import utc_now
from outreach.core.errors import NotFound
from outreach.desk.prospect_cells import tags_of_prospect
from outreach.desk.prospect_view import prospect_facts
from outreach.prospects.queries import get_prospect
from outreach.web.context import reading, requires
from outreach.web.filters_of_prospects import query_of
from outreach.web.forms.prospects import REASONS

blueprint = Blueprint("prospect_panel", __name__, url_prefix="/prospects")
_MOST_PAGES = 5


@blueprint.get("/<int:prospect_id>/panel")
@requires("prospect", "view")
def show(prospect_id: int) -> Any:
    """Draw the panel of one row."""
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    return render_template(
        "prospects/_panel.html", **panel_of(prospect_id, dict(parse_qsl(shown.query)))
    )


def panel_of(prospect_id: int, arguments: dict[str, str]) -> dict[str, Any]:
    """Gather what the panel shows beside the list of this address.

    Raises:
        NotFound: There is no such prospect here.
    """
    session, now = reading(), utc_now()
    prospect = get_prospect(session, prospect_id)
    left = {name: value for name, value in arguments.items() if name != "open"}
    return {
        "panel": prospect_facts(session, prospect, now=now, most_pages=_MOST_PAGES),
        "tags": tags_of_prospect(session, prospect_id),
        "close_url": f"{request.script_root}/prospects/{query_of(left)}",
        "reasons": REASONS,
        "now": now,
    }


def panel_asked_for() -> dict[str, Any]:
    """Gather the panel the list's address names; nothing if it is gone."""
    number = request.args.get("open", type=int)
    if number is None:
        return {}
    try:
        return panel_of(number, request.args.to_dict())
    except NotFound:
        return {}
