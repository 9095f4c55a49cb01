"""The sample's prospects: three imported files, open ranks, people, scores and decisions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from outreach.activity.services import claim_job
from outreach.assets.page_texts import note_asset_text
from outreach.assets.properties import add_property
from outreach.assets.rules import AssetDraft
from outreach.assets.services import add_asset
from outreach.assets.words import AssetKind
from outreach.contacts.rules import ContactDetails
from outreach.contacts.services import FoundAddressEntry, add_contact, offer_found_addresses
from outreach.contacts.words import ContactKind, LawfulBasis
from outreach.core.addresses import MailAddress, parse_mail_address
from outreach.core.errors import Invalid
from outreach.prospects.queries import find_prospect, prospect_ids
from outreach.prospects.rules import Decision
from outreach.prospects.services import edit_prospect
from outreach.prospects.words import Review
from outreach.sites.queries import site_ids
from outreach.sites.services import record_metrics
from outreach.suppression.services import suppress_address, suppress_domain
from outreach.suppression.words import SuppressionReason
from outreach.workflows.import_file import ImportTools, begin_import, keep_and_recognise, run_import
from outreach.workflows.keep_contacts import note_sites
from outreach.workflows.review_prospects import decide, decide_many
from outreach.workflows.sample_files import IMPORTED
from outreach.workflows.score_prospects import request_scoring, score_prospects

if TYPE_CHECKING:
    from outreach.core.db import Database, Scope, Session
    from outreach.prospects.models import Prospect
    from outreach.workflows.sample_files import SampleFiles, SampleTools, StoryClock

# Column of open-ranks.csv → the name a figure is kept under, and the day its list is of.
_RANKS = {
    "majestic_rank": ("majestic_rank", date(2026, 11, 20)),
    "majestic_ref_subnets": ("majestic_ref_subnets", date(2026, 11, 20)),
    "cc_harmonic_rank": ("common_crawl_harmonic_rank", date(2026, 6, 1)),
    "cc_pagerank_rank": ("common_crawl_pagerank_rank", date(2026, 6, 1)),
}


def add_assets(session: Session, files: SampleFiles, *, now: datetime) -> dict[str, int]:
    """Add properties and assets, as if their pages had been read; return the assets' ids by key."""
    for row in files.workspace["properties"]:
        add_property(session, row["domain"], brand_aliases=row["brand_aliases"], now=now)
    ids = {}
    for row in files.workspace["assets"]:
        asset = add_asset(session, _draft(row), now=now)
        note_asset_text(session, asset.key, row["text"], language="en", now=now)
        ids[row["key"]] = asset.key
    return ids


def _draft(row: dict[str, Any]) -> AssetDraft:
    return AssetDraft(
        url=row["url"],
        title=row["title"],
        kind=AssetKind(row["kind"]),
        summary=row["summary"],
        topics=tuple(row["topics"]),
        keywords=tuple(row["keywords"]),
        hook=row["hook"],
        suggested_anchors=tuple(row["suggested_anchors"]),
        language="en",
    )


def import_files(
    database: Database, scope: Scope, files: SampleFiles, tools: SampleTools, clock: StoryClock
) -> None:
    """Import the sample's files the way a dropped file is imported."""
    imports = ImportTools(data_dir=tools.data_dir, key=tools.key, clock=clock)
    for name in IMPORTED:
        with (files.folder / name).open("rb") as stream:
            import_file_id = keep_and_recognise(
                database, scope, stream, name, data_dir=tools.data_dir
            )
        with database.writing(scope) as session:
            job_id = begin_import(session, import_file_id, now=clock()).key
            claim_job(session, job_id, now=clock())
        run_import(database, scope, job_id, imports)


def add_ranks(session: Session, files: SampleFiles, *, now: datetime) -> None:
    """Keep the ranks that open lists really give the real sites among the prospects."""
    ids = site_ids(session, [row["domain"] for row in files.ranks])
    for column, (source, day) in _RANKS.items():
        values = [(ids[row["domain"]], float(row[column])) for row in files.ranks if row[column]]
        record_metrics(session, source, values, measured_on=day, now=now)


