"""Search over everything a workspace keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import col, or_, select

from outreach.assets.models import Asset
from outreach.campaigns.models import Campaign
from outreach.contacts.models import Contact
from outreach.prospects.models import Prospect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that matches: what it is, its id and how it is called."""

    kind: str  # "prospect", "contact", "asset", "campaign"
    id: int
    title: str
    detail: str


def search_everything(session: Session, text: str, *, limit: int = 10) -> list[Hit]:
    """Return records whose names contain the text, some of each kind."""
    text = text.strip()
    if len(text) < 2:
        return []
    found: list[Hit] = []
    for kind, title, detail, columns in (
        ("prospect", Prospect.domain, Prospect.title, (Prospect.domain, Prospect.title)),
        ("contact", Contact.name, Contact.address, (Contact.name, Contact.address)),
        ("asset", Asset.title, Asset.url, (Asset.title, Asset.url)),
        ("campaign", Campaign.name, Campaign.tactic, (Campaign.name,)),
    ):
        found += _hits(session, kind, (title, detail), columns, text=text, limit=limit)
    return found


def _hits(
    session: Session,
    kind: str,
    shown: tuple[Any, Any],
    columns: Sequence[Any],
    *,
    text: str,
    limit: int,
) -> list[Hit]:
    model = col(shown[0]).class_
    matches = or_(*(col(column).icontains(text, autoescape=True) for column in columns))
    rows = session.exec(
        select(model.id, shown[0], shown[1]).where(matches).order_by(model.id).limit(limit)
    ).all()
    return [
        Hit(kind, key, title or detail or "", (detail or "") if title else "")
        for key, title, detail in rows
    ]
