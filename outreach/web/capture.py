"""“Add this page”: a bookmarklet that adds the page a person is looking at.

The bookmarklet opens `show` with its token behind the #, which no server, log or Referer ever sees;
the page's script sends it in a header to `add`. No cookie counts there: the token is the proof.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from outreach.accounts.rules import PER_NETWORK, may, network_of
from outreach.accounts.services import spend_try
from outreach.accounts.tokens import PER_TOKEN, create_token, revoke_token, tokens_of, use_token
from outreach.accounts.words import TokenPurpose
from outreach.core.clock import utc_now
from outreach.core.db import SYSTEM, Scope
from outreach.core.errors import Forbidden, Invalid, OutreachError
from outreach.prospects.services import PageDraft
from outreach.web.context import person, public, requires, say, scope, workspace
from outreach.web.context import services as web
from outreach.workflows.capture_page import capture_page

blueprint = Blueprint("capture", __name__, url_prefix="/capture")

_BOOKMARKLET = (
    "javascript:(()=>{const p=new URLSearchParams({token:%s,url:location.href,"
    "title:document.title.slice(0,300),text:String(getSelection()).slice(0,2000)});"
    "open(%s+'#'+p,'outreach','width=480,height=600')})()"
)
_LONGEST_REQUEST = 200_000  # bytes; our page sends a twentieth of it at most
_STRANGER = "This bookmark does not work any more. Make a new one in Outreach, under Settings."


@blueprint.get("/")
@public
def show() -> Any:
    """Show the small window; its script adds the page."""
    return render_template("capture/show.html")


@blueprint.post("/")
@public
def add() -> Any:
    """Add a page for whoever's token this is, and tell what is known of its site."""
    try:
        return jsonify(_add())
    except OutreachError as error:
        return jsonify({"sentence": str(error), "details": [], "url": ""}), error.status


def _add() -> dict[str, Any]:
    if request.headers.get("Origin") != request.host_url.rstrip("/"):
        raise Forbidden("This request came from another site and was not carried out.")
    if (request.content_length or 0) > _LONGEST_REQUEST:
        raise Invalid("This page's title or the selected text is too long. Nothing was added.")
    now, token = utc_now(), request.headers.get("Authorization", "").removeprefix("Bearer ")
    network = network_of(request.remote_addr or "")
    with web().database.system() as session:
        holder = use_token(session, token, TokenPurpose.ADD_PAGES, now=now)
        if holder is None:
            spend_try(session, f"capture:{network}", PER_NETWORK, now=now)
        else:
            spend_try(session, f"token:{holder.access_token_id}", PER_TOKEN, now=now)
    if holder is None or not may(holder.role, "prospect", "edit"):
        raise Forbidden(_STRANGER)
    draft = PageDraft(request.form.get("title", ""), request.form.get("text", ""))
    found = capture_page(
        web().database,
        Scope(holder.workspace_id, holder.user_id),
        request.form.get("url", ""),
        draft,
        own_host=request.host,
        now=now,
    )
    web().wake("io", "index_words", holder.workspace_id, 0)
    score = "not scored yet" if found.score is None else f"score {found.score}"
    return {
        "sentence": found.sentence,
        "details": [
            f"Review: {found.review}, {score}.",
            found.guard.sentence if found.guard else "",
        ],
        "url": url_for("prospects.show", prospect_id=found.prospect_id),
    }


@blueprint.get("/tokens")
@requires("prospect", "edit")
def tokens() -> Any:
    """List a person's bookmarks and offer a new one."""
    return _tokens("")


@blueprint.post("/tokens")
@requires("prospect", "edit")
def create() -> Any:
    """Make a bookmark; it is shown this once."""
    with web().database.system() as session:
        token = create_token(
            session,
            TokenPurpose.ADD_PAGES,
            name=request.form.get("name", "") or "Bookmark",
            user_id=person().key,
            workspace_id=workspace().key,
        )
    target = url_for("capture.show", _external=True)
    return _tokens(_BOOKMARKLET % (json.dumps(token), json.dumps(target)))


@blueprint.post("/tokens/revoked")
@requires("prospect", "edit")
def revoke() -> Any:
    """Make a bookmark useless."""
    with web().database.system() as session:
        revoke_token(
            session,
            request.form.get("id", 0, type=int),
            user_id=person().key,
            workspace_id=scope().workspace_id or 0,
            now=utc_now(),
        )
    say("The bookmark does not work any more.", "success")
    return redirect(url_for("capture.tokens"), 303)


def _tokens(bookmarklet: str) -> str:
    with web().database.reading(SYSTEM) as session:
        rows = tokens_of(session, person().key, workspace().key)
    return render_template("capture/tokens.html", rows=rows, bookmarklet=bookmarklet)
