"""What a record's page needs to show and take tags, notes, files and custom values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import redirect, request, url_for

from outreach.accounts.rules import may
from outreach.core.errors import NotFound
from outreach.desk.annotations import NOTED, annotations_of
from outreach.web.context import reading, role
from outreach.web.subjects import read_subject, subject_url

if TYPE_CHECKING:
    from outreach.activity.services import Subject


def annotation_context(kind: str, record_id: int) -> dict[str, Any]:
    """Gather what the partials of annotations need, in at most four statements.

    Pass it on to `render_template`; then include `components/tags.html`, `notes/_notes.html`,
    `attachments/_files.html` and `fields/_values.html` where they belong.
    """
    return {
        "annotations": annotations_of(reading(), kind, record_id),
        "may_annotate": may(role(), "note", "edit"),
        "may_manage_notes": may(role(), "note", "manage"),
    }


def subject_asked_for() -> Subject:
    """Return the record a form or a link names as "prospect:7".

    Raises:
        NotFound: It names none that can be annotated.
    """
    subject = read_subject(request.form.get("about", "") or request.args.get("about", ""))
    if subject is None or subject.kind not in NOTED:
        raise NotFound("There is no such thing in this workspace.")
    return subject


def about(subject: Subject) -> str:
    """Name a record as forms do: "prospect:7"."""
    return f"{subject.kind}:{subject.id}"


def back_to(subject: Subject, place: str = "") -> Any:
    """Go back to a record's page, to one of its sections."""
    url = subject_url(subject.kind, subject.id) or url_for("today.show")
    return redirect(f"{url}#{place}" if place else url, 303)


def is_fragment() -> bool:
    """Whether the page asked for a part of itself only."""
    return request.headers.get("HX-Request") == "true"
