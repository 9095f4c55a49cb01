"""Reading tags; which records carry them is known to the packages of those records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.core.errors import NotFound
from outreach.tags.models import Tag
from outreach.tags.rules import name_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from outreach.core.db import Session


def get_tag(session: Session, tag_id: int, *, is_deleted: bool = False) -> Tag:
    """Return a tag.

    Raises:
        NotFound: There is none in this workspace, or it was deleted (or was not, where asked so).
    """
    found = session.exec(select(Tag).where(Tag.id == tag_id)).first()
    if found is None or (found.deleted_at is not None) != is_deleted:
        raise NotFound("There is no such tag here.")
    return found


def all_tags(session: Session) -> Sequence[Tag]:
    """Return the workspace's tags, by name."""
    return session.exec(
        select(Tag).where(col(Tag.deleted_at).is_(None)).order_by(col(Tag.name_key))
    ).all()


def find_tag(session: Session, name: str) -> Tag | None:
    """Return the tag of this name, whatever its case."""
    return session.exec(select(Tag).where(Tag.name_key == name_key(name))).first()


def known_among(session: Session, tag_ids: Collection[int]) -> set[int]:
    """Return those of the ids that are tags of this workspace."""
    rows = session.exec(
        select(Tag.id).where(col(Tag.id).in_(sorted(tag_ids)), col(Tag.deleted_at).is_(None))
    )
    return {tag_id for tag_id in rows if tag_id is not None}
