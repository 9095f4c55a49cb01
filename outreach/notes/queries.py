"""Reading notes, mentions and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.core.errors import NotFound
from outreach.notes.models import Attachment, Mention, Note

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from outreach.core.db import Session


def get_note(session: Session, note_id: int, *, is_deleted: bool = False) -> Note:
    """Return a note.

    Raises:
        NotFound: There is none in this workspace, or it was deleted (or was not, where asked so).
    """
    found = session.exec(select(Note).where(Note.id == note_id)).first()
    if found is None or (found.deleted_at is not None) != is_deleted:
        raise NotFound("There is no such note here.")
    return found


def get_attachment(session: Session, attachment_id: int, *, is_deleted: bool = False) -> Attachment:
    """Return an attached file's row.

    Raises:
        NotFound: There is none in this workspace, or it was deleted (or was not, where asked so).
    """
    found = session.exec(select(Attachment).where(Attachment.id == attachment_id)).first()
    if found is None or (found.deleted_at is not None) != is_deleted:
        raise NotFound("There is no such file here.")
    return found


def get_mention(session: Session, mention_id: int, *, user_id: int | None) -> Mention:
    """Return a person's own mention.

    Raises:
        NotFound: There is none, or it calls somebody else.
    """
    found = session.exec(
        select(Mention).where(Mention.id == mention_id, Mention.user_id == user_id)
    ).first()
    if found is None:
        raise NotFound("There is no such mention of you here.")
    return found


def mentions_of(session: Session, note_id: int) -> Sequence[Mention]:
    """Return whom a note calls."""
    return session.exec(select(Mention).where(Mention.note_id == note_id)).all()


def notes_about(session: Session, subject_type: str, ids: Collection[int]) -> Sequence[Note]:
    """Return the notes about some records of one kind, oldest first, without deleted ones."""
    return session.exec(
        select(Note)
        .where(
            Note.subject_type == subject_type,
            col(Note.subject_id).in_(sorted(ids)),
            col(Note.deleted_at).is_(None),
        )
        .order_by(col(Note.id))
    ).all()


def files_about(session: Session, subject_type: str, ids: Collection[int]) -> Sequence[Attachment]:
    """Return the files beside some records of one kind, oldest first, without deleted ones."""
    return session.exec(
        select(Attachment)
        .where(
            Attachment.subject_type == subject_type,
            col(Attachment.subject_id).in_(sorted(ids)),
            col(Attachment.deleted_at).is_(None),
        )
        .order_by(col(Attachment.id))
    ).all()
