"""Which contacts carry which tags, one or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.contacts.models import Contact, ContactTag
from outreach.tags.uses import TagUses

if TYPE_CHECKING:
    from collections.abc import Collection

    from outreach.core.db import Session
    from outreach.tags.uses import Pair

USES = TagUses(records=Contact, links=ContactTag, column="contact_id")


def add_tags(session: Session, ids: Collection[int], tag_ids: Collection[int]) -> list[Pair]:
    """Put every tag on every contact; returns the (contact, tag) pairs that are new, for undo."""
    return USES.add(session, ids, tag_ids)


def remove_tags(session: Session, ids: Collection[int], tag_ids: Collection[int]) -> list[Pair]:
    """Take the tags off the contacts; returns the (contact, tag) pairs that were there."""
    return USES.remove(session, ids, tag_ids)


def tags_of_contacts(
    session: Session, ids: Collection[int]
) -> dict[int, list[tuple[int, str, str]]]:
    """Return (id, name, tone) of the tags of each contact that has any, by name."""
    return USES.of_records(session, ids)
