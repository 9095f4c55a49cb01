"""Reading pages from the web: asked for from assets, prospects and selections of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for

from outreach.core.errors import NotFound
from outreach.web.context import requires, say, wake, writing
from outreach.web.forms.links import ids_in
from outreach.workflows.read_pages import request_reading

blueprint = Blueprint("readings", __name__, url_prefix="/readings")


@blueprint.post("/")
@requires("prospect", "edit")
def create() -> Any:
    """Queue the reading of assets, prospects or single pages, and show how far it is.

    `pick` are the prospects ticked in their list.
    """
    with writing() as session:
        job = request_reading(
            session,
            asset_ids=_ids("asset_id"),
            prospect_ids=_ids("prospect_id") + _ids("pick"),
            page_ids=_ids("prospect_page_id"),
        )
        if not job.total_count:
            raise NotFound("There is nothing of this workspace among what was chosen.")
    wake("crawl", "run_job_crawl", job.key)
    say("The pages are read in the background; you may leave this page.")
    return redirect(url_for("jobs.show", job_id=job.key), 303)


def _ids(name: str) -> list[int]:
    return ids_in(request.form.getlist(name))
