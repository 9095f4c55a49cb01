"""The timeline as pages show it: one stream, each line with who and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.accounts.queries import names_of_users
from outreach.web.context import reading
from outreach.web.filters import moment, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.activity.models import Activity

ICONS = {
    "added": "plus",
    "created": "plus",
    "edited": "pencil",
    "moved": "arrow-right",
    "contact": "user",
    "assigned": "user-plus",
    "merged": "users",
    "sent": "send",
    "enrolled": "workflow",
    "overrode": "flag",
    "stopped": "pause",
    "bounced": "circle-alert",
    "unsubscribed": "ban",
    "complained": "ban",
    "erased": "trash-2",
    "archived": "archive",
    "restored": "rotate-ccw",
    "lifted": "undo-2",
    "won": "link",
    "replied": "reply",
    "noted": "sticky-note",
    "tagged": "tag",
    "untagged": "tag",
    "attached": "upload",
    "deleted": "trash-2",
}


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One line, as `components/records.html` draws it."""

    icon: str
    text: str
    detail: str
    when: str
    at_iso: str
    at_text: str


def timeline_items(activities: Sequence[Activity]) -> list[TimelineItem]:
    """Turn activities into lines; what the clock did names nobody."""
    people = {activity.user_id for activity in activities if activity.user_id is not None}
    names = names_of_users(reading(), people) if people else {}
    return [
        TimelineItem(
            icon=ICONS.get(activity.verb, "history"),
            text=activity.sentence,
            detail=names.get(activity.user_id or 0, ""),
            when=when(activity.at),
            at_iso=activity.at.isoformat(),
            at_text=moment(activity.at),
        )
        for activity in activities
    ]
