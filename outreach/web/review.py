"""The review: one prospect at a time, best first, one key for each.

With JavaScript a decision is answered by the next prospect alone; without, by a redirect.
"""

from __future__ import annotations

from datetime import UTC, time
from typing import TYPE_CHECKING, Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.activity.services import Subject
from outreach.assets.queries import asset_titles
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.desk.annotations import Annotations, tags_on
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_reads import newest_notes, read_prospects
from outreach.desk.prospect_view import prospect_facts
from outreach.desk.review import next_to_review, review_counts, review_progress
from outreach.prospects.queries import get_prospect
from outreach.prospects.words import Review
from outreach.web.annotations import is_fragment
from outreach.web.context import (
    close_reading,
    reading,
    requires,
    role,
    say,
    scope,
    services,
    writing,
)
from outreach.web.filters import day
from outreach.web.forms.prospects import DAYS_ASIDE, REASONS, DecisionForm
from outreach.web.reminders import zone_of_person
from outreach.workflows.annotate import note_record
from outreach.workflows.review_prospects import claim_next, decide_and_go_on, undo_last

if TYPE_CHECKING:
    from outreach.desk.review import ReviewProgress
    from outreach.prospects.models import Prospect

blueprint = Blueprint("review", __name__, url_prefix="/review")

_MOST_PAGES = 6


@blueprint.get("/")
@requires("prospect", "edit")
def show() -> Any:
    """Show the best prospect that nobody else is looking at."""
    wanted = _wanted()
    context = _card(wanted, first=request.args.get("at", type=int))
    done = _progress(wanted)
    if context is None:
        left = review_counts(reading())
        return render_template("review/empty.html", left=left, wanted=wanted, progress=done)
    assets = asset_titles(reading())
    return render_template("review/show.html", **context, assets=assets, progress=done)


@blueprint.get("/progress")
@requires("prospect", "edit")
def progress() -> Any:
    """Say how far the review is; asked for again with every decision."""
    return render_template("review/_progress.html", progress=_progress(_wanted()))


def _progress(wanted: ProspectFilter) -> ReviewProgress:
    now = utc_now()
    today = now.astimezone(zone_of_person()).date()
    since = now.combine(today, time.min, zone_of_person()).astimezone(UTC)
    return review_progress(reading(), wanted, since=since, now=now)


@blueprint.get("/<int:prospect_id>/card")
@requires("prospect", "edit")
def card(prospect_id: int) -> Any:
    """Draw a prospect that this person holds already, to be shown the moment it is wanted."""
    prospect = get_prospect(reading(), prospect_id)
    if prospect.claimed_by_id != scope().user_id:
        return "", 204
    return render_template("review/_card.html", **_shown(prospect, None, _wanted()))


@blueprint.post("/<int:prospect_id>")
@requires("prospect", "edit")
def decide_one(prospect_id: int) -> Any:
    """Decide, and go on to the next."""
    now, wanted = utc_now(), _wanted()
    try:
        decision = DecisionForm().to_decision(now=now, zone=zone_of_person())
    except Invalid:
        get_prospect(reading(), prospect_id)  # another workspace's is not found, whatever is asked
        raise
    shown = request.form.get("shown", type=int)
    following = next_to_review(reading(), wanted, now=now)
    try:
        with writing() as session:
            prospect, taken = decide_and_go_on(
                session, prospect_id, decision, [shown, *following] if shown else following, now=now
            )
    except (Conflict, Invalid) as problem:
        at = prospect_id if isinstance(problem, Invalid) else None
        return _next(str(problem), "warning", at=at)
    said = {
        Review.APPROVED: f"Approved {prospect.domain}.",
        Review.REJECTED: f"Rejected {prospect.domain}: {prospect.rejected_because}.",
        Review.LATER: f"Put {prospect.domain} aside until {day(prospect.review_after)}.",
    }[prospect.review]
    if shown and taken[:1] == [shown]:
        return _ahead(taken, said)
    return _next(said, taken=taken, may_undo=True)


@blueprint.post("/reopening")
@requires("prospect", "edit")
def undo() -> Any:
    """Take this person's last decision back, and show that prospect again."""
    try:
        with writing() as session:
            prospect = undo_last(session, now=utc_now())
    except Conflict as problem:
        return _next(str(problem), "warning")
    return _next(f"The decision about {prospect.domain} is taken back.", at=prospect.key)


@blueprint.post("/<int:prospect_id>/notes")
@requires("note", "edit")
def note(prospect_id: int) -> Any:
    """Write a note about the prospect that is shown."""
    get_prospect(reading(), prospect_id)
    try:
        with writing() as session:
            note_record(
                session,
                Subject("prospect", prospect_id),
                request.form.get("body", ""),
                now=utc_now(),
            )
    except Invalid as problem:
        return _next(str(problem), "warning", at=prospect_id)
    return _next("Added the note.", at=prospect_id)


def _wanted() -> ProspectFilter:
    return ProspectFilter.from_arguments(request.args)


def _next(
    said: str,
    kind: str = "success",
    *,
    at: int | None = None,
    taken: list[int] | None = None,
    may_undo: bool = False,
) -> Any:
    """Answer with the next prospect, saying what was done."""
    wanted = _wanted()
    arguments: dict[str, Any] = wanted.to_arguments()
    if not is_fragment():
        say(said, kind, undo_url=url_for("review.undo", **arguments) if may_undo else None)
        return redirect(url_for("review.show", at=at, **arguments), 303)
    context = _card(wanted, first=at, taken=taken)
    if context is None:
        body = render_template("review/_done.html", said=said, wanted=wanted)
    else:
        body = render_template("review/_card.html", **context, said=said)
    return _decided(body)


def _ahead(taken: list[int], said: str) -> Any:
    """Answer a page that shows the next prospect already: what was done, and the one after it."""
    found = read_prospects(reading(), taken[1:])
    context = _shown(found[0], None, _wanted()) if found else {}
    return _decided(render_template("review/_ahead.html", **context, done=said, ahead=found))


def _decided(body: str) -> Any:
    answer = make_response(body)
    answer.headers["HX-Trigger"] = "decided"
    return answer


def _card(
    wanted: ProspectFilter, *, first: int | None = None, taken: list[int] | None = None
) -> dict[str, Any] | None:
    """Take the next prospect, and gather what is shown of it; None when none is left."""
    if not taken:
        close_reading()
        taken = claim_next(services().database, scope(), wanted, now=utc_now(), first=first)
    if not taken:
        return None
    prospect, *following = read_prospects(reading(), taken)
    return _shown(prospect, following[0] if following else None, wanted)


def _shown(
    prospect: Prospect, following: Prospect | None, wanted: ProspectFilter
) -> dict[str, Any]:
    """Gather what is shown of one prospect."""
    now, session = utc_now(), reading()
    tags, offered = tags_on(session, "prospect", prospect.key)
    return {
        "prospect": prospect,
        "facts": prospect_facts(session, prospect, now=now, most_pages=_MOST_PAGES),
        "annotations": Annotations("prospect", prospect.key, tags, offered, [], [], []),
        "notes": newest_notes(session, prospect.key),
        "may_annotate": may(role(), "note", "edit"),
        "following": following,
        "arguments": wanted.to_arguments(),
        "wanted": wanted,
        "reasons": REASONS,
        "days_aside": DAYS_ASIDE,
        "now": now,
    }
