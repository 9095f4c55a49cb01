"""Changing many prospects or contacts: those that are ticked, or all that the list's filter finds.

A small selection is changed at once, with an undo; for more, a page says first what will happen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.campaigns.queries import all_campaigns
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid, OutreachError
from outreach.desk.prospect_filter import ProspectFilter
from outreach.desk.prospect_list import matching_ids
from outreach.desk.prospect_words import people_names
from outreach.fields.queries import fields_of
from outreach.fields.words import FieldSubject
from outreach.prospects.rules import LATER
from outreach.prospects.words import Tactic
from outreach.tags.queries import all_tags, find_tag
from outreach.tags.services import ensure_tag
from outreach.web.bulk_actions import SMALL, agree, propose
from outreach.web.context import complain, reading, requires, say, wake, writing
from outreach.web.filters_of_prospects import arguments_given
from outreach.web.forms.prospects import REASONS
from outreach.web.prospects import back_or
from outreach.workflows.bulk import Chosen
from outreach.workflows.bulk_additions import FILL_IN, JOIN
from outreach.workflows.bulk_choice import ASKED_AT, all_that_match
from outreach.workflows.bulk_prospects import ASSIGN, DECIDE, DESCRIBE, FACTS, REOPEN
from outreach.workflows.bulk_tags import (
    TAG_CONTACTS,
    TAG_PROSPECTS,
    UNTAG_CONTACTS,
    UNTAG_PROSPECTS,
)
from outreach.workflows.read_pages import MOST_AT_ONCE, request_reading
from outreach.workflows.score_prospects import request_scoring

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from outreach.activity.models import Job
    from outreach.workflows.bulk import BulkKind

blueprint = Blueprint("bulk", __name__)

_DECISIONS = ("approved", "rejected", "later")


@blueprint.get("/prospects/changes")
@requires("prospect", "edit")
def choose_for_prospects() -> Any:
    """Show what can be done with all that a filter finds."""
    arguments = ProspectFilter.from_arguments(arguments_given()).to_arguments()
    query = f"?{urlencode(arguments)}" if arguments else ""
    back = url_for("prospects.index") + query
    return _choose([("all", "1"), ("query", query), ("back", back)], count=None, back=back)


@blueprint.post("/prospects/changes")
@requires("prospect", "edit")
def change_prospects() -> Any:
    """Change the ticked prospects, or all that match; `change` names what to do."""
    back = back_or(url_for("prospects.index"))
    arguments = dict(parse_qsl(request.form.get("query", "").lstrip("?")))
    chosen = _chosen(ProspectFilter.from_arguments(arguments).to_arguments())
    try:
        _refuse_nothing(chosen)
        match request.form.get("change", ""):
            case "more":
                return _choose(_carried(), count=None if chosen.is_all else len(chosen.ids),
                               back=back)  # fmt: skip
            case "read":
                return _read_pages(chosen)
            case "score":
                return _score(back)
        return _begin(*_prospect_change(), chosen, back)
    except OutreachError as error:
        complain(error)
        return redirect(back, 303)


@blueprint.post("/contacts/changes")
@requires("contact", "edit")
def change_contacts() -> Any:
    """Tag or untag the ticked contacts, or all that match."""
    back = back_or(url_for("contacts.index"))
    chosen = _chosen(dict(parse_qsl(request.form.get("query", "").lstrip("?"))))
    try:
        _refuse_nothing(chosen)
        kinds = {"tag": TAG_CONTACTS, "untag": UNTAG_CONTACTS}
        kind = kinds.get(request.form.get("change", ""))
        if kind is None:
            raise Invalid("Choose what to do with these contacts.")
        return _begin(kind, _tag_asked_for(), chosen, back)
    except OutreachError as error:
        complain(error)
        return redirect(back, 303)


def _chosen(arguments: dict[str, str]) -> Chosen:
    if request.form.get("all") == "1":
        return all_that_match(arguments, utc_now())
    picked = {int(text) for text in request.form.getlist("pick") if text.isdecimal()}
    return Chosen(ids=tuple(sorted(picked)))


def _refuse_nothing(chosen: Chosen) -> None:
    if not chosen.is_all and not chosen.ids:
        raise Invalid("Tick a row first, or choose all that match.")


def _begin(kind: BulkKind, arguments: dict[str, object], chosen: Chosen, back: str) -> Any:
    is_small = not chosen.is_all and len(chosen.ids) <= SMALL
    if is_small or request.form.get("agreed") == "1":
        return agree(kind, chosen, arguments, back=back)
    return propose(kind, chosen, arguments, back=back)


def _prospect_change() -> tuple[BulkKind, dict[str, object]]:
    """Read which change of prospects was asked for, and with what."""
    change = request.form.get("change", "")
    if change not in _CHANGES:
        raise Invalid("Choose what to do with these prospects.")
    kind, read = _CHANGES[change]
    return kind, read()


def _decision() -> dict[str, object]:
    reason = request.form.get("reason", "") or REASONS[0]
    until = _until(utc_now()).isoformat()
    return {"review": request.form["change"], "reason": reason, "until": until}


def _fact() -> dict[str, object]:
    return {"name": request.form["change"], "value": request.form.get("value", "")}


def _owner() -> dict[str, object]:
    return {"owner_id": request.form.get("value", type=int)}


def _field() -> dict[str, object]:
    value = request.form.get("value", "")
    return {"field_id": request.form.get("field_id", type=int), "value": value}


def _campaign() -> dict[str, object]:
    campaign_id = request.form.get("campaign_id", type=int)
    return {"campaign_id": campaign_id, ASKED_AT: utc_now().isoformat()}


def _until(now: datetime) -> datetime:
    """Return when what is put aside is shown again; the same moment when it is agreed to."""
    return now.replace(second=0, microsecond=0) + LATER


def _tag_asked_for() -> dict[str, object]:
    """Find the tag that was named; one to be put on is made if there is none."""
    name = request.form.get("tag", "").strip()
    if not name:
        raise Invalid("Name a tag.")
    tag = find_tag(reading(), name)
    if tag is None and request.form.get("change") == "untag":
        raise Invalid(f"There is no tag “{name[:60]}”.")
    if tag is None:
        with writing() as session:
            return {"tag_id": ensure_tag(session, name).key}
    return {"tag_id": tag.key}


_CHANGES: dict[str, tuple[BulkKind, Callable[[], dict[str, object]]]] = {
    **dict.fromkeys(_DECISIONS, (DECIDE, _decision)),
    **dict.fromkeys(FACTS, (DESCRIBE, _fact)),
    "reopen": (REOPEN, dict),
    "owner": (ASSIGN, _owner),
    "tag": (TAG_PROSPECTS, _tag_asked_for),
    "untag": (UNTAG_PROSPECTS, _tag_asked_for),
    "field": (FILL_IN, _field),
    "campaign": (JOIN, _campaign),
}


def _carried() -> list[tuple[str, str]]:
    """Return what the next form sends again: which records, and where the person was."""
    names = {"pick", "all", "query", "back"}
    return [pair for pair in request.form.items(multi=True) if pair[0] in names]


def _choose(carried: list[tuple[str, str]], *, count: int | None, back: str) -> Any:
    session = reading()
    return render_template(
        "bulk/choose.html",
        carried=carried,
        count=count,
        back=back,
        reasons=REASONS,
        tactics=list(Tactic),
        tags=all_tags(session),
        members=people_names(session),
        fields=fields_of(session, FieldSubject.PROSPECT),
        campaigns=all_campaigns(session),
    )


def _read_pages(chosen: Chosen) -> Any:
    ids = list(chosen.ids)
    if chosen.is_all:
        arguments = {name: str(value) for name, value in chosen.query.items()}
        wanted = ProspectFilter.from_arguments(arguments)
        ids = matching_ids(reading(), wanted, now=utc_now(), limit=MOST_AT_ONCE + 1)
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(
            f"More than {MOST_AT_ONCE:,} prospects match, and each page is fetched politely: "
            "narrow the list first."
        )
    with writing() as session:
        job = request_reading(session, prospect_ids=ids)
    return _watched(job, "crawl", "The pages are read in the background; you may leave this page.")


def _score(back: str) -> Any:
    with writing() as session:
        job = request_scoring(session)
    wake("io", "run_job_io", job.key)
    say("Every prospect of this workspace is scored anew in the background.")
    return redirect(back, 303)


def _watched(job: Job, queue: str, said: str) -> Any:
    wake(queue, f"run_job_{queue}", job.key)
    say(said)
    return redirect(url_for("jobs.show", job_id=job.key), 303)
