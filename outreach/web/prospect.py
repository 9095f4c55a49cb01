"""One prospect: all that is known of it, and what people change of it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from outreach.accounts.queries import members_of
from outreach.activity.services import Subject, record
from outreach.core.clock import utc_now
from outreach.prospects.queries import get_prospect
from outreach.prospects.services import edit_prospect
from outreach.prospects.site_facts import SiteFacts, set_facts
from outreach.web.context import reading, requires, say, workspace, writing
from outreach.web.forms.prospects import DecisionForm, EditProspectForm
from outreach.web.prospect_page import render_prospect
from outreach.web.prospects import SAID, back_or, blueprint
from outreach.web.reminders import zone_of_person
from outreach.workflows.review_prospects import decide, reopen_many

__all__ = ["blueprint"]


@blueprint.get("/<int:prospect_id>")
@requires("prospect", "view")
def show(prospect_id: int) -> Any:
    """Show one prospect with everything known of it."""
    return render_prospect(get_prospect(reading(), prospect_id), request.args.get("only", ""))


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


@blueprint.post("/<int:prospect_id>/facts")
@requires("prospect", "edit")
def save_facts(prospect_id: int) -> Any:
    """Change country, language, topic or tactic, in place; what the form leaves out stays."""
    prospect, now = get_prospect(reading(), prospect_id), utc_now()
    names = ("country", "language", "topic", "tactic")
    given = {name: request.form.get(name, getattr(prospect, name)) for name in names}
    facts = SiteFacts(**given).checked()
    with writing() as session:
        changed = set_facts(session, get_prospect(session, prospect_id), facts)
        if changed:
            said = f"Changed its {', '.join(changed)}"
            record(session, "edited", Subject("prospect", prospect_id), said, now=now)
    say("Saved." if changed else "Nothing was changed.", "success")
    return redirect(url_for("prospects.show", prospect_id=prospect_id, _anchor="facts"), 303)


@blueprint.post("/<int:prospect_id>/decision")
@requires("prospect", "edit")
def decide_one(prospect_id: int) -> Any:
    """Approve, reject or put aside one prospect, and return to it."""
    get_prospect(reading(), prospect_id)
    now = utc_now()
    decision = DecisionForm().to_decision(now=now, zone=zone_of_person())
    with writing() as session:
        prospect = decide(session, prospect_id, decision, now=now)
    undo_url = url_for("prospects.reopen", prospect_id=prospect_id)
    say(f"{prospect.domain} is {SAID[decision.review]}.", "success", undo_url=undo_url)
    return redirect(url_for("prospects.show", prospect_id=prospect_id), 303)


@blueprint.post("/<int:prospect_id>/reopening")
@requires("prospect", "edit")
def reopen(prospect_id: int) -> Any:
    """Take the decision about one prospect back: what stood before it stands again."""
    with writing() as session:
        reopen_many(session, [prospect_id], now=utc_now())
    say("The decision is taken back.", "success")
    return redirect(back_or(url_for("prospects.show", prospect_id=prospect_id)), 303)
