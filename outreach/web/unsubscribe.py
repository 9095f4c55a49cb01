"""The unsubscribe link of a mail: a page with one button, and one click that counts at once.

A GET changes nothing, because scanners follow links in mail. The POST is what mail providers send
for RFC 8058, so it asks for no cookie, no token and no sign-in, and answers without a redirect.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template

from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM
from outreach.core.errors import NotFound
from outreach.suppression.queries import find_unsubscribe_token
from outreach.web.context import public
from outreach.web.context import services as web
from outreach.workflows.honour_unsubscribe import honour_unsubscribe

blueprint = Blueprint("unsubscribe", __name__, url_prefix="/u")

_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


@blueprint.get("/<token>")
@public
def show(token: str) -> Any:
    """Ask whether mail should stop; following the link alone changes nothing."""
    with web().database.reading(SYSTEM) as session:
        found = find_unsubscribe_token(session, token)
    if found is None:
        return _answer("unsubscribe/unknown.html", 404)
    return _answer("unsubscribe/done.html" if found.used_at else "unsubscribe/ask.html", 200)


@blueprint.post("/<token>")
@public
def confirm(token: str) -> Any:
    """Stop all mail to whoever the link stands for; again and again changes nothing."""
    try:
        honour_unsubscribe(web().database, token, now=utc_now())
    except NotFound:
        return _answer("unsubscribe/unknown.html", 404)
    return _answer("unsubscribe/done.html", 200)


def _answer(template: str, status: int) -> Any:
    response = make_response(render_template(template), status)
    response.headers.update(_HEADERS)
    return response
