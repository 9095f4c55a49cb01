"""Our own domains and the names people call us by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.activity.services import Subject, record
from outreach.assets.models import Property
from outreach.core.errors import Conflict, Invalid, NotFound
from outreach.core.urls import parse_domain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session


def all_properties(session: Session) -> Sequence[Property]:
    """Return the workspace's own domains, by name."""
    return session.exec(select(Property).order_by(col(Property.domain))).all()


def own_domains(session: Session) -> frozenset[str]:
    """Return the registrable domains links should point at."""
    return frozenset(session.exec(select(Property.domain)).all())


def add_property(
    session: Session, domain: str, *, brand_aliases: list[str], now: datetime
) -> Property:
    """Add a domain of ours.

    Raises:
        Invalid: It is not a domain.
        Conflict: It is listed already.
    """
    site = parse_domain(domain)
    if site is None:
        raise Invalid(f"{domain!r} is not a domain.")
    if session.exec(select(Property.id).where(Property.domain == site)).first():
        raise Conflict(f"{site} is listed already.")
    row = Property(domain=site, brand_aliases=brand_aliases)
    session.add(row)
    session.flush()
    record(session, "added", Subject("property", row.key), f"Added {site} as our own.", now=now)
    return row


def remove_property(session: Session, property_id: int, *, now: datetime) -> str:
    """Take a domain off the list and return its name.

    Raises:
        NotFound: There is none in this workspace.
    """
    row = session.get(Property, property_id)
    if row is None:
        raise NotFound("There is no such property here.")
    session.delete(row)
    subject = Subject("property", property_id)
    record(session, "removed", subject, f"{row.domain} is no longer listed as ours.", now=now)
    return row.domain
