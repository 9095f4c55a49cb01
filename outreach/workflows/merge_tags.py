"""Merging one tag into another: every record of the one gets the other, some thousand at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outreach.activity.services import Subject, record
from outreach.contacts import tagging as contact_tags
from outreach.core.errors import Invalid
from outreach.prospects import tagging as prospect_tags
from outreach.tags.queries import get_tag
from outreach.tags.services import remove_tag_row

if TYPE_CHECKING:
    from datetime import datetime

    from outreach.core.db import Database, Scope

_USES = (prospect_tags.USES, contact_tags.USES)


def merge_tags(
    database: Database, scope: Scope, gone_id: int, kept_id: int, *, now: datetime
) -> int:
    """Give every record of one tag another in its stead, then remove the one.

    A kill in between leaves both tags, the rest still to move: it is asked again.

    Returns:
        How many records carried the tag that is gone.

    Raises:
        NotFound: There is no such tag here.
        Invalid: It is one and the same.
    """
    if gone_id == kept_id:
        raise Invalid("Choose another tag to merge this one into.")
    moved = 0
    for uses in _USES:
        while True:
            with database.writing(scope) as session:
                get_tag(session, gone_id)
                get_tag(session, kept_id)
                count = uses.move(session, gone_id, kept_id)
            moved += count
            if not count:
                break
    with database.writing(scope) as session:
        gone, kept = get_tag(session, gone_id), get_tag(session, kept_id)
        for uses in _USES:
            moved += uses.move(session, gone_id, kept_id)  # what was tagged meanwhile
        sentence = f"Merged the tag “{gone.name}” into “{kept.name}”."
        remove_tag_row(session, gone)
        record(session, "merged", Subject("tag", kept_id), sentence, now=now)
    return moved
