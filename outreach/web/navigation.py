"""Where one can go: the left rail, only what exists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import current_app, request, url_for

from outreach.desk.counts import counts_for_rail
from outreach.web.context import find_signed_in, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail; `endpoints` are the blueprints whose pages belong to it."""

    label: str
    endpoint: str
    icon: str
    key: str
    belongs: tuple[str, ...]
    group: str = "main"


PLACES = (
    Place("Today", "today.show", "sun", "t", ("today", "reminders")),
    Place("Pipeline", "opportunities.board", "columns-3", "p", ("opportunities",)),
    Place("Prospects", "prospects.index", "globe", "r",
          ("prospects", "review", "imports", "import_rows", "mappings")),
    Place("Inbox", "conversations.index", "inbox", "i", ("conversations",)),
    Place("Links", "links.index", "link", "l", ("links",)),
    Place("Contacts", "contacts.index", "users", "c", ("contacts",)),
    Place("Assets", "assets.index", "file-text", "a", ("assets",)),
    Place("Campaigns", "campaigns.index", "megaphone", "m",
          ("campaigns", "templates", "sequences", "enrollments")),
    Place("Outbox", "outbox.index", "send", "o", ("outbox",)),
    Place("Settings", "settings.show", "settings", "s",
          ("settings", "workspaces", "mailboxes", "suppressions", "members", "tags",
           "fields", "field_values"), "foot"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A place as the layout shows it."""

    label: str
    url: str
    icon: str
    key: str
    count: int
    is_current: bool
    group: str


def navigation() -> tuple[Item, ...]:
    """Build the rail for whoever asks; empty for strangers and without a workspace."""
    found = find_signed_in()
    if found is None or found.workspace is None:
        return ()
    counts = counts_for_rail(reading(), user_id=found.user.key)
    return tuple(_items(counts))


def _items(counts: dict[str, int]) -> Iterator[Item]:
    here = (request.endpoint or "").split(".", 1)[0]
    urls = _urls(current_app._get_current_object(), request.script_root)  # type: ignore[attr-defined]  # noqa: SLF001
    for place in PLACES:
        if place.endpoint in urls:
            yield Item(
                label=place.label,
                url=urls[place.endpoint],
                icon=place.icon,
                key=place.key,
                count=counts.get(place.label, 0),
                is_current=here in place.belongs,
                group=place.group,
            )


@lru_cache(maxsize=8)
def _urls(app: Flask, _script_root: str) -> dict[str, str]:
    """Build the addresses once: they change with the place the app is mounted at only."""
    return {
        place.endpoint: url_for(place.endpoint)
        for place in PLACES
        if place.endpoint in app.view_functions
    }
