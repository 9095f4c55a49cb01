"""What the columns copied to prospects must be, counted anew from their sources.

Used when a prospect is added to what is known of its site already, and by `outreach doctor`, which
compares every copy with its source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from outreach.campaigns.queries import stages_of_prospects
from outreach.campaigns.rules import furthest
from outreach.contacts.queries import sites_with_contact
from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.queries import vendor_copies_of
from outreach.prospects.rules import VENDOR_COPIES, Copied
from outreach.suppression.models import ContactTouch
from outreach.suppression.rules import COOL_DOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from outreach.core.db import Session

_AT_ONCE = 2_000


def wrong_columns(session: Session) -> list[tuple[str, str]]:
    """Compare every copied column of the workspace with its source.

    Returns:
        (domain, what differs) for each prospect whose row is wrong; empty when all is well.
    """
    ids = [found for found in session.exec(select(Prospect.id)) if found is not None]
    wrong: list[tuple[str, str]] = []
    for start in range(0, len(ids), _AT_ONCE):
        chosen = ids[start : start + _AT_ONCE]
        true = {copied.prospect_id: copied for copied in true_columns(session, chosen)}
        rows = select(Prospect).where(col(Prospect.id).in_(chosen))
        for row in session.exec(rows.execution_options(populate_existing=True)):
            names = _differences(row, true[row.key])
            if names:
                wrong.append((row.domain, ", ".join(names)))
    return wrong


def true_columns(session: Session, prospects: Collection[int]) -> list[Copied]:
    """Count what the copied columns of these prospects must be."""
    if not prospects:
        return []
    chosen = sorted(prospects)
    rows = session.exec(
        select(Prospect.id, Prospect.site_id, Prospect.domain).where(col(Prospect.id).in_(chosen))
    ).all()
    reachable = sites_with_contact(session, [site_id for _, site_id, _ in rows])
    touched = _last_touches(session, [domain for _, _, domain in rows])
    stages = stages_of_prospects(session, chosen)
    pages, vendor = _page_counts(session, chosen), vendor_copies_of(session, chosen)
    return [
        Copied(
            prospect_id=prospect_id,
            has_contact=site_id in reachable,
            stage=furthest(stages.get(prospect_id, ())) or "",
            last_contact_at=(at := touched.get(domain)),
            cool_down_until=at + COOL_DOWN if at else None,
            page_count=pages.get(prospect_id, 0),
            vendor=vendor[prospect_id],
        )
        for prospect_id, site_id, domain in rows
        if prospect_id is not None
    ]


def heard_of(session: Session, sites: Mapping[str, int]) -> set[str]:
    """Return at which of these domains somebody is known, or was written to before.

    Only of these must a new prospect's columns be counted; all others begin with none.
    """
    reachable = sites_with_contact(session, sites.values())
    return {domain for domain, site_id in sites.items() if site_id in reachable} | set(
        _last_touches(session, sites)
    )


def _differences(row: Prospect, true: Copied) -> list[str]:
    names = ("has_contact", "stage", "last_contact_at", "cool_down_until", "page_count")
    wrong = [name for name in names if getattr(row, name) != getattr(true, name)]
    vendor = zip(VENDOR_COPIES, true.vendor, strict=True)
    return wrong + [name for name, value in vendor if getattr(row, name) != value]


def _last_touches(session: Session, domains: Iterable[str]) -> dict[str, datetime]:
    """Touches are of the whole installation; a prospect's row tells of its own workspace only."""
    rows = session.exec(
        select(ContactTouch.domain, sa.func.max(ContactTouch.at))
        .where(
            col(ContactTouch.domain).in_(list(domains)),
            ContactTouch.in_workspace_id == session.workspace_id,
        )
        .group_by(col(ContactTouch.domain))
    )
    return dict(rows.all())


def _page_counts(session: Session, prospects: Collection[int]) -> dict[int, int]:
    rows = session.exec(
        select(ProspectPage.prospect_id, sa.func.count())
        .where(col(ProspectPage.prospect_id).in_(prospects))
        .group_by(col(ProspectPage.prospect_id))
    )
    return dict(rows.all())
