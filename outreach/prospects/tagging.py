"""Which prospects carry which tags, one or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.prospects.models import Prospect, ProspectTag
from outreach.tags.uses import TagUses

if TYPE_CHECKING:
    from collections.abc import Collection

    from outreach.core.db import Session
    from outreach.tags.uses import Pair

USES = TagUses(records=Prospect, links=ProspectTag, column="prospect_id")


def add_tags(session: Session, ids: Collection[int], tag_ids: Collection[int]) -> list[Pair]:
    """Put every tag on every prospect; returns the (prospect, tag) pairs that are new, for undo."""
    return USES.add(session, ids, tag_ids)


def remove_tags(session: Session, ids: Collection[int], tag_ids: Collection[int]) -> list[Pair]:
    """Take the tags off the prospects; returns the (prospect, tag) pairs that were there."""
    return USES.remove(session, ids, tag_ids)


def tags_of_prospects(
    session: Session, ids: Collection[int]
) -> dict[int, list[tuple[int, str, str]]]:
    """Return (id, name, tone) of the tags of each prospect that has any, by name."""
    return USES.of_records(session, ids)
