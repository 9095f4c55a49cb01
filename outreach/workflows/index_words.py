"""Put the words of changed records into the search index.

Words are read and taken apart outside any writing transaction. Then, in a short one, the records
are held, their words are read once more, and only those that still say the same are indexed:
whatever changed meanwhile stays on the list. Several workers may do this at once, and one may be
killed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outreach.contacts import tagging as contact_tags
from outreach.contacts.search import SEARCHED_CONTACTS
from outreach.core.db import SYSTEM, Scope
from outreach.core.words import index_words as taken_apart
from outreach.prospects import tagging as prospect_tags
from outreach.prospects.search import SEARCHED_PROSPECTS
from outreach.workflows.write_gaps import WriteGaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from outreach.core.db import Database
    from outreach.core.db.searched import RecordWords, SearchedTable

SEARCHED: tuple[SearchedTable, ...] = (SEARCHED_PROSPECTS, SEARCHED_CONTACTS)

RECORDS_AT_ONCE = 1_000
_WORDS_AT_ONCE = 30_000  # so that a writing transaction stays short
_SWEPT_AT_ONCE = 5_000
_MARKED_AT_ONCE = 1_000
_TIDIED_AFTER = 5_000


@dataclass(frozen=True, slots=True)
class _Prepared:
    """One record's words, and what they were made from."""

    record_id: int
    source: RecordWords
    words: list[str]


def index_words(
    database: Database,
    scope: Scope,
    limit: int,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> int:
    """Index up to so many waiting records of a workspace; return how many were done."""
    done, gaps = 0, WriteGaps()
    for table in SEARCHED:
        while done < limit:
            with database.reading(scope) as session:
                ids = table.waiting(session, limit=min(RECORDS_AT_ONCE, limit - done))
                sources = table.words_of(session, ids)
            if not ids:
                break
            written = sum(_write(database, scope, table, part, gaps) for part in _portions(sources))
            if not written:
                break  # another worker has them, or they change faster than this reads
            done += written
            on_progress(done)
    if done >= _TIDIED_AFTER:
        tidy_index(database)
    return done


def tidy_index(database: Database) -> None:
    """Merge what writing has left in parts, a little in each transaction."""
    gaps = WriteGaps()
    for table in SEARCHED:
        is_begun = False
        while True:
            gaps.wait()
            with database.system() as session:
                has_more = table.index.tidy(session, is_begun=is_begun)
            gaps.start()
            if not has_more:
                break
            is_begun = True


def rebuild(
    database: Database, scope: Scope, on_progress: Callable[[int], None] = lambda _done: None
) -> int:
    """Index every record of a workspace anew; return how many were done."""
    for table in SEARCHED:
        after = 0
        while True:
            with database.writing(scope) as session:
                ids = table.page_of_ids(session, after=after, limit=_SWEPT_AT_ONCE)
                table.mark_stale(session, ids)
            if not ids:
                break
            after = ids[-1]
    return index_words(database, scope, sys.maxsize, on_progress)


def index_tagged_anew(database: Database, scope: Scope, tag_id: int) -> None:
    """Let every record of a tag be indexed again, for the tag is called otherwise now."""
    gaps = WriteGaps()
    for uses in (prospect_tags.USES, contact_tags.USES):
        after = 0
        while True:
            gaps.wait()
            with database.writing(scope) as session:
                after = uses.index_anew(session, tag_id, after=after, limit=_MARKED_AT_ONCE)
            gaps.start()
            if not after:
                break


def workspaces_waiting(database: Database, workspace_ids: list[int]) -> list[int]:
    """Return those of the workspaces in which a record waits to be indexed."""
    return [key for key in workspace_ids if _is_waiting(database, Scope(key))]


def count_waiting(database: Database) -> int:
    """Count the records of all workspaces that wait to be indexed."""
    with database.reading(SYSTEM) as session:
        return sum(table.count_waiting(session) for table in SEARCHED)


def forget_the_gone(database: Database) -> int:
    """Forget the words of records that are no longer there; return how many were forgotten."""
    forgotten = 0
    for table in SEARCHED:
        after = 0
        while True:
            with database.reading(SYSTEM) as session:
                ids = table.index.all_ids(session, after=after, limit=_SWEPT_AT_ONCE)
                gone = set(ids) - table.known(session, ids)
            if not ids:
                break
            after = ids[-1]
            if gone:
                forgotten += _forget(database, table, gone)
    return forgotten


def _forget(database: Database, table: SearchedTable, gone: set[int]) -> int:
    with database.system() as session:
        still_gone = gone - table.known(session, gone)  # an id may have been given anew
        table.index.remove(session, still_gone)
    return len(still_gone)


def _is_waiting(database: Database, scope: Scope) -> bool:
    with database.reading(scope) as session:
        return any(table.waiting(session, limit=1) for table in SEARCHED)


def _portions(sources: dict[int, RecordWords]) -> Iterator[list[_Prepared]]:
    """Take the records' words apart, and yield them so many words at a time."""
    portion, size = list[_Prepared](), 0
    for record_id, (names, texts) in sources.items():
        words = taken_apart(names, texts)
        portion.append(_Prepared(record_id, (names, texts), words))
        size += len(words)
        if size >= _WORDS_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _write(
    database: Database,
    scope: Scope,
    table: SearchedTable,
    portion: list[_Prepared],
    gaps: WriteGaps,
) -> int:
    gaps.wait()
    with database.writing(scope) as session:
        held = table.hold_waiting(session, [record.record_id for record in portion])
        now = table.words_of(session, held)
        same = {
            record.record_id: record.words
            for record in portion
            if now.get(record.record_id) == record.source
        }
        table.index.put(session, same)
        table.note_indexed(session, same)
    gaps.start()
    return len(same)
