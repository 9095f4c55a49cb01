"""The palette behind Ctrl-K: what one can do and where one can go, as one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, jsonify, request, url_for

from outreach.accounts.rules import may
from outreach.core.words import folded
from outreach.desk.search import search_everything
from outreach.web.context import reading, requires, role
from outreach.web.navigation import PLACES
from outreach.web.search import PREFIXES

blueprint = Blueprint("palette", __name__, url_prefix="/palette")

_OF_EACH_KIND = 5
_MOST_ACTIONS = 8


@dataclass(frozen=True, slots=True)
class _Action:
    """Something one can start from anywhere, and who may."""

    label: str
    endpoint: str
    thing: str
    deed: str


_ACTIONS = (
    _Action("Review prospects", "review.show", "prospect", "edit"),
    _Action("Add a prospect", "prospects.new", "prospect", "edit"),
    _Action("Bookmark that adds pages", "capture.tokens", "prospect", "edit"),
    _Action("Import a file", "imports.index", "import", "edit"),
    _Action("Add a contact", "contacts.new", "contact", "edit"),
    _Action("New campaign", "campaigns.new", "campaign", "edit"),
    _Action("Add an asset", "assets.new", "asset", "edit"),
    _Action("Log a link", "links.new", "link", "edit"),
    _Action("New reminder", "reminders.new", "reminder", "edit"),
    _Action("New pitch template", "templates.new", "template", "edit"),
    _Action("New sequence", "sequences.new", "sequence", "edit"),
    _Action("New saved view", "views.new", "prospect", "view"),
    _Action("Add a mailbox", "mailboxes.new", "mailbox", "edit"),
    _Action("Merge duplicate contacts", "contact_merges.index", "contact", "edit"),
    _Action("Who must not be written to", "suppressions.index", "suppression", "view"),
    _Action("People of this workspace", "members.index", "workspace", "view"),
    _Action("Background work", "jobs.index", "job", "view"),
    _Action("Bulk actions and their undo", "bulk_actions.index", "job", "view"),
    _Action("Tags", "tags.index", "tag", "view"),
    _Action("Custom fields", "fields.index", "field", "view"),
    _Action("Link profile", "links.profile", "link", "view"),
    _Action("Pipeline as a table", "opportunities.table", "opportunity", "view"),
    _Action("Your profile", "profile.edit", "profile", "edit"),
    _Action("Switch workspace", "workspaces.choose", "workspace", "view"),
)


@blueprint.get("/")
@requires("search", "view")
def find() -> Any:
    """Answer with the actions and records that match what was typed so far."""
    text = request.args.get("q", "")[:200]
    entries = [*_actions(text)]
    for hit in search_everything(reading(), text, limit=_OF_EACH_KIND):
        if not may(role(), hit.kind, "view"):
            continue
        url = f"{request.script_root}{PREFIXES[hit.kind]}/{hit.id}"
        entries.append(_entry(hit.kind, hit.title, hit.detail, url))
    return jsonify(entries)


def _actions(text: str) -> list[dict[str, str]]:
    found = [
        _entry("action", action.label, "", url_for(action.endpoint))
        for action in _ACTIONS
        if action.endpoint in current_app.view_functions
        and may(role(), action.thing, action.deed)
        and _matches(action.label, text)
    ]
    places = [
        _entry("go to", place.label, f"g {place.key}", url_for(place.endpoint))
        for place in PLACES
        if place.endpoint in current_app.view_functions and _matches(place.label, text)
    ]
    return [*found[: _MOST_ACTIONS if text else None], *places]


def _matches(label: str, text: str) -> bool:
    """Each word typed begins a word of the label."""
    words = folded(label).split()
    return all(any(word.startswith(part) for word in words) for part in folded(text).split())


def _entry(kind: str, title: str, detail: str, url: str) -> dict[str, str]:
    return {"kind": kind, "title": title, "detail": detail, "url": url}
