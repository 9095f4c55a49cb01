"""The review: one prospect at a time, best first, one key for each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.assets.queries import all_assets
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.desk.prospect_view import prospect_view
from outreach.desk.review import review_counts
from outreach.prospects.queries import get_prospect
from outreach.prospects.words import Review
from outreach.web.context import close_reading, reading, requires, say, scope, services, writing
from outreach.web.forms.prospects import REASONS, DecisionForm
from outreach.workflows.review_prospects import claim_next, decide

blueprint = Blueprint("review", __name__, url_prefix="/review")

_SAID = {Review.APPROVED: "Approved", Review.REJECTED: "Rejected", Review.LATER: "Put aside"}


@blueprint.get("/")
@requires("prospect", "edit")
def show() -> Any:
    """Show the best prospect that nobody else is looking at."""
    asset_id = request.args.get("asset", type=int)
    close_reading()
    prospect_id = claim_next(services().database, scope(), asset_id=asset_id, now=utc_now())
    left = review_counts(reading())
    if prospect_id is None:
        return render_template("review/empty.html", left=left)
    prospect = get_prospect(reading(), prospect_id)
    return render_template(
        "review/show.html",
        prospect=prospect,
        view=prospect_view(reading(), prospect),
        left=left,
        assets=all_assets(reading()),
        asset_id=asset_id,
        reasons=REASONS,
    )


@blueprint.post("/<int:prospect_id>")
@requires("prospect", "edit")
def decide_one(prospect_id: int) -> Any:
    """Decide, and go on to the next."""
    get_prospect(reading(), prospect_id)
    form = DecisionForm()
    asset_id = request.form.get("asset_id", type=int)
    next_url = url_for("review.show", asset=asset_id)
    try:
        decision = form.to_decision()
    except ValueError as error:
        raise Invalid("Choose approve, reject or later.") from error
    try:
        with writing() as session:
            prospect = decide(session, prospect_id, decision, now=utc_now())
    except Conflict as error:
        say(str(error), "warning")
        return redirect(next_url, 303)
    undo_url = url_for("prospects.reopen", prospect_id=prospect_id)
    say(f"{_SAID[decision.review]} {prospect.domain}.", "success", undo_url=undo_url)
    return redirect(next_url, 303)
