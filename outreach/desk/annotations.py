"""What people added to one record: tags, notes with mentions, files, custom values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from outreach.accounts.models import User
from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign
from outreach.contacts.models import ContactTag
from outreach.core.errors import NotFound
from outreach.desk.reminders import name_of
from outreach.fields.queries import FieldValue, values_on
from outreach.fields.words import FieldSubject
from outreach.notes.models import Attachment, Mention, Note
from outreach.notes.rules import Mentionable, Piece, pieces_of
from outreach.prospects.models import ProspectTag
from outreach.tags.models import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from outreach.activity.services import Subject
    from outreach.core.db import Session

# What may carry each of them.
TAGGED = ("prospect", "contact")
NOTED = ("prospect", "contact", "opportunity", "asset", "campaign", "conversation")

_columns: Any = sa.select  # its typing knows tables, not single columns
_TAG_LINKS: dict[str, tuple[Any, Any]] = {
    "prospect": (ProspectTag, ProspectTag.prospect_id),
    "contact": (ContactTag, ContactTag.contact_id),
}
_RECORD_ID: Any = sa.bindparam("record_id", type_=sa.Integer())
_KIND: Any = sa.bindparam("kind", type_=sa.String())
_MOST_OFFERED = 500  # tags one may choose among; others are found by typing their whole name
_MOST_NOTES = 200


@dataclass(frozen=True, slots=True)
class TagChip:
    """One tag on a record."""

    id: int
    name: str
    tone: str


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note as it is shown."""

    id: int
    user_id: int | None
    author: str  # "" for somebody who is gone
    body: str
    pieces: list[Piece]
    created_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file beside a record."""

    id: int
    filename: str
    size_bytes: int
    user_id: int | None
    author: str
    created_at: datetime

    @property
    def size(self) -> str:
        """Its size as people say it."""
        if self.size_bytes < 1024:
            return "1 byte" if self.size_bytes == 1 else f"{self.size_bytes} bytes"
        if self.size_bytes < 1024**2:
            return f"{self.size_bytes / 1024:,.0f} kB"
        return f"{self.size_bytes / 1024**2:,.1f} MB"


@dataclass(frozen=True, slots=True)
class Annotations:
    """All that people added to one record; empty lists for what its kind cannot carry."""

    subject_type: str
    subject_id: int
    tags: list[TagChip]
    offered_tags: list[str]  # names to suggest, without those it carries
    notes: list[NoteLine]  # newest first
    files: list[FileLine]  # newest first
    values: list[FieldValue]

    @property
    def about(self) -> str:
        """The record as forms name it: "prospect:7"."""
        return f"{self.subject_type}:{self.subject_id}"

    @property
    def may_be_tagged(self) -> bool:
        """True for records that carry tags."""
        return self.subject_type in TAGGED


def annotations_of(session: Session, subject_type: str, subject_id: int) -> Annotations:
    """Gather what people added to a record, in at most four statements."""
    tags, offered = tags_on(session, subject_type, subject_id)
    return Annotations(
        subject_type=subject_type,
        subject_id=subject_id,
        tags=tags,
        offered_tags=offered,
        notes=notes_on(session, subject_type, subject_id),
        files=files_on(session, subject_type, subject_id),
        values=values_on(session, FieldSubject(subject_type), subject_id)
        if subject_type in set(FieldSubject)
        else [],
    )


def tags_on(
    session: Session, subject_type: str, subject_id: int
) -> tuple[list[TagChip], list[str]]:
    """Return a record's tags by name, and the names of others to suggest, in one statement."""
    if subject_type not in _TAG_LINKS:
        return [], []
    rows = session.execute(_tags(subject_type), {"record_id": subject_id}).all()
    chips = [TagChip(key, name, tone) for key, name, tone, here in rows if here]
    return chips, [name for _, name, _, here in rows if not here]


@cache
def _tags(subject_type: str) -> Any:
    """Build the statement once, as those below: that costs more than running it."""
    links, owner = _TAG_LINKS[subject_type]
    is_on = links.id.is_not(None)
    return (
        _columns(Tag.id, Tag.name, Tag.tone, is_on)
        .outerjoin(links, (links.tag_id == col(Tag.id)) & (owner == _RECORD_ID))
        .where(col(Tag.deleted_at).is_(None))
        .order_by(is_on.desc(), Tag.name_key)
        .limit(_MOST_OFFERED)
    )


def notes_on(session: Session, subject_type: str, subject_id: int) -> list[NoteLine]:
    """Return the notes about a record, newest first, with whom they call, in one statement."""
    rows = session.execute(_notes(), {"kind": subject_type, "record_id": subject_id}).all()
    grouped: dict[int, tuple[Note, str, list[Mentionable]]] = {}
    for note, name, user_id, called_name, email in rows:
        entry = grouped.setdefault(note.key, (note, name or "", []))
        if user_id is not None:
            entry[2].append(Mentionable(user_id, called_name, email))
    return [_note_line(*entry) for entry in grouped.values()]


@cache
def _notes() -> Any:
    author, called = aliased(User), aliased(User)
    newest = (
        _columns(Note.id)
        .where(
            col(Note.subject_type) == _KIND,
            col(Note.subject_id) == _RECORD_ID,
            col(Note.deleted_at).is_(None),
        )
        .order_by(col(Note.id).desc())
        .limit(_MOST_NOTES)
    )
    return (
        _columns(Note, author.name, called.id, called.name, called.email)
        .outerjoin(author, author.id == col(Note.user_id))
        .outerjoin(Mention, col(Mention.note_id) == col(Note.id))
        .outerjoin(called, called.id == col(Mention.user_id))
        .where(col(Note.id).in_(newest))
        .order_by(col(Note.id).desc())
    )


def files_on(session: Session, subject_type: str, subject_id: int) -> list[FileLine]:
    """Return the files beside a record, newest first."""
    rows = session.execute(_files(), {"kind": subject_type, "record_id": subject_id}).all()
    return [FileLine(key, name, size, user_id, author or "", at)
            for key, name, size, user_id, author, at in rows]  # fmt: skip


@cache
def _files() -> Any:
    return (
        _columns(Attachment.id, Attachment.filename, Attachment.size_bytes, Attachment.user_id,
                 User.name, Attachment.created_at)
        .outerjoin(User, col(User.id) == col(Attachment.user_id))
        .where(
            col(Attachment.subject_type) == _KIND,
            col(Attachment.subject_id) == _RECORD_ID,
            col(Attachment.deleted_at).is_(None),
        )
        .order_by(col(Attachment.id).desc())
    )  # fmt: skip


def name_of_record(session: Session, subject: Subject) -> str:
    """Return what a record that may carry notes is called.

    Raises:
        NotFound: There is no such record in this workspace, or its kind carries no notes.
    """
    if subject.kind not in NOTED:
        raise NotFound("There is no such thing in this workspace.")
    names: dict[str, Any] = {"asset": (Asset, Asset.title), "campaign": (Campaign, Campaign.name)}
    if subject.kind not in names:
        return name_of(session, subject)
    model, name = names[subject.kind]
    found = session.execute(_columns(name).where(model.id == subject.id)).first()
    if found is None:
        raise NotFound("There is no such thing in this workspace.")
    return str(found[0])


def _note_line(note: Note, author: str, called: Iterable[Mentionable]) -> NoteLine:
    return NoteLine(
        id=note.key,
        user_id=note.user_id,
        author=author,
        body=note.body,
        pieces=pieces_of(note.body, list(called)),
        created_at=note.created_at,
        edited_at=note.edited_at,
    )
