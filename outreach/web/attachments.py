"""Files beside records: kept, handed out as downloads only, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, url_for

from outreach.accounts.rules import may
from outreach.activity.services import BLOB_LIMIT, Subject, read_blob
from outreach.core.clock import utc_now
from outreach.core.errors import Invalid
from outreach.desk.annotations import name_of_record
from outreach.notes.queries import get_attachment
from outreach.notes.rules import safe_filename
from outreach.notes.services import check_size, delete_attachment, restore_attachment
from outreach.web.annotations import about, back_to, subject_asked_for
from outreach.web.context import reading, requires, role, say, writing
from outreach.web.forms.notes import AttachmentForm
from outreach.web.subjects import subject_url
from outreach.workflows.annotate import attach_to_record

if TYPE_CHECKING:
    from outreach.notes.models import Attachment

blueprint = Blueprint("attachments", __name__, url_prefix="/attachments")


@blueprint.post("/")
@requires("note", "edit")
def create() -> Any:
    """Keep a file beside a record."""
    subject, form = subject_asked_for(), AttachmentForm()
    try:
        name, data = _read(form)
        with writing() as session:
            attachment = attach_to_record(session, subject, name, data, now=utc_now())
    except Invalid as problem:
        form.file.errors = [str(problem)]
        return _form_page(form, subject), 422
    say(f"Attached “{attachment.filename}”.", "success")
    return back_to(subject, "files")


def _read(form: AttachmentForm) -> tuple[str, bytes]:
    """Read a file outside any transaction, and no more of it than may be kept."""
    upload = form.file.data
    if upload is None:
        raise Invalid("Choose a file.")
    name = upload.filename or ""
    data = upload.stream.read(BLOB_LIMIT + 1)
    upload.close()  # large ones lie in a temporary file until then
    check_size(safe_filename(name), len(data))
    return name, data


@blueprint.get("/<int:attachment_id>")
@requires("note", "view")
def download(attachment_id: int) -> Any:
    """Hand a file out to be kept; a browser never shows it as a page of ours."""
    attachment = get_attachment(reading(), attachment_id)
    answer = Response(read_blob(reading(), attachment.blob_id), mimetype=attachment.media_type)
    answer.headers["Content-Disposition"] = _disposition(attachment.filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _disposition(filename: str) -> str:
    plain = "".join(char if char.isascii() and char not in '"\\' else "_" for char in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


@blueprint.post("/<int:attachment_id>/deletion")
@requires("note", "edit")
def delete(attachment_id: int) -> Any:
    """Delete a file."""
    with writing() as session:
        attachment = get_attachment(session, attachment_id)
        subject = _subject(attachment)
        delete_attachment(session, attachment, is_manager=_manages(), now=utc_now())
    undo = url_for("attachments.restore", attachment_id=attachment_id)
    say(f"Deleted “{attachment.filename}”.", "success", undo_url=undo)
    return back_to(subject, "files")


@blueprint.post("/<int:attachment_id>/restoration")
@requires("note", "edit")
def restore(attachment_id: int) -> Any:
    """Take the deletion of a file back."""
    with writing() as session:
        attachment = get_attachment(session, attachment_id, is_deleted=True)
        subject = _subject(attachment)
        restore_attachment(session, attachment, is_manager=_manages(), now=utc_now())
    say(f"“{attachment.filename}” is back.", "success")
    return back_to(subject, "files")


def _form_page(form: AttachmentForm, subject: Subject) -> str:
    return render_template(
        "attachments/new.html",
        form=form,
        about=about(subject),
        about_name=name_of_record(reading(), subject),
        back=subject_url(subject.kind, subject.id),
    )


def _subject(attachment: Attachment) -> Subject:
    return Subject(attachment.subject_type, attachment.subject_id)


def _manages() -> bool:
    return may(role(), "note", "manage")
