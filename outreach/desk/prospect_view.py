"""What is known of one prospect: for its page, and for the review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.core.urls import registrable_domain
from outreach.desk.collisions import guards_of
from outreach.desk.contacts import SiteContacts
from outreach.desk.prospect_reads import (
    own_domains,
    read_cards,
    read_contacts,
    read_figures,
    read_names,
    read_offers,
    read_pages,
)
from outreach.prospects.figures import side_by_side
from outreach.prospects.rules import source_import_id
from outreach.prospects.tactics import PageSketch, evidence_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from outreach.core.db import Session
    from outreach.desk.collisions import Guard
    from outreach.prospects.figures import Measure
    from outreach.prospects.models import Prospect, ProspectPage
    from outreach.prospects.tactics import Evidence
    from outreach.scoring.models import ScoreCard


@dataclass(frozen=True, slots=True)
class Standing:
    """How a prospect stands to one asset, with its page."""

    asset_title: str
    card: ScoreCard
    page: ProspectPage | None


@dataclass(frozen=True, slots=True)
class GivenLink:
    """A site that a prospect's pages link to."""

    domain: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class ProspectFacts:
    """What is known of a prospect's site: all the review shows, and the core of its page."""

    prospect: Prospect
    pages: Sequence[ProspectPage]
    standings: list[Standing]
    measures: list[Measure]
    people: SiteContacts
    guard: Guard | None
    guards: dict[str, Guard]  # of its people, by person key
    given_links: list[GivenLink]
    evidence: list[Evidence]

    @property
    def main_page(self) -> ProspectPage | None:
        """The page to look at first: the best for the best asset, else the most relevant."""
        best = next((standing.page for standing in self.standings if standing.page), None)
        return best or next(iter(self.pages), None)


@dataclass(frozen=True, slots=True)
class ProspectView:
    """Everything a prospect's page shows of this workspace's own."""

    facts: ProspectFacts
    owner_name: str | None
    source_name: str
    source_import_id: int | None


def prospect_facts(
    session: Session, prospect: Prospect, *, now: datetime, most_pages: int = 200
) -> ProspectFacts:
    """Gather what is known of a prospect's site."""
    pages = read_pages(session, prospect.key, most_pages)
    by_id = {page.key: page for page in pages}
    contacts = read_contacts(session, prospect.site_id)
    keys = [contact.person_key for contact in contacts if contact.person_key]
    guards = guards_of(session, [prospect.domain], keys, now=now)
    guard = guards.of_site(prospect.domain)
    return ProspectFacts(
        prospect=prospect,
        pages=pages,
        standings=[
            Standing(title, card, by_id.get(card.prospect_page_id or 0))
            for card, title in read_cards(session, prospect.key)
        ],
        measures=side_by_side(read_figures(session, prospect)),
        people=SiteContacts(
            site_id=prospect.site_id,
            contacts=contacts,
            suppressed={key: guards.refusals[key] for key in keys if key in guards.refusals},
            offers=read_offers(session, prospect.site_id),
        ),
        guard=guard,
        guards={key: found for key in keys if (found := guards.of_person(key) or guard)},
        given_links=_given_links(session, pages, prospect.domain),
        evidence=evidence_of(_sketch(page) for page in pages),
    )


def prospect_view(session: Session, prospect: Prospect, *, now: datetime) -> ProspectView:
    """Gather a prospect's page."""
    file_id = source_import_id(prospect.source)
    owner, filename = read_names(session, prospect, file_id)
    by_hand = "added by hand" if prospect.source == "manual" else prospect.source
    return ProspectView(
        facts=prospect_facts(session, prospect, now=now),
        owner_name=owner or None,
        source_name=by_hand if file_id is None else filename or "an import",
        source_import_id=file_id,
    )


def _given_links(session: Session, pages: Sequence[ProspectPage], domain: str) -> list[GivenLink]:
    """Return the sites these pages link to, ours first: as read, and as a vendor's file said."""
    named = [name for page in pages for name in page.gives_links_to]
    named += [registrable_domain(host) or host for page in pages if (host := _host(page.links_to))]
    others = dict.fromkeys(name for name in named if name != domain)
    ours = own_domains(session) if others else set()
    found = [GivenLink(name, name in ours) for name in others]
    return sorted(found, key=lambda link: not link.is_ours)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0].lower()


def _sketch(page: ProspectPage) -> PageSketch:
    return PageSketch(
        url=page.url,
        title=page.title,
        description=page.description,
        text=page.text,
        gives_links_to=tuple(page.gives_links_to),
    )
