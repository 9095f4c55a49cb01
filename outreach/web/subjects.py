"""Where a thing that a reminder or a row is about has its page."""

from __future__ import annotations

from flask import current_app, url_for

from outreach.activity.services import Subject
from outreach.core.errors import NotFound

_PAGES = {
    "prospect": ("prospects.show", "prospect_id"),
    "opportunity": ("opportunities.show", "opportunity_id"),
    "contact": ("contacts.show", "contact_id"),
    "conversation": ("conversations.show", "conversation_id"),
    "inbound_message": ("conversations.show_mail", "inbound_message_id"),
    "backlink": ("links.show", "backlink_id"),
    "asset": ("assets.show", "asset_id"),
    "campaign": ("campaigns.show", "campaign_id"),
}


def subject_url(kind: str, subject_id: int | None) -> str:
    """Return the address of a thing's page, "" where it has none."""
    endpoint, argument = _PAGES.get(kind, ("", ""))
    if subject_id is None or endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, **{argument: subject_id})  # type: ignore[arg-type]


def read_subject(text: str) -> Subject | None:
    """Read what an address of ours names as "prospect:7"; None for nothing.

    Raises:
        NotFound: It names no thing.
    """
    if not text:
        return None
    kind, _, number = text.partition(":")
    if kind not in _PAGES or not number.isdecimal() or len(number) > 18:
        raise NotFound("There is no such thing in this workspace.")
    return Subject(kind, int(number))
