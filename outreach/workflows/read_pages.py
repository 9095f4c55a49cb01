"""Reading pages from the web: our assets and prospects' pages, as a job with progress.

Pages are taken in chunks in a fixed order, and the job counts what is written, so that a killed
worker's successor goes on where it stopped. Addresses are offered, never added.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from outreach.accounts.queries import installation_switch
from outreach.accounts.services import WEB_ACCESS
from outreach.activity.services import Subject, finish_job, get_job, note_progress, queue_job
from outreach.activity.words import JobState
from outreach.assets.page_texts import (
    assets_to_read,
    count_unreadable,
    note_asset_text,
    note_asset_unreadable,
)
from outreach.contacts.services import FoundAddressEntry, offer_found_addresses
from outreach.core.addresses import parse_mail_address
from outreach.core.errors import Invalid, Unavailable
from outreach.links.judging import Expected, judge
from outreach.links.words import REASON_SENTENCES, CheckReason
from outreach.ports.pages import FetchFailure, PageFacts, PageRequest, PageResult
from outreach.prospects.given_links import sites_linked_from
from outreach.prospects.page_texts import (
    PageText,
    PageToRead,
    count_unread,
    note_page_texts,
    pages_to_read,
    prospects_without_page,
)
from outreach.prospects.services import PageDraft, add_page
from outreach.workflows.score_prospects import request_scoring
from outreach.workflows.win_link import WEB_IS_OFF

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from outreach.activity.models import Job
    from outreach.core.db import Database, Scope, Session
    from outreach.ports.pages import PageFetcher

KIND = "read_pages"
MOST_AT_ONCE = 5_000
CHUNK = 40
_RENEW_AFTER = timedelta(seconds=20)  # a slow host must not cost us the job's lease
_MOST_ADDRESSES = 20  # a page that shows more is a directory


@dataclass(frozen=True, slots=True)
class ReadingDone:
    """How a reading ended."""

    read_count: int
    total_count: int


@dataclass(frozen=True, slots=True)
class _Item:
    """One page of the job: an asset, or a prospect's page."""

    url: str
    asset_id: int = 0
    page: PageToRead | None = None


def request_reading(
    session: Session,
    *,
    asset_ids: Collection[int] = (),
    page_ids: Collection[int] = (),
    prospect_ids: Collection[int] = (),
) -> Job:
    """Queue the reading of assets, of prospects' pages, or of the best pages of prospects.

    A prospect of which no page is known gets its home page.

    Raises:
        Invalid: Nothing was chosen, or too much.
    """
    chosen = len(asset_ids) + len(page_ids) + len(prospect_ids)
    if not chosen:
        raise Invalid("Choose what to read first.")
    if chosen > MOST_AT_ONCE:
        raise Invalid(f"Choose at most {MOST_AT_ONCE:,} at once.")
    for prospect in prospects_without_page(session, prospect_ids):
        add_page(session, prospect, f"https://{prospect.domain}/", PageDraft())
    pages = pages_to_read(session, page_ids=page_ids, prospect_ids=prospect_ids)
    arguments: dict[str, object] = {
        "asset_ids": [asset_id for asset_id, _ in assets_to_read(session, asset_ids)],
        "page_ids": [page.page_id for page in pages],
    }
    subject = None
    if chosen == 1 and asset_ids:
        subject = Subject("asset", next(iter(asset_ids)))
    elif chosen == 1 and prospect_ids:
        subject = Subject("prospect", next(iter(prospect_ids)))
    total = sum(len(ids) for ids in arguments.values() if isinstance(ids, list))
    return queue_job(session, KIND, subject=subject, arguments=arguments, total=total)


