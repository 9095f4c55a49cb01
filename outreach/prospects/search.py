"""The words prospects are found by: what goes into the search index, and how a list asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import col, func, select

from outreach.core.db.searched import SearchedTable
from outreach.core.db.words import WordIndex
from outreach.prospects.models import Prospect, ProspectPage

if TYPE_CHECKING:
    from collections.abc import Collection

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
    said = said.where(col(page.prospect_id).in_(wanted)).order_by(col(page.id))
    for row in session.exec(said):
        texts[row[0]] += row[1:]
    return {key: (names[key], tuple(filter(None, texts[key]))) for key in names}


SEARCHED_PROSPECTS = SearchedTable(
    Prospect, WordIndex("prospect_fts"), _words_of, ("domain", "title")
)


def plan_prospect_search(
    session: Session, question: Question, *, records: int | None = None
) -> SearchPlan:
    """Choose how to find prospects, those included whose changes are not indexed yet."""
    return SEARCHED_PROSPECTS.plan(session, question, records=records)
