"""A contact's page, and the contact block of a prospect's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.activity.queries import timeline_of
from outreach.campaigns.models import Campaign, Opportunity
from outreach.contacts.merges import standing_merges
from outreach.contacts.queries import (
    contacts_of_site,
    merged_into,
    offers_of_site,
    possible_duplicates,
)
from outreach.desk.contact_facts import by_source, facts_of
from outreach.mail.people import conversations_with
from outreach.prospects.models import Prospect
from outreach.sites.models import Site
from outreach.suppression.queries import collisions, find_suppression, suppressed_among

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.activity.models import Activity
    from outreach.campaigns.words import Stage
    from outreach.contacts.models import Contact, ContactMerge, FoundContact
    from outreach.core.db import Session
    from outreach.desk.contact_facts import Fact, Source
    from outreach.mail.models import Conversation
    from outreach.suppression.models import Suppression
    from outreach.suppression.rules import Collision
    from outreach.suppression.words import SuppressionReason


@dataclass(frozen=True, slots=True)
class PitchLine:
    """One opportunity whose pitch goes to a contact."""

    id: int
    domain: str
    campaign: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class ContactView:
    """All a contact's page shows."""

    contact: Contact
    facts: list[tuple[Source, list[Fact]]]
    domain: str
    prospect_id: int | None
    suppression: Suppression | None
    collisions: list[Collision]
    pitches: list[PitchLine]
    conversations: Sequence[Conversation]
    duplicates: Sequence[Contact]
    merged: Sequence[Contact]
    merges: Sequence[ContactMerge]
    timeline: Sequence[Activity]


@dataclass(frozen=True, slots=True)
class SiteContacts:
    """Who is known at a site, and which addresses its pages showed."""

    site_id: int
    contacts: Sequence[Contact]
    suppressed: dict[str, SuppressionReason]  # by person key
    offers: Sequence[FoundContact]


def contact_view(session: Session, contact: Contact, *, now: datetime) -> ContactView:
    """Gather a contact's page."""
    domain = domain_of(session, contact.site_id)
    keys = [contact.person_key] if contact.person_key else []
    story = timeline_of(session, "contact", contact.key)
    return ContactView(
        contact=contact,
        facts=by_source(facts_of(session, contact, domain, story)),
        domain=domain,
        prospect_id=_prospect_at(session, contact.site_id),
        suppression=find_suppression(session, person_key=contact.person_key, domain=domain),
        collisions=collisions(
            session,
            person_key=contact.person_key,
            domain=domain,
            workspace_id=session.workspace_id,
            now=now,
        ),
        pitches=_pitches(session, contact.key),
        conversations=conversations_with(session, [contact.key], keys),
        duplicates=possible_duplicates(session, contact),
        merged=merged_into(session, contact.key),
        merges=standing_merges(session, contact.key),
        timeline=story,
    )


def site_contacts(session: Session, site_id: int) -> SiteContacts:
    """Gather the contact block of a prospect's page, for `contacts/_of_site.html`."""
    contacts = contacts_of_site(session, site_id)
    keys = [contact.person_key for contact in contacts]
    return SiteContacts(
        site_id=site_id,
        contacts=contacts,
        suppressed=suppressed_among(session, person_keys=keys),
        offers=offers_of_site(session, site_id),
    )


def domain_of(session: Session, site_id: int | None) -> str:
    """Return a site's domain, "" for no site."""
    if site_id is None:
        return ""
    return session.exec(select(Site.domain).where(Site.id == site_id)).one()


def _prospect_at(session: Session, site_id: int | None) -> int | None:
    return session.exec(select(Prospect.id).where(Prospect.site_id == site_id)).first()


def _pitches(session: Session, contact_id: int) -> list[PitchLine]:
    # Sorted here: ordered in SQL, the planner would walk all opportunities by age.
    rows = session.exec(
        select(Opportunity, Prospect.domain, Campaign.name)
        .join(Prospect, col(Prospect.id) == Opportunity.prospect_id)
        .join(Campaign, col(Campaign.id) == Opportunity.campaign_id)
        .where(Opportunity.contact_id == contact_id)
    ).all()
    newest_first = sorted(rows, key=lambda row: row[0].stage_changed_at, reverse=True)
    return [
        PitchLine(opportunity.key, domain, campaign, opportunity.stage)
        for opportunity, domain, campaign in newest_first
    ]
