"""Prospects: the list, one prospect, and what people change of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from outreach.accounts.queries import members_of
from outreach.accounts.rules import may
from outreach.activity.services import Subject, record
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid
from outreach.desk.board import opportunities_of
from outreach.desk.contacts import site_contacts
from outreach.desk.prospect_list import count_prospects
from outreach.desk.prospect_view import prospect_view
from outreach.prospects.queries import get_prospect
from outreach.prospects.services import add_prospect, edit_prospect
from outreach.prospects.words import Review
from outreach.web.context import reading, requires, role, say, wake, workspace, writing
from outreach.web.filters import plural
from outreach.web.filters_of_prospects import filter_asked_for, list_url
from outreach.web.forms.prospects import (
    REASONS,
    DecisionForm,
    EditProspectForm,
    ProspectForm,
)
from outreach.web.prospect_table import render_list
from outreach.web.timeline import timeline_items
from outreach.workflows.review_prospects import decide, decide_many, reopen_many
from outreach.workflows.score_prospects import request_scoring

blueprint = Blueprint("prospects", __name__, url_prefix="/prospects")

_SAID = {Review.APPROVED: "approved", Review.REJECTED: "rejected", Review.LATER: "put aside"}


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


@blueprint.get("/<int:prospect_id>")
@requires("prospect", "view")
def show(prospect_id: int) -> Any:
    """Show one prospect with everything known of it."""
    prospect = get_prospect(reading(), prospect_id)
    view = prospect_view(reading(), prospect)
    return render_template(
        "prospects/show.html",
        view=view,
        prospect=prospect,
        story=timeline_items(view.timeline),
        people=site_contacts(reading(), prospect.site_id),
        pitches=opportunities_of(reading(), prospect_id),
        domain=prospect.domain,
        may_edit=may(role(), "contact", "edit"),
        reasons=REASONS,
        now=utc_now(),
    )


@blueprint.get("/<int:prospect_id>/edit")
@requires("prospect", "edit")
def edit(prospect_id: int) -> Any:
    """Show the form of a prospect."""
    prospect = get_prospect(reading(), prospect_id)
    form = _edit_form(formdata=None, obj=prospect)
    form.owner_id.data = prospect.owner_id or 0
    return render_template("prospects/edit.html", prospect=prospect, form=form)


@blueprint.post("/<int:prospect_id>")
@requires("prospect", "edit")
def save(prospect_id: int) -> Any:
    """Save what people write about a prospect."""
    prospect = get_prospect(reading(), prospect_id)
    form = _edit_form()
    if not form.validate():
        return render_template("prospects/edit.html", prospect=prospect, form=form), 422
    with writing() as session:
        edit_prospect(
            session,
            get_prospect(session, prospect_id),
            title=form.title.data or "",
            notes=form.notes.data or "",
            owner_id=form.owner_id.data or None,
        )
        record(session, "edited", Subject("prospect", prospect_id), "Edited it", now=utc_now())
    say("Saved.", "success")
    return redirect(url_for("prospects.show", prospect_id=prospect_id), 303)


def _edit_form(**given: Any) -> EditProspectForm:
    form = EditProspectForm(**given)
    people = [
        SelectChoice(user.key, user.name) for user, _ in members_of(reading(), workspace().key)
    ]
    form.owner_id.choices = [SelectChoice(0, "Nobody"), *people]
    return form


@blueprint.post("/<int:prospect_id>/decision")
@requires("prospect", "edit")
def decide_one(prospect_id: int) -> Any:
    """Approve, reject or put aside one prospect, and return to it."""
    get_prospect(reading(), prospect_id)
    decision = _decision()
    with writing() as session:
        prospect = decide(session, prospect_id, decision, now=utc_now())
    undo_url = url_for("prospects.reopen", prospect_id=prospect_id)
    say(f"{prospect.domain} is {_SAID[decision.review]}.", "success", undo_url=undo_url)
    return redirect(url_for("prospects.show", prospect_id=prospect_id), 303)


@blueprint.post("/<int:prospect_id>/reopening")
@requires("prospect", "edit")
def reopen(prospect_id: int) -> Any:
    """Take the decision about one prospect back."""
    with writing() as session:
        reopen_many(session, [prospect_id], now=utc_now())
    say("The decision is taken back.", "success")
    return redirect(_back(url_for("prospects.show", prospect_id=prospect_id)), 303)


@blueprint.post("/decisions")
@requires("prospect", "edit")
def decide_selected() -> Any:
    """Decide about the selected prospects."""
    decision = _decision()
    picked = [int(value) for value in request.form.getlist("pick") if value.isdigit()]
    with writing() as session:
        ids = decide_many(session, picked, decision, now=utc_now())
    undo_url = url_for("prospects.reopen_selected", ids=",".join(map(str, ids)))
    done = f"{plural(len(ids), 'prospect')} {_SAID[decision.review]}."
    left = len(picked) - len(ids)
    also = f" {left:,} had been decided on before and stay as they are." if left else ""
    say(done + also, "success", undo_url=undo_url if ids else None)
    return redirect(_back(url_for("prospects.index")), 303)


@blueprint.post("/reopenings")
@requires("prospect", "edit")
def reopen_selected() -> Any:
    """Take decisions about several prospects back."""
    ids = [int(part) for part in request.args.get("ids", "").split(",") if part.isdigit()]
    with writing() as session:
        count = reopen_many(session, ids, now=utc_now())
    say(f"{plural(count, 'decision')} taken back.", "success")
    return redirect(_back(url_for("prospects.index")), 303)


def _decision() -> Any:
    try:
        return DecisionForm().to_decision()
    except ValueError as error:
        raise Invalid("Choose approve, reject or later.") from error


def _back(fallback: str) -> str:
    """Return where the form was, if it was on one of our pages."""
    came_from = request.form.get("back", "")
    return came_from if came_from.startswith("/") and not came_from.startswith("//") else fallback
