"""Making, naming and deleting tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.core.errors import Conflict
from outreach.tags.models import Tag
from outreach.tags.queries import find_tag
from outreach.tags.rules import key_of_deleted, name_key, tidy_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.tags.words import TagTone


class TagExists(Conflict):
    """Another tag has this name; the two can be merged."""

    def __init__(self, tag: Tag) -> None:
        super().__init__(f"There is a tag “{tag.name}” already. Merge the two, or choose a name.")
        self.tag_id = tag.key


def ensure_tag(session: Session, name: str) -> Tag:
    """Return the tag of a name, made if there is none.

    Raises:
        Invalid: It is no name for a tag.
    """
    tidy = tidy_name(name)
    tag = find_tag(session, tidy)
    if tag is None:
        tag = Tag(name=tidy, name_key=name_key(tidy))
        session.add(tag)
        session.flush()
    return tag


def ensure_tags(session: Session, names: Iterable[str]) -> list[Tag]:
    """Return the tags of these names, each once, in order."""
    found = {tag.key: tag for tag in (ensure_tag(session, name) for name in names)}
    return list(found.values())


def edit_tag(session: Session, tag: Tag, *, name: str, tone: TagTone, now: datetime) -> None:
    """Rename or recolour a tag.

    Raises:
        Invalid: It is no name for a tag.
        TagExists: Another tag has this name.
    """
    tidy, before = tidy_name(name), tag.name
    other = find_tag(session, tidy)
    if other is not None and other.key != tag.key:
        raise TagExists(other)
    tag.name, tag.name_key, tag.tone = tidy, name_key(tidy), tone.value
    session.flush()
    if tidy != before:
        _record(session, tag, "edited", f"Renamed the tag “{before}” to “{tidy}”.", now)


def delete_tag(session: Session, tag: Tag, *, now: datetime) -> None:
    """Delete a tag; for a day it can be brought back with all its uses."""
    tag.deleted_at, tag.name_key = now, key_of_deleted(tag.key)
    session.flush()
    _record(session, tag, "deleted", f"Deleted the tag “{tag.name}”.", now)


def restore_tag(session: Session, tag: Tag, *, now: datetime) -> None:
    """Bring a deleted tag back.

    Raises:
        TagExists: Its name was given to another tag meanwhile.
    """
    other = find_tag(session, tag.name)
    if other is not None:
        raise TagExists(other)
    tag.deleted_at, tag.name_key = None, name_key(tag.name)
    session.flush()
    _record(session, tag, "restored", f"Brought the tag “{tag.name}” back.", now)


def remove_tag_row(session: Session, tag: Tag) -> None:
    """Remove a tag for good; the caller has moved or removed its uses."""
    session.delete(tag)
    session.flush()


def _record(session: Session, tag: Tag, verb: str, sentence: str, now: datetime) -> None:
    record(session, verb, Subject("tag", tag.key), sentence, now=now)
