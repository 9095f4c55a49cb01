"""Tags: on records, and the page where they are named, coloured, merged and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, url_for

from outreach.accounts.rules import may
from outreach.contacts import tagging as contact_tags
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid
from outreach.prospects import tagging as prospect_tags
from outreach.tags.queries import all_tags, get_tag
from outreach.tags.services import (
    TagExists,
    delete_tag,
    edit_tag,
    ensure_tag,
    restore_tag,
)
from outreach.web.annotations import (
    about,
    annotation_context,
    back_to,
    is_fragment,
    subject_asked_for,
)
from outreach.web.context import (
    close_reading,
    complain,
    reading,
    requires,
    role,
    say,
    scope,
    wake,
    writing,
)
from outreach.web.context import services as web
from outreach.web.filters import plural
from outreach.web.forms.tags import MergeTagForm, TagForm
from outreach.workflows.annotate import tag_record, untag_record
from outreach.workflows.merge_tags import merge_tags

if TYPE_CHECKING:
    from outreach.activity.services import Subject
    from outreach.tags.models import Tag

blueprint = Blueprint("tags", __name__, url_prefix="/tags")


@blueprint.get("/")
@requires("tag", "view")
def index() -> Any:
    """List the tags with how many records carry each."""
    return _list(TagForm(formdata=None))


def _list(form: TagForm) -> str:
    on_prospects = prospect_tags.USES.counts(reading())
    on_contacts = contact_tags.USES.counts(reading())
    return render_template(
        "tags/index.html",
        tags=all_tags(reading()),
        on_prospects=on_prospects,
        on_contacts=on_contacts,
        form=form,
        may_edit=may(role(), "tag", "edit"),
    )


@blueprint.post("/")
@requires("tag", "edit")
def create() -> Any:
    """Make a tag before any record carries it."""
    form = TagForm()
    if not form.validate():
        return _list(form), 422
    try:
        with writing() as session:
            tag = ensure_tag(session, form.name.data or "")
            tag.tone = form.to_tone().value or tag.tone
    except Invalid as problem:
        form.name.errors = [str(problem)]
        return _list(form), 422
    say(f"There is a tag “{tag.name}” now.", "success")
    return redirect(url_for("tags.index"), 303)


@blueprint.get("/<int:tag_id>/edit")
@requires("tag", "edit")
def edit(tag_id: int) -> Any:
    """Ask for another name or colour, for a tag to merge it into, or whether to delete it."""
    tag = get_tag(reading(), tag_id)
    return _edit_page(tag, TagForm(formdata=None, name=tag.name, tone=tag.tone))


def _edit_page(tag: Tag, form: TagForm, other_id: int | None = None) -> str:
    merge = MergeTagForm(formdata=None, into=other_id or 0)
    merge.offer(all_tags(reading()), but=tag.key)
    used = prospect_tags.USES.counts(reading()), contact_tags.USES.counts(reading())
    return render_template(
        "tags/edit.html",
        tag=tag,
        form=form,
        merge_form=merge,
        prospect_count=used[0].get(tag.key, 0),
        contact_count=used[1].get(tag.key, 0),
        may_merge=may(role(), "tag", "merge"),
    )


@blueprint.post("/<int:tag_id>")
@requires("tag", "edit")
def save(tag_id: int) -> Any:
    """Rename or recolour a tag."""
    tag, form = get_tag(reading(), tag_id), TagForm()
    if not form.validate():
        return _edit_page(tag, form), 422
    try:
        with writing() as session:
            edit_tag(
                session,
                get_tag(session, tag_id),
                name=form.name.data or "",
                tone=form.to_tone(),
                now=utc_now(),
            )
    except (Invalid, TagExists) as problem:
        form.name.errors = [str(problem)]
        other_id = problem.tag_id if isinstance(problem, TagExists) else None
        return _edit_page(get_tag(reading(), tag_id), form, other_id), 422
    wake("io", "index_tagged", tag_id)
    say("Saved the tag.", "success")
    return redirect(url_for("tags.index"), 303)


@blueprint.post("/<int:tag_id>/merge")
@requires("tag", "merge")
def merge(tag_id: int) -> Any:
    """Merge a tag into another; this cannot be taken back."""
    tag, form = get_tag(reading(), tag_id), MergeTagForm()
    form.offer(all_tags(reading()), but=tag_id)
    if not form.validate():
        complain(Invalid("Choose the tag to merge this one into."))
        return redirect(url_for("tags.edit", tag_id=tag_id), 303)
    into = get_tag(reading(), int(form.into.data))
    close_reading()
    count = merge_tags(web().database, scope(), tag_id, into.key, now=utc_now())
    say(f"Merged “{tag.name}” into “{into.name}”: {plural(count, 'record')}.", "success")
    return redirect(url_for("tags.index"), 303)


@blueprint.post("/<int:tag_id>/deletion")
@requires("tag", "edit")
def delete(tag_id: int) -> Any:
    """Delete a tag, from every record at once."""
    with writing() as session:
        tag = get_tag(session, tag_id)
        delete_tag(session, tag, now=utc_now())
    wake("io", "index_tagged", tag_id)
    undo = url_for("tags.restore", tag_id=tag_id)
    say(f"Deleted the tag “{tag.name}”.", "success", undo_url=undo)
    return redirect(url_for("tags.index"), 303)


@blueprint.post("/<int:tag_id>/restoration")
@requires("tag", "edit")
def restore(tag_id: int) -> Any:
    """Take a deletion back."""
    with writing() as session:
        tag = get_tag(session, tag_id, is_deleted=True)
        restore_tag(session, tag, now=utc_now())
    wake("io", "index_tagged", tag_id)
    say(f"The tag “{tag.name}” is back.", "success")
    return redirect(url_for("tags.index"), 303)


@blueprint.post("/uses")
@requires("tag", "edit")
def tag_one() -> Any:
    """Put tags on one record, made if they are new."""
    subject = subject_asked_for()
    form = TagForm()
    try:
        with writing() as session:
            tag_record(session, subject, form.name.data or "", now=utc_now())
    except Invalid as problem:
        if is_fragment():
            return _fragment(subject, str(problem)), 422
        complain(problem)
    return _fragment(subject) if is_fragment() else back_to(subject)


@blueprint.post("/<int:tag_id>/removal")
@requires("tag", "edit")
def untag(tag_id: int) -> Any:
    """Take a tag off one record."""
    get_tag(reading(), tag_id)
    subject = subject_asked_for()
    with writing() as session:
        tag = untag_record(session, subject, tag_id, now=utc_now())
    if is_fragment():
        return _fragment(subject)
    undo = url_for("tags.tag_again", tag_id=tag_id, about=about(subject))
    say(f"Took the tag “{tag.name}” off.", "success", undo_url=undo)
    return back_to(subject)


@blueprint.post("/<int:tag_id>/return")
@requires("tag", "edit")
def tag_again(tag_id: int) -> Any:
    """Take back that a tag was taken off."""
    tag, subject = get_tag(reading(), tag_id), subject_asked_for()
    with writing() as session:
        tag_record(session, subject, tag.name, now=utc_now())
    return back_to(subject)


def _fragment(subject: Subject, problem: str = "") -> str:
    context = annotation_context(subject.kind, subject.id)
    return render_template("components/tags.html", tag_problem=problem, **context)
