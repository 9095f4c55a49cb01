"""Long work: how far it is, and stopping it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.activity.queries import recent_jobs
from outreach.activity.services import finish_job, get_job
from outreach.activity.words import JobState
from outreach.core.clock import utc_now
from outreach.web.context import reading, requires, writing

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("/")
@requires("job", "view")
def index() -> Any:
    """List the latest long work."""
    return render_template("jobs/index.html", jobs=recent_jobs(reading()))


@blueprint.get("/<int:job_id>")
@requires("job", "view")
def show(job_id: int) -> Any:
    """Show one job; for htmx only its progress bar, which asks again until the job is over."""
    job = get_job(reading(), job_id)
    name = "jobs/_progress.html" if request.headers.get("HX-Request") else "jobs/show.html"
    return render_template(name, job=job)


@blueprint.post("/<int:job_id>/cancellation")
@requires("job", "edit")
def cancel(job_id: int) -> Any:
    """Stop a job; what it has done stays done."""
    with writing() as session:
        finish_job(session, job_id, JobState.CANCELLED, "Stopped by a person.", now=utc_now())
        job = get_job(session, job_id)
        kind, subject_id = job.subject_type, job.subject_id
    if kind == "bulk_action":  # where its undo is
        return redirect(url_for("bulk_actions.show", bulk_action_id=subject_id), 303)
    return redirect(url_for("jobs.show", job_id=job_id), 303)
