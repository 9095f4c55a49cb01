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
        kept={
            "tags": "tags",
            "notes": "notes",
            "tactic": "tactic",
            "review": "review",
            "reason": "rejected because",
            "until": "put aside until",
            "owner": "owner address",
            "figures": "figures",
        },
        is_ragged=True,
    ),
    Layout(
        name="outreach_pages",
        title="Outreach pages",
        kind=RowKind.PAGE,
        signature=("outreach page",),
        columns={"url": "outreach page", "title": "title", "description": "description"},
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
        kept={
            "tags": "tags",
            "notes": "notes",
            "kind": "kind",
            "first_name": "first name",
            "deliverability": "deliverability",
            "undeliverable_because": "undeliverable because",
            "lawful_basis": "lawful basis",
        },
        is_ragged=True,
    ),
)
