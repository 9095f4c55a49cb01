"""The pages of a prospect's site: added and described by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, url_for

from outreach.activity.services import Subject, record
from outreach.core.clock import utc_now
from outreach.core.errors import NotFound
from outreach.prospects.queries import get_page, get_prospect
from outreach.prospects.services import add_page, edit_page
from outreach.web.context import reading, requires, say, wake, writing
from outreach.web.forms.prospects import PageForm
from outreach.workflows.score_prospects import request_scoring

if TYPE_CHECKING:
    from outreach.prospects.models import ProspectPage

blueprint = Blueprint("prospect_pages", __name__, url_prefix="/prospects")


@blueprint.get("/<int:prospect_id>/pages/new")
@requires("prospect", "edit")
def new(prospect_id: int) -> Any:
    """Show the form of a new page."""
    prospect = get_prospect(reading(), prospect_id)
    form = PageForm(formdata=None)
    return render_template("prospects/page.html", prospect=prospect, form=form, page=None)


@blueprint.post("/<int:prospect_id>/pages")
@requires("prospect", "edit")
def create(prospect_id: int) -> Any:
    """Add a page to a prospect."""
    prospect = get_prospect(reading(), prospect_id)
    form = PageForm()
    if not form.validate():
        return render_template("prospects/page.html", prospect=prospect, form=form, page=None), 422
    with writing() as session:
        prospect = get_prospect(session, prospect_id)
        page = add_page(session, prospect, form.url.data or "", form.to_draft())
        record(
            session, "added", Subject("prospect", prospect_id), f"Added {page.url}", now=utc_now()
        )
        job = request_scoring(session)
    wake("io", "run_job_io", job.key)
    say("The page is added and will be scored.", "success")
    return redirect(url_for("prospects.show", prospect_id=prospect_id), 303)


@blueprint.get("/<int:prospect_id>/pages/<int:prospect_page_id>")
@requires("prospect", "edit")
def show(prospect_id: int, prospect_page_id: int) -> Any:
    """Show the form of a page."""
    prospect = get_prospect(reading(), prospect_id)
    page = _page_of(prospect_id, prospect_page_id)
    form = PageForm(formdata=None, obj=page)
    return render_template("prospects/page.html", prospect=prospect, form=form, page=page)


@blueprint.post("/<int:prospect_id>/pages/<int:prospect_page_id>")
@requires("prospect", "edit")
def save(prospect_id: int, prospect_page_id: int) -> Any:
    """Save a page's words."""
    page = _page_of(prospect_id, prospect_page_id)
    form = PageForm()
    if not form.validate():
        prospect = get_prospect(reading(), prospect_id)
        return render_template("prospects/page.html", prospect=prospect, form=form, page=page), 422
    with writing() as session:
        edit_page(session, get_page(session, prospect_page_id), form.to_draft())
        subject = Subject("prospect", prospect_id)
        record(session, "edited", subject, f"Edited the words of {page.url}", now=utc_now())
        job = request_scoring(session)
    wake("io", "run_job_io", job.key)
    say("Saved; the page will be scored anew.", "success")
    return redirect(url_for("prospects.show", prospect_id=prospect_id), 303)


def _page_of(prospect_id: int, prospect_page_id: int) -> ProspectPage:
    page = get_page(reading(), prospect_page_id)
    if page.prospect_id != prospect_id:
        raise NotFound("There is no such page here.")
    return page
