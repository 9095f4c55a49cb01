"""Bulk actions: agreed to on a page that says what will happen, watched, undone.

A noun's own module asks with `propose`, and once a person has agreed begins with `agree`; a few
hundred records are done at once, more by a worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.accounts.queries import names_of_users
from outreach.accounts.rules import may
from outreach.activity.queries import bulk_actions_before, latest_job_of
from outreach.activity.services import claim_job
from outreach.core.clock import utc_now
from outreach.core.errors import Forbidden
from outreach.web.context import close_reading, reading, requires, role, say, scope, wake, writing
from outreach.web.context import services as web
from outreach.workflows.bulk import (
    BulkKind,
    Chosen,
    begin_bulk,
    begin_bulk_undo,
    get_bulk_action,
    resume_bulk,
    run_bulk,
)
from outreach.workflows.bulk_kinds import KINDS

if TYPE_CHECKING:
    from outreach.activity.models import BulkAction, Job

SMALL = 200  # records changed while the person waits, in some 100 ms
_SHOWN = 50

blueprint = Blueprint("bulk_actions", __name__, url_prefix="/bulk-actions")


def propose(kind: BulkKind, chosen: Chosen, arguments: dict[str, object], *, back: str) -> Any:
    """Say what an action would do; the same form is sent once more to agree."""
    plan = kind.plan(reading(), chosen, arguments)
    return render_template(
        "bulk_actions/propose.html",
        plan=plan,
        fields=[
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in {"csrf_token", "agreed"}
        ],
        action=request.path,
        back=back,
    )


def agree(kind: BulkKind, chosen: Chosen, arguments: dict[str, object], *, back: str) -> Any:
    """Begin an action a person agreed to, and do it at once when it is small."""
    with writing() as session:
        action, job = begin_bulk(session, kind, chosen, arguments)
    return _work(job, action.key, back)


@blueprint.get("/")
@requires("job", "view")
def index() -> Any:
    """List what was done to many at once, newest first, each with its undo."""
    before = request.args.get("before", type=int)
    found = bulk_actions_before(reading(), before, limit=_SHOWN + 1)
    shown = found[:_SHOWN]
    names = names_of_users(reading(), {row.user_id for row in shown if row.user_id})
    return render_template(
        "bulk_actions/index.html",
        actions=shown,
        names=names,
        next_url=url_for("bulk_actions.index", before=shown[-1].key) if len(found) > _SHOWN else "",
    )


@blueprint.get("/<int:bulk_action_id>")
@requires("job", "view")
def show(bulk_action_id: int) -> Any:
    """Show an action: what it does, how far it is, and the way back; for htmx only its state."""
    session = reading()
    action = get_bulk_action(session, bulk_action_id)
    job = latest_job_of(session, "bulk_action", action.key)
    is_part = request.headers.get("HX-Request")
    name = "bulk_actions/_state.html" if is_part else "bulk_actions/show.html"
    return render_template(name, action=action, job=job)


@blueprint.post("/<int:bulk_action_id>/undo")
@requires("job", "edit")
def undo(bulk_action_id: int) -> Any:
    """Put back what an action changed, where nobody has changed it since."""
    action = _editable(bulk_action_id)
    with writing() as session:
        job = begin_bulk_undo(session, bulk_action_id)
    back = request.values.get("next", "")
    is_ours = back.startswith("/") and not back.startswith("//") and "\\" not in back
    return _work(
        job, None, back if is_ours else url_for("bulk_actions.show", bulk_action_id=action.key)
    )


@blueprint.post("/<int:bulk_action_id>/resumption")
@requires("job", "edit")
def resume(bulk_action_id: int) -> Any:
    """Let an action that failed go on where it stopped."""
    _editable(bulk_action_id)
    with writing() as session:
        job = resume_bulk(session, bulk_action_id)
    wake("io", "run_job_io", job.key)
    return redirect(url_for("bulk_actions.show", bulk_action_id=bulk_action_id), 303)


def _editable(bulk_action_id: int) -> BulkAction:
    action = get_bulk_action(reading(), bulk_action_id)
    if not may(role(), action.subject_type, "edit"):
        raise Forbidden("Your role in this workspace does not allow this.")
    return action


def _work(job: Job, undo_id: int | None, back: str) -> Any:
    """Do a small job in this request; leave a large one to a worker and show its progress."""
    action_id = job.subject_id or 0
    if (job.total_count or 0) > SMALL:
        wake("io", "run_job_io", job.key)
        return redirect(url_for("bulk_actions.show", bulk_action_id=action_id), 303)
    close_reading()
    database = web().database
    with database.writing(scope()) as session:
        is_ours = claim_job(session, job.key, now=utc_now()) is not None
    if is_ours:
        run_bulk(database, scope(), job.key, KINDS, utc_now)
    ended = latest_job_of(reading(), "bulk_action", action_id)
    undo_url = None
    if undo_id is not None:
        undo_url = url_for("bulk_actions.undo", bulk_action_id=undo_id, next=back)
    say(ended.sentence if ended else "Done.", "success", undo_url=undo_url)
    return redirect(back, 303)
