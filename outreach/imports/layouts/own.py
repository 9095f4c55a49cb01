"""Our own exports, known by their first column: taken in again they change nothing."""

from __future__ import annotations

from outreach.imports.layouts.shape import Layout
from outreach.imports.rows import RowKind

OWN = (
    Layout(
        name="outreach_prospects",
        title="Outreach prospects",
        kind=RowKind.PAGE,
        signature=("outreach prospect",),
        columns={
            "site": "outreach prospect",
            "title": "title",
            "topic": "topic",
            "language": "language",
            "country": "country",
            "tags": "tags",
        },
        is_ragged=True,
    ),
    Layout(
        name="outreach_contacts",
        title="Outreach contacts",
        kind=RowKind.PERSON,
        signature=("outreach contact", "email"),
        columns={
            "name": "outreach contact",
            "first_name": "first name",
            "email": "email",
            "role": "role",
            "outlet": "outlet",
            "site": "site",
            "outlet_url": "found on",
            "beat": "beat",
            "country": "country",
            "location": "location",
            "phone": "phone",
            "tags": "tags",
            "notes": "notes",
        },
        profiles={
            "twitter": "twitter",
            "linkedin": "linkedin",
            "facebook": "facebook",
            "instagram": "instagram",
            "youtube": "youtube",
            "vimeo": "vimeo",
            "pinterest": "pinterest",
        },
        is_ragged=True,
    ),
)
