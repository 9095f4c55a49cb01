"""Likely twins side by side: merging them, parting them, and saying that they are two."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from outreach.contacts import merges
from outreach.contacts.queries import get_contact
from outreach.contacts.services import details_of
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.desk.duplicates import sides_of, twins_page
from outreach.web.context import complain, reading, requires, say, scope, writing
from outreach.web.context import services as web
from outreach.web.forms.contacts import MERGE_FIELDS, MergeForm
from outreach.workflows.merge_contacts import Merge, merge_contacts, part_contacts

blueprint = Blueprint("contact_merges", __name__, url_prefix="/contacts")
_FIRST = "-"  # the first page, which has no cursor
_LONGEST_TRAIL = 40


@blueprint.get("/duplicates")
@requires("contact", "edit")
def index() -> Any:
    """Show contacts that may be one person, in pairs."""
    after = request.args.get("after", "")
    page = twins_page(reading(), cursor=after)
    trail = [part for part in request.args.get("trail", "").split(".") if part]
    return render_template(
        "contacts/duplicates.html",
        page=page,
        previous_url=_page_url(trail[-1], trail[:-1]) if trail else "",
        next_url=_page_url(page.next_cursor, [*trail, after or _FIRST]) if page.next_cursor else "",
    )


def _page_url(after: str, trail: list[str]) -> str:
    """Return a page's address with the pages before it, for keys are only searched forwards."""
    return url_for(
        "contact_merges.index",
        after=None if after == _FIRST else after,
        trail=".".join(trail[-_LONGEST_TRAIL:]) or None,
    )


@blueprint.get("/<int:contact_id>/merge/<int:other_id>")
@requires("contact", "edit")
def compare(contact_id: int, other_id: int) -> Any:
    """Show two contacts side by side: the first stays, the other goes."""
    kept, gone = get_contact(reading(), contact_id), get_contact(reading(), other_id)
    mine, theirs = details_of(kept), details_of(gone)
    defaults = {
        name: "kept" if getattr(mine, name) or not getattr(theirs, name) else "gone"
        for name, _label in MERGE_FIELDS
    }
    return render_template(
        "contacts/merge.html",
        kept=kept,
        gone=gone,
        fields=MERGE_FIELDS,
        has=sides_of(reading(), [kept, gone]),
        form=MergeForm(formdata=None, **defaults),
    )


@blueprint.post("/<int:contact_id>/merge/<int:other_id>")
@requires("contact", "edit")
def merge(contact_id: int, other_id: int) -> Any:
    """Merge the other contact into this one."""
    kept, gone = get_contact(reading(), contact_id), get_contact(reading(), other_id)
    form = MergeForm()
    if not form.validate():
        return compare(contact_id, other_id), 422
    choice = form.choice_from(details_of(kept), details_of(gone))
    try:
        merged = merge_contacts(
            web().database,
            scope(),
            Merge(contact_id, other_id, choice),
            key=web().key,
            now=utc_now(),
        )
    except (Invalid, Conflict) as error:
        complain(error)
        return redirect(url_for("contact_merges.compare", contact_id=contact_id,
                                other_id=other_id), 303)  # fmt: skip
    undo = url_for("contact_merges.part", contact_merge_id=merged.id)
    say(merged.said, "success", undo_url=undo)
    return redirect(url_for("contacts.show", contact_id=contact_id), 303)


@blueprint.post("/merges/<int:contact_merge_id>/undo")
@requires("contact", "edit")
def part(contact_merge_id: int) -> Any:
    """Make two contacts of one again."""
    found = merges.get_merge(reading(), contact_merge_id)
    try:
        part_contacts(web().database, scope(), found.key, now=utc_now())
    except Conflict as error:
        complain(error)
    else:
        say("Parted the two again; what happened since stays with this contact.", "success")
    return redirect(url_for("contacts.show", contact_id=found.kept_id), 303)


@blueprint.post("/<int:contact_id>/distinctions/<int:other_id>")
@requires("contact", "edit")
def set_apart(contact_id: int, other_id: int) -> Any:
    """Remember that two contacts are not the same person."""
    with writing() as session:
        merges.set_apart(session, contact_id, other_id)
    undo = url_for("contact_merges.unset_apart", contact_id=contact_id, other_id=other_id)
    say("They are two people; they are not suggested again.", "success", undo_url=undo)
    return redirect(url_for("contact_merges.index"), 303)


@blueprint.post("/<int:contact_id>/distinctions/<int:other_id>/undo")
@requires("contact", "edit")
def unset_apart(contact_id: int, other_id: int) -> Any:
    """Let two contacts be suggested as one person again."""
    with writing() as session:
        get_contact(session, contact_id)
        get_contact(session, other_id)
        merges.unset_apart(session, contact_id, other_id)
    return redirect(url_for("contact_merges.index"), 303)
