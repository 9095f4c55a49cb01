"""Score every prospect against every asset, and write only what changed.

Vectors of new and changed pages are built first, in sets. Then everything is compared in memory,
outside any transaction, and the differences are written in short ones; a job that is killed simply
starts over and finds less to write.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from outreach.activity.services import finish_job, get_job, note_progress, queue_job
from outreach.activity.words import JobState
from outreach.assets.queries import all_assets
from outreach.prospects.services import Scores, note_scores
from outreach.scoring.queries import (
    find_waiting_job,
    hold_still,
    page_relevances,
    pages_without_vector,
    unchanged_pages,
    words_of_pages,
)
from outreach.scoring.relevance import ENGINE, page_vector
from outreach.scoring.services import (
    drop_cards_but,
    save_cards,
    save_page_relevances,
    save_vectors,
)
from outreach.workflows.scoring_run import Comparison, read_comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from outreach.activity.models import Job
    from outreach.core.db import Database, Scope, Session
    from outreach.scoring.queries import PageWords
    from outreach.scoring.term_vectors import TermVector

Item = TypeVar("Item")

SCORE_JOB = "score_prospects"
_PAGES_AT_ONCE = 500
_CARDS_AT_ONCE = 500
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Scored:
    """What a scoring changed."""

    vector_count: int
    card_count: int
    prospect_count: int


class _Stopped(Exception):
    """Somebody cancelled the job, or another worker took it over."""


def request_scoring(session: Session) -> Job:
    """Queue a scoring of the workspace, unless one is waiting already."""
    return find_waiting_job(session, SCORE_JOB) or queue_job(session, SCORE_JOB)


def score_prospects(
    database: Database,
    scope: Scope,
    job_id: int,
    clock: Callable[[], datetime],
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Scored | None:
    """Score a workspace and end the job; None when it was cancelled. The caller claimed the job."""
    with database.reading(scope) as session:
        job = get_job(session, job_id)
    run = _Run(database, scope, job, clock, on_progress)
    try:
        return run.score()
    except _Stopped:
        return None


class _Run:
    """One scoring of one workspace; every transaction of it opens in `_write`."""

    def __init__(
        self,
        database: Database,
        scope: Scope,
        job: Job,
        clock: Callable[[], datetime],
        on_progress: Callable[[int, int], None],
    ) -> None:
        self._database = database
        self._scope = scope
        self._job = job
        self._clock = clock
        self._on_progress = on_progress

    def score(self) -> Scored:
        """Build missing vectors, compare, write what changed, end the job."""
        vectors = self._build_vectors()
        with self._database.reading(self._scope) as session:
            hold_still(session)
            assets = all_assets(session)
            comparison = read_comparison(session, assets)
            shown = page_relevances(session)
        pages = comparison.changed_pages(shown)
        for rows in _sets(pages, _ROWS_AT_ONCE):
            self._write(partial(save_page_relevances, rows=rows))
        self._expect(comparison.changed_count)
        cards = 0
        for asset_id in comparison.asset_ids:
            cards += self._write_cards(comparison, asset_id)
        prospects = 0
        for changed in _sets(comparison.changed_prospects(), _ROWS_AT_ONCE):
            prospects += self._note(changed)
        with self._database.writing(self._scope) as session:
            drop_cards_but(session, comparison.asset_ids)
            sentence = _sentence(comparison, cards)
            finish_job(session, self._job.key, JobState.DONE, sentence, now=self._clock())
        return Scored(vectors, cards, prospects)

    def _build_vectors(self) -> int:
        built = after = 0
        while True:
            with self._database.reading(self._scope) as session:
                pages = pages_without_vector(session, ENGINE, after=after, limit=_PAGES_AT_ONCE)
            if not pages:
                return built
            vectors = {page.id: vector_of(page) for page in pages}
            self._write(partial(self._save_vectors, pages=pages, vectors=vectors))
            after, built = pages[-1].id, built + len(pages)

    def _save_vectors(
        self, session: Session, pages: list[PageWords], vectors: dict[int, TermVector]
    ) -> None:
        """Keep the vectors of pages whose words are still those they were built from."""
        current = unchanged_pages(session, pages)
        kept = {page_id: vector for page_id, vector in vectors.items() if page_id in current}
        save_vectors(session, kept, ENGINE, now=self._clock())

    def _write_cards(self, comparison: Comparison, asset_id: int) -> int:
        written = 0
        for pairs in _sets(comparison.changed_pairs(asset_id), _CARDS_AT_ONCE):
            wanted = {page_id for _, page_id in pairs if page_id is not None}
            with self._database.reading(self._scope) as session:
                words = words_of_pages(session, wanted)
            vectors = {page_id: vector_of(page) for page_id, page in words.items()}
            cards = [
                comparison.card(asset_id, prospect_id, vectors.get(page_id or 0))
                for prospect_id, page_id in pairs
            ]
            self._job.done_count += len(cards)
            self._write(partial(save_cards, cards=cards, engine=ENGINE, now=self._clock()))
            written += len(cards)
            self._on_progress(self._job.done_count, self._job.total_count or 0)
        return written

    def _note(self, changed: list[Scores]) -> int:
        self._write(partial(note_scores, rows=changed))
        return len(changed)

    def _expect(self, total: int) -> None:
        self._job.done_count, self._job.total_count = 0, total

    def _write(self, change: Callable[[Session], object]) -> None:
        with self._database.writing(self._scope) as session:
            if not note_progress(session, self._job, now=self._clock(), sentence="Scoring."):
                raise _Stopped
            change(session)


def vector_of(page: PageWords) -> TermVector:
    """Weigh the terms of a page as it is kept."""
    return page_vector(
        title=page.title, description=page.description, text=page.text, language=page.language
    )


def _sets(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    waiting = iter(items)
    while found := list(islice(waiting, size)):
        yield found


def _sentence(comparison: Comparison, cards: int) -> str:
    assets, prospects = len(comparison.asset_ids), comparison.prospect_count
    if not assets:
        return "There is no asset to score against yet; authority is up to date."
    return (
        f"Scored {prospects:,} prospect{'s' if prospects != 1 else ''} against {assets} "
        f"asset{'s' if assets != 1 else ''}; {cards:,} score{'s' if cards != 1 else ''} changed."
    )