def read_pages(
    database: Database, fetcher: PageFetcher, scope: Scope, job_id: int, *, now: datetime
) -> ReadingDone | None:
    """Read the pages of a job and end it with a sentence; None when somebody cancelled it.

    Raises:
        Unavailable: Web access is off.
    """
    with database.reading(scope) as session:
        if not installation_switch(session, WEB_ACCESS):
            raise Unavailable(WEB_IS_OFF)
        job = get_job(session, job_id)
        items = _items_of(session, job)
    keeper = _JobKeeper(database, scope, job, renewed_at=now)
    for start in range(job.done_count, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        results = keeper.fetch(fetcher, chunk)
        if results is None or not keeper.write(chunk, results):
            return None
    return keeper.finish(items)


def _items_of(session: Session, job: Job) -> list[_Item]:
    assets = assets_to_read(session, _ids(job, "asset_ids"))
    pages = pages_to_read(session, page_ids=_ids(job, "page_ids"))
    return [
        *(_Item(url, asset_id=asset_id) for asset_id, url in assets),
        *(_Item(page.url, page=page) for page in pages),
    ]


def _ids(job: Job, name: str) -> list[int]:
    given = job.arguments.get(name)
    return [int(value) for value in given] if isinstance(given, list) else []


@dataclass(slots=True)
class _JobKeeper:
    """The job's row, kept alive while pages come in, and written with them."""

    database: Database
    scope: Scope
    job: Job
    renewed_at: datetime
    offered: int = 0

    def fetch(self, fetcher: PageFetcher, chunk: list[_Item]) -> dict[int, PageResult] | None:
        """Look at a chunk of pages; None when the job was cancelled meanwhile."""
        requests = [PageRequest(item.url, key=place) for place, item in enumerate(chunk)]
        results: dict[int, PageResult] = {}
        for result in fetcher.fetch(requests):
            results[result.request.key] = result
            if result.fetched_at - self.renewed_at > _RENEW_AFTER and not self._renew(result):
                return None
        return results

    def _renew(self, result: PageResult) -> bool:
        self.renewed_at = result.fetched_at
        with self.database.writing(self.scope) as session:
            return note_progress(session, self.job, now=result.fetched_at)

    def write(self, chunk: list[_Item], results: dict[int, PageResult]) -> bool:
        """Write what a chunk said together with the job's count; False when it was cancelled."""
        at = max((result.fetched_at for result in results.values()), default=self.renewed_at)
        self.job.done_count += len(chunk)
        with self.database.writing(self.scope) as session:
            if not note_progress(session, self.job, now=max(at, self.renewed_at)):
                return False
            self.offered += _write_chunk(session, chunk, results, at)
        self.renewed_at = max(at, self.renewed_at)
        return True

    def finish(self, items: list[_Item]) -> ReadingDone:
        """End the job with a sentence."""
        pages = [item.page for item in items if item.page is not None]
        asset_ids = [item.asset_id for item in items if item.asset_id]
        with self.database.writing(self.scope) as session:
            failed = count_unread(session, [page.page_id for page in pages])
            failed += count_unreadable(session, asset_ids)
            sentence = _sentence(len(items), failed, self.offered)
            finish_job(session, self.job.key, JobState.DONE, sentence, now=self.renewed_at)
            if failed < len(items):
                request_scoring(session)
        return ReadingDone(len(items) - failed, len(items))


def _write_chunk(
    session: Session, chunk: list[_Item], results: dict[int, PageResult], now: datetime
) -> int:
    """Keep what a chunk of pages said; return how many addresses are newly offered."""
    texts: list[PageText] = []
    offered = 0
    for place, item in enumerate(chunk):
        outcome = results[place].outcome if place in results else None
        failure = _failure(outcome)
        facts = outcome if isinstance(outcome, PageFacts) and not failure else None
        if item.page is not None:
            texts.append(_text_of(item.page.page_id, facts, failure))
            offered += _offer(session, item.page.site_id, facts, now) if facts else 0
        elif facts is not None:
            note_asset_text(session, item.asset_id, facts.text, language=facts.language, now=now)
        else:
            note_asset_unreadable(session, item.asset_id, failure)
    note_page_texts(session, texts, now=now)
    return offered


def _text_of(page_id: int, facts: PageFacts | None, failure: str) -> PageText:
    if facts is None:
        return PageText(page_id, failure=failure)
    return PageText(
        page_id,
        facts.title,
        facts.description,
        facts.language,
        facts.text,
        gives_links_to=sites_linked_from(facts),
    )


def _failure(outcome: PageFacts | FetchFailure | None) -> str:
    """Say why a page could not be read, "" when it was; a look that tells nothing reads nothing."""
    if outcome is None:
        return "There was no answer."
    if isinstance(outcome, PageFacts) and outcome.text:
        return ""
    reason = judge(outcome, Expected()).reason
    if isinstance(outcome, FetchFailure) or reason in {
        CheckReason.LOGIN,
        CheckReason.BUILT_BY_SCRIPT,
    }:
        return REASON_SENTENCES[reason]
    return "The page has no text."


def _offer(session: Session, site_id: int, facts: PageFacts, now: datetime) -> int:
    entries = []
    for found in facts.addresses[:_MOST_ADDRESSES]:
        address = parse_mail_address(found.address)
        if address is not None:
            entries.append(FoundAddressEntry(address, facts.final_url, found.context))
    return offer_found_addresses(session, site_id, entries, now=now) if entries else 0


def _sentence(total: int, failed: int, offered: int) -> str:
    said = f"Read {total - failed:,} of {total:,} pages."
    if failed:
        said += f" {failed:,} could not be read; each says why."
    if offered:
        said += f" {offered:,} addresses were found and are offered as contacts."
    return said
