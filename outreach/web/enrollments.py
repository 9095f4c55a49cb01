"""Who goes through a sequence: begin, preview, pause, resume, stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.campaigns.queries import get_opportunity
from outreach.core.clock import utc_now
from outreach.sequences import queries
from outreach.sequences.services import pause_enrollment, resume_enrollment, stop_enrollments
from outreach.sequences.words import EnrollmentState, StopCause
from outreach.web.context import reading, requires, role, say, scope, wake, writing
from outreach.web.context import services as web
from outreach.web.forms.enrollments import EnrollForm
from outreach.workflows.compose_pitch import Letterhead
from outreach.workflows.preview_pitch import preview_sequence
from outreach.workflows.start_pitching import PitchOutcome, start_pitching, why_not_to_pitch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session
    from outreach.sequences.queries import EnrollmentView

MOST_AT_ONCE = 200

blueprint = Blueprint("enrollments", __name__, url_prefix="/enrollments")


@dataclass(frozen=True, slots=True)
class PitchBlock:
    """What `templates/pitches/_of_opportunity.html` shows."""

    opportunity_id: int
    enrollments: Sequence[tuple[EnrollmentView, str]]
    refusals: tuple[str, ...]
    can_be_overridden: bool
    is_live: bool


def pitch_block(session: Session, opportunity_id: int) -> PitchBlock:
    """Return an opportunity's pitching, for the page of the opportunity."""
    views = queries.enrollments_of_opportunity(session, opportunity_id)
    live = (EnrollmentState.ACTIVE, EnrollmentState.PAUSED)
    is_live = any(view.enrollment.state in live for view in views)
    outcome = (
        PitchOutcome(opportunity_id)
        if is_live
        else why_not_to_pitch(session, opportunity_id, utc_now())
    )
    return PitchBlock(
        opportunity_id=opportunity_id,
        enrollments=[(view, queries.sentence_about(view)) for view in views],
        refusals=outcome.refusals,
        can_be_overridden=outcome.can_be_overridden,
        is_live=is_live,
    )


@blueprint.get("/of/<int:opportunity_id>/preview")
@requires("opportunity", "view")
def preview(opportunity_id: int) -> Any:
    """Show every mail of the sequence as it would leave."""
    session = reading()
    previews = preview_sequence(session, opportunity_id, _letterhead(), utc_now())
    return render_template(
        "pitches/preview.html",
        previews=previews,
        pitch=pitch_block(session, opportunity_id),
        back=_page_of(opportunity_id),
        may_edit=may(role(), "opportunity", "edit"),
    )


@blueprint.post("/of/<int:opportunity_id>")
@requires("opportunity", "edit")
def enroll(opportunity_id: int) -> Any:
    """Begin the sequence, unless something speaks against it."""
    get_opportunity(reading(), opportunity_id)
    form = EnrollForm()
    if not form.validate():
        return preview(opportunity_id), 422
    reason = form.override_reason.data or ""
    outcome = start_pitching(web().database, scope(), [opportunity_id], utc_now(), reason)[0]
    if outcome.enrollment_id is not None:
        wake("mail", "plan_step", outcome.enrollment_id)
        say("The sequence has begun. The first mail waits in the outbox.", "success")
    else:
        say(" ".join(outcome.refusals), "error")
    return redirect(_page_of(opportunity_id), 303)


@blueprint.post("/")
@requires("opportunity", "edit")
def enroll_many() -> Any:
    """Begin the sequences of several opportunities; say how many were refused, and why."""
    wanted = [int(text) for text in request.form.getlist("opportunity_id") if text.isdigit()]
    for number in wanted[:MOST_AT_ONCE]:
        get_opportunity(reading(), number)
    outcomes = start_pitching(web().database, scope(), wanted[:MOST_AT_ONCE], utc_now())
    for outcome in outcomes:
        if outcome.enrollment_id is not None:
            wake("mail", "plan_step", outcome.enrollment_id)
    return render_template("pitches/outcomes.html", outcomes=outcomes)


@blueprint.post("/<int:enrollment_id>/pause")
@requires("opportunity", "edit")
def pause(enrollment_id: int) -> Any:
    """Hold a sequence; what is queued of it waits."""
    with writing() as session:
        enrollment = queries.get_enrollment(session, enrollment_id)
        pause_enrollment(session, enrollment)
    undo = url_for("enrollments.resume", enrollment_id=enrollment_id)
    say("The sequence is paused.", "success", undo_url=undo)
    return redirect(_page_of(enrollment.opportunity_id), 303)


@blueprint.post("/<int:enrollment_id>/resumption")
@requires("opportunity", "edit")
def resume(enrollment_id: int) -> Any:
    """Go on with a paused sequence."""
    with writing() as session:
        enrollment = queries.get_enrollment(session, enrollment_id)
        resume_enrollment(session, enrollment, now=utc_now())
    say("The sequence goes on.", "success")
    return redirect(_page_of(enrollment.opportunity_id), 303)


@blueprint.post("/<int:enrollment_id>/stop")
@requires("opportunity", "edit")
def stop(enrollment_id: int) -> Any:
    """End a sequence for good; mails not yet sent are cancelled."""
    with writing() as session:
        enrollment = queries.get_enrollment(session, enrollment_id)
        stop_enrollments(session, [enrollment], StopCause.MANUAL, now=utc_now())
    say("The sequence is stopped; nothing more of it is sent.", "success")
    return redirect(_page_of(enrollment.opportunity_id), 303)


def _letterhead() -> Letterhead:
    return Letterhead(key=web().key, public_url=web().settings.public_url)


def _page_of(opportunity_id: int) -> str:
    """Return the opportunity's page."""
    endpoint = "opportunities.show"
    if endpoint not in current_app.view_functions:
        endpoint = "enrollments.preview"
    return url_for(endpoint, opportunity_id=opportunity_id)
