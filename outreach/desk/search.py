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
    from outreach.core.db import Session


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that matches: what it is, its id and how it is called."""

    kind: str  # "prospect", "contact", "asset", "campaign"
    id: int
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one kind of record is looked for, and what of it is shown."""

    kind: str
    id: Any
    title: Any
    detail: Any
    searched: tuple[Any, ...]


_PLACES = (
    _Place(
        "prospect",
        col(Prospect.id),
        col(Prospect.domain),
        col(Prospect.title),
        (col(Prospect.domain), col(Prospect.title)),
    ),
    _Place(
        "contact",
        col(Contact.id),
        col(Contact.name),
        col(Contact.address),
        (col(Contact.name), col(Contact.address)),
    ),
    _Place(
        "asset",
        col(Asset.id),
        col(Asset.title),
        col(Asset.url),
        (col(Asset.title), col(Asset.url)),
    ),
    _Place(
        "campaign",
        col(Campaign.id),
        col(Campaign.name),
        col(Campaign.tactic),
        (col(Campaign.name),),
    ),
)


def search_everything(session: Session, text: str, *, limit: int = 10) -> list[Hit]:
    """Return records whose names contain the text, some of each kind."""
    text = text.strip()
    if len(text) < 2:
        return []
    found: list[Hit] = []
    for where in _PLACES:
        found += _hits(session, where, text, limit)
    return found


def _hits(session: Session, where: _Place, text: str, limit: int) -> list[Hit]:
    matches = or_(*(column.icontains(text, autoescape=True) for column in where.searched))
    rows = session.exec(
        select(where.id, where.title, where.detail).where(matches).order_by(where.id).limit(limit)
    ).all()
    return [
        Hit(where.kind, key, title or detail or "", (detail or "") if title else "")
        for key, title, detail in rows
    ]
