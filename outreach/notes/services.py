"""Writing notes, calling people in them, and keeping files beside records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select, update

from outreach.activity.services import BLOB_LIMIT, Subject, keep_blob, record
from outreach.core.errors import Forbidden, Invalid
from outreach.notes.models import Attachment, Mention, Note
from outreach.notes.queries import mentions_of
from outreach.notes.rules import called_in, media_type_of, safe_filename, tidy_body

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.notes.rules import Mentionable

BLOB_KIND = "attachment"


def write_note(
    session: Session, subject: Subject, text: str, people: Sequence[Mentionable], *, now: datetime
) -> Note:
    """Write a note about a record and call whom it names; what called its author there is seen.

    Raises:
        Invalid: It is empty or too long.
    """
    note = Note(
        subject_type=subject.kind,
        subject_id=subject.id,
        user_id=session.scope.user_id,
        body=tidy_body(text),
    )
    session.add(note)
    session.flush()
    _call(session, note, people)
    _see_calls_about(session, subject, now)
    record(session, "noted", subject, "Wrote a note.", now=now)
    return note


def edit_note(
    session: Session, note: Note, text: str, people: Sequence[Mentionable], *, now: datetime
) -> None:
    """Change one's own note; who is named no longer is called no longer.

    Raises:
        Forbidden: Somebody else wrote it.
        Invalid: It is empty or too long.
    """
    if note.user_id != session.scope.user_id:
        raise Forbidden("Only who wrote a note may change it.")
    body = tidy_body(text)
    if body == note.body:
        return
    note.body, note.edited_at = body, now
    session.flush()
    _call(session, note, people)
    record(session, "edited", _subject(note), "Changed a note.", now=now)


def delete_note(session: Session, note: Note, *, is_manager: bool, now: datetime) -> None:
    """Delete one's own note, or as a manager anybody's; for a day it can be brought back.

    Raises:
        Forbidden: Somebody else wrote it, and the person manages nothing.
    """
    _refuse_others(session, note.user_id, "note", is_manager=is_manager)
    note.deleted_at = now
    session.flush()
    record(session, "deleted", _subject(note), "Deleted a note.", now=now)


def restore_note(session: Session, note: Note, *, is_manager: bool, now: datetime) -> None:
    """Bring a deleted note back."""
    _refuse_others(session, note.user_id, "note", is_manager=is_manager)
    note.deleted_at = None
    session.flush()
    record(session, "restored", _subject(note), "Brought a note back.", now=now)


def see_mention(session: Session, mention: Mention, *, now: datetime | None) -> None:
    """Take a mention out of the person's Today, or with None put it back."""
    mention.seen_at = now
    session.flush()


def attach_file(
    session: Session, subject: Subject, filename: str, data: bytes, *, now: datetime
) -> Attachment:
    """Keep a file beside a record.

    Raises:
        Invalid: It is empty or larger than a blob may be.
    """
    name = safe_filename(filename)
    check_size(name, len(data))
    blob = keep_blob(session, data, BLOB_KIND)
    attachment = Attachment(
        subject_type=subject.kind,
        subject_id=subject.id,
        filename=name,
        media_type=media_type_of(name),
        size_bytes=len(data),
        blob_id=blob.key,
        user_id=session.scope.user_id,
    )
    session.add(attachment)
    session.flush()
    record(session, "attached", subject, f"Attached “{name}”.", now=now)
    return attachment


def check_size(filename: str, size: int) -> None:
    """Refuse a file that is empty or too large, before anything is read into memory.

    Raises:
        Invalid: It is.
    """
    if size == 0:
        raise Invalid(f"“{filename}” is empty.")
    if size > BLOB_LIMIT:
        limit = BLOB_LIMIT // 1024**2
        raise Invalid(
            f"“{filename}” is larger than {limit} MB. Put it where your team keeps large files, "
            "and write a note with its link."
        )


def delete_attachment(
    session: Session, attachment: Attachment, *, is_manager: bool, now: datetime
) -> None:
    """Delete a file one attached, or as a manager anybody's; for a day it can be brought back.

    Raises:
        Forbidden: Somebody else attached it, and the person manages nothing.
    """
    _refuse_others(session, attachment.user_id, "file", is_manager=is_manager)
    attachment.deleted_at = now
    session.flush()
    sentence = f"Deleted the file “{attachment.filename}”."
    record(session, "deleted", _subject(attachment), sentence, now=now)


def restore_attachment(
    session: Session, attachment: Attachment, *, is_manager: bool, now: datetime
) -> None:
    """Bring a deleted file back."""
    _refuse_others(session, attachment.user_id, "file", is_manager=is_manager)
    attachment.deleted_at = None
    session.flush()
    sentence = f"Brought the file “{attachment.filename}” back."
    record(session, "restored", _subject(attachment), sentence, now=now)


def _call(session: Session, note: Note, people: Sequence[Mentionable]) -> None:
    """Make the mentions of a note what its text says; those who have seen theirs stay so."""
    called = called_in(note.body, people) - {session.scope.user_id or 0}
    known = {mention.user_id: mention for mention in mentions_of(session, note.key)}
    for user_id in sorted(called - set(known)):
        session.add(Mention(note_id=note.key, user_id=user_id))
    for user_id in set(known) - called:
        session.delete(known[user_id])
    session.flush()


def _see_calls_about(session: Session, subject: Subject, now: datetime) -> None:
    """Whoever writes about a record has seen what was written to them there."""
    about = select(Note.id).where(Note.subject_type == subject.kind, Note.subject_id == subject.id)
    session.execute(
        update(Mention)
        .where(
            col(Mention.user_id) == session.scope.user_id,
            col(Mention.seen_at).is_(None),
            col(Mention.note_id).in_(about),
        )
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def _refuse_others(session: Session, user_id: int | None, what: str, *, is_manager: bool) -> None:
    if user_id != session.scope.user_id and not is_manager:
        raise Forbidden(f"Only who added a {what}, or a manager, may delete it.")


def _subject(row: Note | Attachment) -> Subject:
    return Subject(row.subject_type, row.subject_id)
