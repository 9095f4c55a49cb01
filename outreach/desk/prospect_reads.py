"""What the review and a prospect's page read, each statement built once: that costs more than it.

A reviewer gets a new prospect with every key, so each of these runs hundreds of times a minute.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col

from outreach.accounts.models import User
from outreach.assets.models import Asset, Property
from outreach.contacts.models import Contact, FoundContact
from outreach.contacts.queries import IS_CURRENT
from outreach.contacts.rules import preference
from outreach.imports.models import ImportFile
from outreach.notes.models import Note
from outreach.prospects.models import Prospect, ProspectPage, VendorMetric
from outreach.scoring.models import ScoreCard
from outreach.sites.models import SiteMetric

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from outreach.core.db import Session

_NEWEST_NOTES = 3


def _given(name: str) -> Any:
    return sa.bindparam(name, type_=sa.Integer())


def read_prospects(session: Session, ids: Sequence[int]) -> list[Prospect]:
    """Return those of the prospects that there are, in the order of their ids as given."""
    rows = session.execute(_prospects(), {"ids": list(ids)}).scalars().all()
    return sorted(rows, key=lambda prospect: ids.index(prospect.key))


@cache
def _prospects() -> Any:
    ids = sa.bindparam("ids", expanding=True, type_=sa.Integer())
    return sa.select(Prospect).where(col(Prospect.id).in_(ids))


def read_pages(session: Session, prospect_id: int, limit: int) -> Sequence[ProspectPage]:
    """Return a prospect's pages, most relevant first, unscored last."""
    given = {"prospect_id": prospect_id, "most": limit}
    found: Sequence[ProspectPage] = session.execute(_pages(), given).scalars().all()
    return found


@cache
def _pages() -> Any:
    return (
        sa.select(ProspectPage)
        .where(col(ProspectPage.prospect_id) == _given("prospect_id"))
        .order_by(col(ProspectPage.relevance).desc().nulls_last(), col(ProspectPage.id))
        .limit(_given("most"))
    )


def read_figures(session: Session, prospect: Prospect) -> list[tuple[str, float, date]]:
    """Return what open lists, and then vendors, say of a site: source, value, day."""
    rows = session.execute(_figures(), {"site_id": prospect.site_id, "prospect_id": prospect.key})
    return [(source, value, on) for source, value, on in rows]


@cache
def _figures() -> Any:
    lists, vendors = SiteMetric, VendorMetric
    of_lists = sa.select(col(lists.source), col(lists.value), col(lists.measured_on))
    of_vendors = sa.select(col(vendors.source), col(vendors.value), col(vendors.measured_on))
    return sa.union_all(
        of_lists.where(col(lists.site_id) == _given("site_id")),
        of_vendors.where(col(vendors.prospect_id) == _given("prospect_id")),
    )


def read_contacts(session: Session, site_id: int) -> list[Contact]:
    """Return the contacts of a site, whom to write to first."""
    found = session.execute(_contacts(), {"site_id": site_id}).scalars().all()
    return sorted(found, key=lambda contact: preference(contact.kind, contact.deliverability))


@cache
def _contacts() -> Any:
    at_site = col(Contact.site_id) == _given("site_id")
    return sa.select(Contact).where(at_site, IS_CURRENT).order_by(col(Contact.id))


def read_offers(session: Session, site_id: int) -> Sequence[FoundContact]:
    """Return the addresses pages of a site showed that nobody has decided on, oldest first."""
    found: Sequence[FoundContact] = session.execute(_offers(), {"site_id": site_id}).scalars().all()
    return found


@cache
def _offers() -> Any:
    at_site = col(FoundContact.site_id) == _given("site_id")
    is_open = col(FoundContact.decided_at).is_(None)
    return sa.select(FoundContact).where(at_site, is_open).order_by(col(FoundContact.id))


def read_names(session: Session, prospect: Prospect, file_id: int | None) -> tuple[str, str]:
    """Return what a prospect's owner and the file it came from are called; "" for none."""
    if prospect.owner_id is None and file_id is None:
        return "", ""
    given = {"prospect_id": prospect.key, "file_id": file_id or 0}
    owner, filename = session.execute(_names(), given).one()
    return owner or "", filename or ""


@cache
def _names() -> Any:
    return (
        sa.select(col(User.name), col(ImportFile.filename))
        .select_from(Prospect)
        .outerjoin(User, col(User.id) == col(Prospect.owner_id))
        .outerjoin(ImportFile, col(ImportFile.id) == _given("file_id"))
        .where(col(Prospect.id) == _given("prospect_id"))
    )


def read_cards(session: Session, prospect_id: int) -> list[tuple[ScoreCard, str]]:
    """Return how a prospect stands to each asset, with the asset's title, the best first."""
    rows = session.execute(_cards(), {"prospect_id": prospect_id})
    return [(card, title) for card, title in rows]


@cache
def _cards() -> Any:
    return (
        sa.select(ScoreCard, col(Asset.title))
        .join(Asset, col(Asset.id) == col(ScoreCard.asset_id))
        .where(col(ScoreCard.prospect_id) == _given("prospect_id"))
        .order_by(col(ScoreCard.score).desc().nulls_last(), col(ScoreCard.asset_id))
    )


def own_domains(session: Session) -> set[str]:
    """Return the domains of the workspace's own properties."""
    return set(session.execute(_own_domains()).scalars())


@cache
def _own_domains() -> Any:
    return sa.select(col(Property.domain))


def newest_notes(session: Session, prospect_id: int) -> list[tuple[str, str]]:
    """Return who wrote the newest notes about a prospect, and what they say."""
    rows = session.execute(_notes(), {"prospect_id": prospect_id})
    return [(author or "", body) for author, body in rows]


@cache
def _notes() -> Any:
    return (
        sa.select(col(User.name), col(Note.body))
        .select_from(Note)
        .outerjoin(User, col(User.id) == col(Note.user_id))
        .where(
            col(Note.subject_type) == "prospect",
            col(Note.subject_id) == _given("prospect_id"),
            col(Note.deleted_at).is_(None),
        )
        .order_by(col(Note.id).desc())
        .limit(_NEWEST_NOTES)
    )
