"""Prospects: the list, adding one, deciding about a selection; `prospect` has one's own page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.activity.services import Subject, record
from outreach.core.clock import utc_now
from outreach.desk.prospect_list import count_prospects
from outreach.prospects.services import add_prospect
from outreach.prospects.words import Review
from outreach.web.context import reading, requires, say, wake, writing
from outreach.web.filters import plural
from outreach.web.filters_of_prospects import filter_asked_for, list_url
from outreach.web.forms.prospects import DecisionForm, ProspectForm
from outreach.web.prospect_table import render_list
from outreach.web.reminders import zone_of_person
from outreach.workflows.review_prospects import decide_many, reopen_many
from outreach.workflows.score_prospects import request_scoring

blueprint = Blueprint("prospects", __name__, url_prefix="/prospects")

SAID = {Review.APPROVED: "approved", Review.REJECTED: "rejected", Review.LATER: "put aside"}


@blueprint.get("/")
@requires("prospect", "view")
def index() -> Any:
    """List prospects, best first."""
    if "" in request.args.values():  # a form sends its empty fields too
        return redirect(list_url(filter_asked_for()))
    return render_list()


@blueprint.get("/counts")
@requires("prospect", "view")
def counts() -> Any:
    """Count what a filter finds; asked for by the list once it is shown."""
    count, is_more = count_prospects(reading(), filter_asked_for(), now=utc_now())
    return f"{count:,}{'+' if is_more else ''}"


@blueprint.get("/new")
@requires("prospect", "edit")
def new() -> Any:
    """Show the form of a new prospect."""
    return render_template("prospects/new.html", form=ProspectForm(formdata=None))


@blueprint.post("/")
@requires("prospect", "edit")
def create() -> Any:
    """Add a site, or one page of it."""
    form = ProspectForm()
    if not form.validate():
        return render_template("prospects/new.html", form=form), 422
    with writing() as session:
        prospect = add_prospect(session, form.address.data or "", form.to_draft(), now=utc_now())
        subject = Subject("prospect", prospect.key)
        record(session, "added", subject, "Added the prospect by hand", now=utc_now())
        job = request_scoring(session)
    wake("io", "run_job_io", job.key)
    say(f"{prospect.domain} is a prospect now.", "success")
    return redirect(url_for("prospects.show", prospect_id=prospect.key), 303)


@blueprint.post("/decisions")
@requires("prospect", "edit")
def decide_selected() -> Any:
    """Decide about the selected prospects."""
    decision = DecisionForm().to_decision(now=utc_now(), zone=zone_of_person())
    picked = [int(value) for value in request.form.getlist("pick") if value.isdigit()]
    with writing() as session:
        ids = decide_many(session, picked, decision, now=utc_now())
    undo_url = url_for("prospects.reopen_selected", ids=",".join(map(str, ids)))
    done = f"{plural(len(ids), 'prospect')} {SAID[decision.review]}."
    left = len(picked) - len(ids)
    also = f" {left:,} had been decided on before and stay as they are." if left else ""
    say(done + also, "success", undo_url=undo_url if ids else None)
    return redirect(back_or(url_for("prospects.index")), 303)


@blueprint.post("/reopenings")
@requires("prospect", "edit")
def reopen_selected() -> Any:
    """Take decisions about several prospects back."""
    ids = [int(part) for part in request.args.get("ids", "").split(",") if part.isdigit()]
    with writing() as session:
        count = reopen_many(session, ids, now=utc_now())
    say(f"{plural(count, 'decision')} taken back.", "success")
    return redirect(back_or(url_for("prospects.index")), 303)


def back_or(fallback: str) -> str:
    """Return where the form was, if it was on one of our pages."""
    came_from = request.form.get("back", "")
    return came_from if came_from.startswith("/") and not came_from.startswith("//") else fallback
