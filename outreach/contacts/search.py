"""The words contacts are found by: what goes into the search index, and how a list asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from outreach.contacts.models import Contact
from outreach.contacts.tagging import USES
from outreach.core.db.search_plan import plan_search
from outreach.core.db.searched import SearchedTable
from outreach.core.db.words import WordIndex
from outreach.fields.queries import texts_of_records
from outreach.fields.words import FieldSubject
from outreach.notes.queries import notes_about
from outreach.sites.models import Site

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from outreach.core.db import Session
    from outreach.core.db.search_plan import SearchPlan
    from outreach.core.db.searched import RecordWords
    from outreach.core.words import Question


def _words_of(session: Session, contacts: Collection[int]) -> dict[int, RecordWords]:
    rows = session.exec(
        select(Contact, Site.domain)
        .outerjoin(Site, col(Site.id) == Contact.site_id)
        .where(col(Contact.id).in_(sorted(contacts)))
    ).all()
    beside: dict[int, list[str]] = {}
    for key, text in _beside(session, [row.key for row, _ in rows]):
        beside.setdefault(key, []).append(text)
    return {row.key: _words(row, domain or "", beside.get(row.key, [])) for row, domain in rows}


def _words(contact: Contact, domain: str, beside: list[str]) -> RecordWords:
    if not contact.is_current:
        return (), ()  # an erased person is found by nothing
    names = (contact.name, contact.address or "", contact.outlet, domain)
    return names, (contact.role, contact.beat, contact.notes, *beside)


def _beside(session: Session, ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """Yield what people put beside the records: notes, names of tags, fields of their own."""
    for note in notes_about(session, "contact", ids):
        yield note.subject_id, note.body
    for key, tags in USES.of_records(session, ids).items():
        yield from ((key, name) for _, name, _ in tags)
    yield from texts_of_records(session, FieldSubject.CONTACT, ids)


SEARCHED_CONTACTS = SearchedTable(
    Contact, WordIndex("contact_fts"), _words_of, ("name", "address", "outlet")
)


def plan_contact_search(session: Session, question: Question, *, records: int) -> SearchPlan:
    """Choose how to find contacts; put its `condition(col(Contact.id))` into the select."""
    return plan_search(session, SEARCHED_CONTACTS.index, question, records=records)