def score(database: Database, scope: Scope, clock: StoryClock) -> None:
    """Score every prospect, as the worker would."""
    with database.writing(scope) as session:
        job_id = request_scoring(session).key
        claim_job(session, job_id, now=clock())
    score_prospects(database, scope, job_id, clock)


def add_people(session: Session, files: SampleFiles, *, key: str, now: datetime) -> None:
    """Add the people of the sample's own publishers, and offers that pages would have shown."""
    domains = {row["domain"] for row in files.people}
    sites = site_ids(session, domains)
    for row in files.people:
        add_contact(session, _details(session, row, sites[row["domain"]]), key=key, now=now)
    note_sites(session, sites.values())
    for domain, address, url, snippet in files.workspace["found_addresses"]:
        entry = FoundAddressEntry(address_of(address), url, snippet)
        offer_found_addresses(session, sites[domain], [entry], now=now)


def _details(session: Session, row: dict[str, str], site_id: int) -> ContactDetails:
    prospect = prospect_of(session, row["domain"])
    kind = ContactKind(row["kind"])
    return ContactDetails(
        site_id=site_id,
        kind=kind,
        name=row["name"],
        role=row["role"],
        address=address_of(row["address"]),
        outlet=prospect.title if kind is ContactKind.JOURNALIST else "",
        beat=row["beat"],
        country=row["country"],
        language="en",
        lawful_basis=LawfulBasis.PUBLISHED_FOR_PURPOSE
        if kind is ContactKind.ROLE_ADDRESS
        else LawfulBasis.LEGITIMATE_INTEREST,
        source_url=f"https://{row['domain']}/about",
    )


def add_decisions(session: Session, files: SampleFiles, *, now: datetime) -> None:
    """Approve, reject and put aside what somebody would have looked at by now."""
    said = files.workspace
    known = {row["domain"] for row in [*files.story["pitches"], *files.story["waiting"]]}
    approved = prospect_ids(session, known | set(said["approved"]))
    decide_many(session, approved.values(), Decision(Review.APPROVED), now=now)
    for domain, reason in said["rejected"]:
        decision = Decision(Review.REJECTED, reason)
        decide(session, prospect_of(session, domain).key, decision, now=now)
    later = prospect_ids(session, said["later"])
    decide_many(session, later.values(), Decision(Review.LATER), now=now)
    for domain, notes in said["notes"].items():
        prospect = prospect_of(session, domain)
        edit_prospect(session, prospect, title=prospect.title, notes=notes, owner_id=None)


def add_suppressions(session: Session, files: SampleFiles, *, key: str, now: datetime) -> None:
    """Suppress who asked for it before the story begins."""
    for row in files.workspace["suppressions"]:
        reason, note = SuppressionReason(row["reason"]), row["note"]
        if "domain" in row:
            suppress_domain(session, row["domain"], reason, now=now, note=note)
        else:
            address = address_of(row["address"])
            suppress_address(session, address, reason, key=key, now=now, note=note)


def prospect_of(session: Session, domain: str) -> Prospect:
    """Return the prospect of a domain the sample's files name.

    Raises:
        Invalid: The files contradict each other.
    """
    found = find_prospect(session, domain)
    if found is None:
        raise Invalid(f"The sample's files name {domain}, which is among none of its prospects.")
    return found


def address_of(text: str) -> MailAddress:
    """Return an address the sample's files name.

    Raises:
        Invalid: It is none.
    """
    found = parse_mail_address(text)
    if found is None:
        raise Invalid(f"The sample's files name {text!r}, which is no address.")
    return found


def days_before(now: datetime, days: float) -> datetime:
    """Return a moment some days before another, at nine in the morning UTC."""
    day = datetime.fromtimestamp(now.timestamp() - days * 86_400, tz=UTC)
    return day.replace(hour=9, minute=0, second=0, microsecond=0)
