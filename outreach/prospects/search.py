"""The words prospects are found by: what goes into the search index, and how a list asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, func, select

from outreach.core.db.searched import SearchedTable
from outreach.core.db.words import WordIndex
from outreach.fields.queries import texts_of_records
from outreach.fields.words import FieldSubject
from outreach.notes.queries import notes_about
from outreach.prospects.models import Prospect, ProspectPage
from outreach.prospects.tagging import USES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from outreach.core.db import Session
    from outreach.core.db.search_plan import SearchPlan
    from outreach.core.db.searched import RecordWords
    from outreach.core.words import Question

LETTERS_OF_A_PAGE = 8_000


def _words_of(session: Session, prospects: Collection[int]) -> dict[int, RecordWords]:
    wanted, page = sorted(prospects), ProspectPage
    about: Any = select(  # type: ignore[call-overload]
        Prospect.id, Prospect.domain, Prospect.title, Prospect.notes, Prospect.topic
    )
    names: dict[int, tuple[str, ...]] = {}
    texts: dict[int, list[str]] = {}
    for key, domain, title, *more in session.exec(about.where(col(Prospect.id).in_(wanted))):
        names[key], texts[key] = (domain, title), more
    start = func.substr(page.text, 1, LETTERS_OF_A_PAGE)
    said: Any = select(  # type: ignore[call-overload]
        page.prospect_id, page.title, page.description, page.topic, start
    )
    # By the prospect first: by the page alone, SQLite reads every page there is in their order.
    said = said.where(col(page.prospect_id).in_(wanted))
    said = said.order_by(col(page.prospect_id), col(page.id))
    for row in session.exec(said):
        texts[row[0]] += row[1:]
    for key, text in _beside(session, names):
        texts[key].append(text)
    return {key: (names[key], tuple(filter(None, texts[key]))) for key in names}


def _beside(session: Session, ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """Yield what people put beside the records: notes, names of tags, fields of their own."""
    for note in notes_about(session, "prospect", ids):
        yield note.subject_id, note.body
    for key, tags in USES.of_records(session, ids).items():
        yield from ((key, name) for _, name, _ in tags)
    yield from texts_of_records(session, FieldSubject.PROSPECT, ids)


SEARCHED_PROSPECTS = SearchedTable(
    Prospect, WordIndex("prospect_fts"), _words_of, ("domain", "title")
)


def plan_prospect_search(
    session: Session, question: Question, *, records: int | None = None
) -> SearchPlan:
    """Choose how to find prospects, those included whose changes are not indexed yet."""
    return SEARCHED_PROSPECTS.plan(session, question, records=records)
